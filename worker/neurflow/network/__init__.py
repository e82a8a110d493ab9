"""Networks: loaded by name, captured as a graph, cut into layers, run in slices between them."""
