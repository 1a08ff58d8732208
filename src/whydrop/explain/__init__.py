"""The experiment: what runs, what to run next, where it runs, what it means."""
