"""Maintenance of an installation: migrations, the sweeper, deletion of unused files, the list of workers."""
