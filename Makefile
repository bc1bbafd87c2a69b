# Every verb of the project. `make` alone, or `make help`, lists them.
# A new machine needs Python 3.11 or newer, and make: everything else is installed here, in .venv and .cache.

VENV := .venv
PYTHON := $(VENV)/bin/python
NEEDED := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
# Says what takes more than a second, and shows a command's output only if it fails.
STEP := $(PYTHON) scripts/step.py
# Tests in three processes by default: the smallest machine has two cores, and a test waits for a fifth of its time.
WORKERS ?= 3

PYTEST := $(PYTHON) -m pytest --quiet --numprocesses $(WORKERS) --dist worksteal --durations=10 --durations-min=10

export PYTHONUTF8 := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help run test lint types schema demo pictures fix screenshots lock clean spa clients chromium

help: ## List these verbs
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: $(VENV)/.run spa ## Start the platform on http://127.0.0.1:8000, with its demonstration world
	@exec $(PYTHON) -m backend.cli run

test: $(VENV)/.test spa clients chromium lint types ## Check everything: style, types, imports, graph, screens, then every test
	@$(PYTHON) -m backend.cli schema --check
	@$(STEP) "Checking the screens' types" -- $(PYTHON) scripts/spa.py npm frontend run check
	@$(PYTEST) tests/browser; screens=$$?; $(PYTEST) --ignore tests/browser && exit $$screens

lint: $(VENV)/.test ## Style, format, and who may import whom
	@$(VENV)/bin/ruff check --quiet
	@$(VENV)/bin/ruff format --check --quiet
	@$(VENV)/bin/lint-imports --no-logo > .cache/imports.txt || { cat .cache/imports.txt; exit 1; }

types: $(VENV)/.test ## Strict types
	@$(VENV)/bin/mypy --no-error-summary

schema: $(VENV)/.run ## Write the graph to backend/schema/schema.graphql
	@$(PYTHON) -m backend.cli schema

demo: $(VENV)/.run ## Make the demonstration world again
	@$(PYTHON) -m backend.cli demo

pictures: $(VENV)/.test spa chromium ## Take the pictures of the guides again, in docs/images/guides
	@PICTURES=1 $(PYTHON) -m pytest --quiet tests/browser/test_guides.py

screenshots: $(VENV)/.test spa chromium ## Take a picture of every screen, in tests/browser/screenshots
	@SCREENSHOTS=1 $(PYTEST) tests/browser

fix: $(VENV)/.test ## Put style and format right
	@$(VENV)/bin/ruff check --quiet --fix-only --exit-zero
	@$(VENV)/bin/ruff format --quiet

# A change in a .in file changes no more than it must; UPGRADE=1 takes the newest of everything.
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --no-config $(if $(UPGRADE),--upgrade)
lock: $(VENV)/.test ## Lock requirements/*.in into requirements/*.txt (UPGRADE=1: to the newest)
	@cd requirements && for name in run test node; do ../$(LOCK) $$name.in --output-file $$name.txt > /dev/null; done

clean: ## Remove what was made, but data
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build \
		frontend/dist frontend/node_modules tests/*/node_modules

spa: $(PYTHON)
	@$(STEP) "Building the screens" -- $(PYTHON) scripts/spa.py

# Clients of other languages that tests run against the graph.
clients: $(PYTHON)
	@$(STEP) "Installing the clients that tests run" -- $(PYTHON) scripts/spa.py install tests/clients

chromium: $(PYTHON)
	@$(STEP) "Finding a browser for the tests" -- $(PYTHON) scripts/chromium.py

$(VENV)/.run: requirements/run.txt | $(PYTHON)
	@$(STEP) "Installing what the platform runs on" -- $(PIP_INSTALL) -r $<
	@$(PYTHON) scripts/command.py
	@touch $@

# What tests need includes what runs, in the same versions: no need to install that first.
$(VENV)/.test: requirements/test.txt requirements/run.txt | $(PYTHON) .cache
	@$(STEP) "Installing what the tests need" -- $(PIP_INSTALL) -r $<
	@$(PYTHON) scripts/command.py
	@touch $(VENV)/.run $@

.cache:
	@mkdir -p $@

$(PYTHON):
	@for candidate in python3 python3.13 python3.12 python3.11; do \
		if $$candidate $(NEEDED) 2> /dev/null; then \
			$$candidate -m venv $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "$$candidate could not make a virtual environment (on Debian and Ubuntu: apt install python3-venv)." >&2; \
			exit 1; \
		fi; \
	done; \
	echo "This needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo none)." >&2; \
	exit 1
