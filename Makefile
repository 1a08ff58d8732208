# Two commands do everything on a machine that has only Python 3.11, make and pip:
#   make demo    set up, then find the planted culprits among eight differences
#   make test    set up, then check the code and run every test
SHELL := bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check format case

help: ## list these targets
	@grep -hE '^[a-z%-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.* ## /  make \1\t/' | expand -t 28

setup: .venv/.ready ## make .venv with the whydrop command in it

setup-dev: .venv/.ready-dev ## setup, and the tools for tests, checks and benchmarks

demo: setup ## find the planted culprits among eight differences, in two minutes
	$(BIN)/whydrop demo

test: setup-dev ## every check and every test
	scripts/browser
	scripts/check
	scripts/test

check: setup-dev ## lint, format, types, import contracts, changelog
	scripts/check

format: setup-dev ## rewrite the code in the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

case: setup-dev ## train the rows of a case, such as CASE=keras_port, and print them; a quarter of an hour
	nice $(BIN)/python examples/run_case.py $(CASE)

bench-%: setup-dev ## run benchmarks/%.py, such as bench-demo; minutes to an hour
	nice $(BIN)/python benchmarks/$*.py

# Torch comes first and by its pinned version: any later package then takes the one that is there.
# Hatchling is installed rather than fetched for each build, so that a repeated setup is offline.
.venv/.ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "whydrop needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "making .venv (a few minutes the first time)"; $(PYTHON) -m venv .venv; }
	@$(PIP) pip hatchling
	@$(PIP) torch
	@$(PIP) --no-build-isolation --editable '.[demo]'
	@touch $@

.venv/.ready-dev: .venv/.ready
	@$(PIP) --no-build-isolation --editable '.[demo,fast,plot,torch]' --group dev
	@touch $@
