"""The life of a job: the API's part (``queue``), a worker's (``lease``) and the sweeper's (``sweep``)."""
