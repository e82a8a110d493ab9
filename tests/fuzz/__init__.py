"""Mutated uploads over every upload route, and what the workers' readers make of those that are taken."""
