"""Tests of the workers on both databases, with made-up work if the engine does not matter."""
