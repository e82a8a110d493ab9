"""Fault injection: killed workers, restarted servers."""
