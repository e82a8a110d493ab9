"""The commands `neurflow migrate`, `settings` and `sweeper`."""
