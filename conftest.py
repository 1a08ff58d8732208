"""Chance that is the same on every run, and docstring examples that are left out."""

from importlib.util import find_spec

from hypothesis import settings

# The docstring examples of the demo need PyTorch; everything else does without.
collect_ignore = [] if find_spec("torch") else ["src/whydrop/demo"]

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
