"""Journeys that a person makes, in Debian's Chromium, against a real server and real workers."""
