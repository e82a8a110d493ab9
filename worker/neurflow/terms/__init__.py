"""What the engine, the store and the server all need to know of: parameters, class names, errors. No PyTorch, no other room."""
