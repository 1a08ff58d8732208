"""Nested settings in files: read safely, with their lines, and written again."""
