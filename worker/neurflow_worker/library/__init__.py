"""Load networks, data sets and lenses for jobs, with a cache in memory."""
