"""Commands of ``neurflow`` that need the store and the engine, one per module."""
