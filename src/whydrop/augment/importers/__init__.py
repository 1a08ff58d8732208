"""Augmentations of other libraries as pipelines, with what had to be translated."""
