# `make` alone lists what can be made. Everything runs in .venv, which is set up on first use and renewed when
# pyproject.toml or the lock file changes. Another Python: make test PYTHON=/path/to/python3.12

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= auto
ARGS ?=
DEMO_OUT ?= out/demo
REPORT_OUT ?= out/report

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
# Looked up only when a recipe needs it: the list of targets must come up without any Python.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	if $$p -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$p; break; fi; done)

# No network is asked twice for what is there: a quiet pip, and no look for a newer one.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo report test long check format bench golden lock build setup clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## Simulate the first scenario and draw its charts
	@$(BIN)/rollsim run scenarios/01-first-rollout.yaml --out $(DEMO_OUT)
	@echo
	@echo "Charts: $(DEMO_OUT)/timeline.png  $(DEMO_OUT)/availability.png  $(DEMO_OUT)/waterfall.png"

report: $(READY) ## Simulate many strategies for 50 replicas and write a page about them
	@$(BIN)/rollsim recommend scenarios/19-which-strategy.yaml \
		--axis maxSurge=0,1,10%,25%,50%,100% --axis maxUnavailable=0,1,10%,25% --resume \
		--require 'min_availability>=95%' --require 'peak_pods<=65' --out $(REPORT_OUT)
	@$(BIN)/rollsim report $(REPORT_OUT)

test: $(READY) ## Run the tests (ARGS="-k probe" passes options to pytest)
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

long: $(READY) ## Hold advice against rollouts of other seeds: the checks that take minutes
	@$(BIN)/python -m pytest -n 0 tests/long -o python_files='long_*.py' -o python_functions='long_*' -q $(ARGS)

check: $(READY) ## Lint, formatting, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

format: $(READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Run the benchmarks and write docs/benchmarks.md (ARGS="-k kernel" runs some)
	@$(BIN)/python -m pytest tests/bench -o python_files='bench_*.py' -o python_functions='bench_*' \
		-o addopts=--import-mode=importlib \
		--benchmark-only --benchmark-disable-gc --benchmark-columns=min,median,iqr,rounds -q $(ARGS)

golden: $(READY) ## Write the golden files anew: read the diff before you commit it
	ROLLSIM_REGENERATE=1 $(BIN)/python -m pytest -q -n 0 $(ARGS)
	git status --short tests schemas

lock: ## Pin the newest versions of everything in requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "rollsim needs Python 3.11 or newer" >&2; exit 1; }
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install -qq -e '.[dev]' hatchling editables
	{ sed -n '/^#/p' requirements-dev.lock; \
	  $(VENV)-lock/bin/python -m pip freeze --exclude-editable; } > requirements-dev.new
	mv requirements-dev.new requirements-dev.lock
	rm -rf $(VENV)-lock

build: $(READY) ## Build the wheel and the source archive into dist/
	$(BIN)/python -m hatchling build

setup: $(READY) ## Only set up .venv

$(READY): pyproject.toml requirements-dev.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo "make: rollsim needs Python 3.11 or newer with venv; none of python3.11, python3.12, python3.13, python3 is (PYTHON=... names one)" >&2; \
		exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "make: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON) (a minute, the first time only)" >&2
	@$(BIN)/python -c 'import pip; $(NEW_ENOUGH)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

clean: ## Remove what was made: .venv, caches, out/
	rm -rf $(VENV) $(VENV)-lock out build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find sim tests -name __pycache__ -type d -prune -exec rm -rf {} +
