"""A result as text, page, data and picture."""
