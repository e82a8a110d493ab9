"""Tests that fail when the documents contradict the code."""
