"""The demo: a small network trained on photographs that ship with the dependencies. Everything works offline."""
