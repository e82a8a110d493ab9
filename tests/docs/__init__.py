"""Tests that fail when the documents no longer say what the code does."""
