"""Samples before and after augmentation, as picture, page, text and data."""
