"""The steps of the NeurFlow method, a module each: patches, activations, core neurons, groups, edges, importance."""
