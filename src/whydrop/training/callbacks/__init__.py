"""What is done beside the training, at its start, after a step, after an epoch, at its end."""
