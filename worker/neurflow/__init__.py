"""NeurFlow: from a network and images to a hierarchical circuit of neuron groups."""
