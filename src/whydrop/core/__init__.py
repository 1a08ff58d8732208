"""The types that travel between folders, and the errors."""
