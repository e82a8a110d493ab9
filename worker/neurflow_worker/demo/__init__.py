"""The whole application on one machine: its processes watched over, and the first circuits asked for."""
