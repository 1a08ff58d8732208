"""What a model's outputs are worth: pure functions of NumPy arrays (labels, logits).

Labels are whole numbers (n,), logits (n, classes); shares are from 0 to 1.
"""
