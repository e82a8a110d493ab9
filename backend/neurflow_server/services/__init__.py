"""Logic of routes that takes more than one query and does not belong to the store."""
