"""Networks: load them by name, capture them as a graph, cut them into layers, run slices between layers."""
