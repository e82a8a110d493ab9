"""What routes do that is more than one query and is no business of the store."""
