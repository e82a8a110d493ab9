"""What goes over the wire: a module for each subject. Those that are answered have no defaults, and an example each."""
