"""A storm of faults over a whole installation, and what must be true after it: ``make chaos``."""
