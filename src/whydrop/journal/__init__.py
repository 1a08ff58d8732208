"""A study on disk: SQLite events, replayed."""
