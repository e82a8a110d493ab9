"""Tests of the store: settings, tables, jobs, stored files."""
