"""A job's life cycle: the API's part (``queue``), a worker's (``lease``) and the sweeper's (``sweep``)."""
