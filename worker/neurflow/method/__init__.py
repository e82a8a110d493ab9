"""The NeurFlow method, one step per module: patches, activations, core neurons, groups, edges, importance."""
