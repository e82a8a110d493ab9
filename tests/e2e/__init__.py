"""Journeys of a user in Debian's Chromium, against a real server and real workers."""
