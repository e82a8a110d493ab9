"""Tests of archives from strangers."""
