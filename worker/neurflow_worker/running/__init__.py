"""What every job needs while it runs: its context, lease, progress, plan, problems and stored files."""
