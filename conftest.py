"""Chance that is the same on every run, and docstring examples that are left out."""

import signal
from importlib.util import find_spec

from hypothesis import settings

# The docstring examples of demo and training need PyTorch; everything else does without.
collect_ignore = ["tests/fixtures/keras_batches.py"]  # a program that needs a backend of Keras
collect_ignore += [] if find_spec("torch") else ["src/whydrop/demo", "src/whydrop/training"]

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# A shell that runs the tests in the background has SIGINT ignored, and programs that they start
# would inherit that: then Ctrl-C could not be tested.
signal.signal(signal.SIGINT, signal.default_int_handler)
