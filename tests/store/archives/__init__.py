"""Tests of uploaded archives."""
