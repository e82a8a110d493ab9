"""Commands of ``neurflow`` that need the store and the engine, a module for each."""
