"""Mutation testing: how many small changes of the code do the tests notice? See ``docs/mutants.md``."""
