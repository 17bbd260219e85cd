# One word runs everything. `make demo` and `make test` need Python 3.11 with venv, git and make,
# and set up the rest themselves.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

BIN := .venv/bin
SETUP := .venv/.made
FAST := -m "not server and not slow"
# The Pythons that the fast tests run on besides the one of .venv, where the machine has them.
OTHERS := 3.12 3.13
CODE = $(wildcard src tests benchmarks examples)
# Left empty, the oldest supported Python that works is taken.
PYTHON ?=

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(SETUP): requirements/dev.txt pyproject.toml tools/environment tools/pythons
	@tools/environment .venv "$${PYTHON:-$$(tools/pythons 3.11 3.12 3.13 | head -n 1)}" $<

.PHONY: setup
setup: $(SETUP) ## Make .venv with the pinned tools and the project in it.

.PHONY: demo
demo: $(SETUP) ## Run the main job on the embedded server.
	@$(BIN)/courriel demo

.PHONY: test
test: $(SETUP) servers test-all-pythons ## Run every test, real servers included.
	@$(BIN)/pytest

.PHONY: servers
servers: $(SETUP) ## Install the servers that the tests need (as root), or say which are missing.
	@$(BIN)/python tests/servers/install.py

.PHONY: test-all-pythons
test-all-pythons: $(SETUP) ## Run the fast tests on the other supported Pythons that are here.
	@for version in $(OTHERS); do \
	    python=$$(tools/pythons $$version); \
	    if [[ -z $$python || $$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])') == $$version ]]; then \
	        continue; \
	    fi; \
	    folder=build/python$$version; \
	    if [[ ! $$folder/.made -nt requirements/test.txt || ! $$folder/.made -nt pyproject.toml ]]; then \
	        tools/environment $$folder $$python requirements/test.txt; \
	    fi; \
	    echo "The fast tests on Python $$version"; \
	    $$folder/bin/python -m pytest --quiet $(FAST); \
	done

.PHONY: check
check: $(SETUP) ## Check format, lint, types and architecture, and run the fast tests.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(CODE)
	@$(BIN)/pyright $(CODE)
	@$(BIN)/pytest $(FAST)

.PHONY: format
format: $(SETUP) ## Format the code and mend what the linter can mend.
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(SETUP) ## Measure side by side with the peers, in one run.
	@$(BIN)/python -m benchmarks

build/.docs: requirements/docs.txt $(SETUP)
	@mkdir -p build
	@echo "Installing $< into .venv"
	@$(BIN)/python -m pip install -qq --no-input --disable-pip-version-check \
	    --root-user-action=ignore --require-hashes --requirement $<
	@touch $@

.PHONY: docs
docs: build/.docs ## Build the documentation into build/docs; a warning is an error.
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	@echo "build/docs/index.html"

.PHONY: lock
lock: $(SETUP) ## Pin the newest versions of the tools, with hashes.
	@for name in dev test docs; do \
	    $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	        --generate-hashes --no-emit-index-url --no-header --no-annotate \
	        $$([[ $$name == dev ]] || echo --constraint requirements/dev.txt) \
	        --output-file requirements/$$name.txt requirements/$$name.in; \
	done

.PHONY: package
package: $(SETUP) ## Build the wheel and the source archive into dist.
	@$(BIN)/python -m build --no-isolation --outdir dist .

.PHONY: clean
clean: ## Remove what was built; .venv stays.
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
