"""Recipes: a training as data, which can be read, compared, changed and run."""
