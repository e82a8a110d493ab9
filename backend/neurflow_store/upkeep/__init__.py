"""What keeps an installation in order: migrations, the sweeper, deletion of unused files, the list of workers."""
