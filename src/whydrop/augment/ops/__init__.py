"""The operations, one a module."""
