"""A training run that can be compared run for run."""
