"""Tests of the project's rules: imports, lengths of files, and what files must not contain."""
