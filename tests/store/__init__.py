"""Tests of what lasts: settings, tables, jobs, stored files."""
