"""Schemas of requests and responses: a module for each subject. Responses have no defaults, and one example each."""
