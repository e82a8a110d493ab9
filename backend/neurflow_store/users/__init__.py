"""Users: their accounts, sign-in credentials, spaces, and the log of what they did."""
