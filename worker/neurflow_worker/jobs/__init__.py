"""The kinds of jobs, one per module, and what they share."""
