"""In-memory caches, so that many users of the same circuit cause one query."""
