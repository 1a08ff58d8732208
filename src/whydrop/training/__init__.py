"""Training: data, networks and the loop, each usable alone."""
