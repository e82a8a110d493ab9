"""The whole application on one machine: supervise its processes and request the first circuits."""
