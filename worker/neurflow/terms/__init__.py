"""Terms that all packages share: parameters, class names, errors. Needs no PyTorch."""
