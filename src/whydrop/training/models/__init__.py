"""Networks, one a file; each takes a batch and returns logits (n, classes)."""
