"""A pipeline inside PyTorch's DataLoader, Lightning and Keras."""
