"""What the front end and the server must agree on."""
