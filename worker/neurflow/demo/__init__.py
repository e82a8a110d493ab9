"""The demo: a small network trained on photographs that come with the dependencies, so that all works offline."""
