"""What every part of the house needs to know: parameters, class names, errors. Needs no PyTorch."""
