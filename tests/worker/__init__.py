"""Tests of the workers: on both databases, with made-up work where the engine is not the point."""
