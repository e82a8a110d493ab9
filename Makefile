# Every command of the project. Run `make` to list them.

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
STAMP := $(VENV)/.installed
NPM := $(CURDIR)/frontend/npm.sh $(CURDIR)/$(BIN)
MODULES := frontend/node_modules/.package-lock.json
STARTED := $(shell date +%s)
PAGES := backend/neurflow_server/static/dist/manifest.json

.DEFAULT_GOAL := help
.PHONY: help setup frontend demo lint test test-slow bench bench-service bench-explorer bench-lens bench-sharing pictures chaos mutants fuzz train-demo schema types clean
# Parts of other commands, which run in parallel.
.PHONY: lint-python lint-pages test-pages

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv and install the dependencies, if needed

# Use an interpreter only if it runs, is new enough and can create an environment, whatever its name says.
$(STAMP): pyproject.toml constraints.txt
	@if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
			if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				echo "Creating $(VENV) with $$candidate"; \
				exec $$candidate -m venv --clear $(VENV); \
			fi; \
		done; \
		echo "No Python 3.11 or newer with its venv module found: install one and run make again" >&2; \
		exit 1; \
	fi
	@echo "Installing into $(VENV): takes minutes the first time"
	@$(PYTHON) -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[server,worker,client,dev]'
	@touch $@

frontend: $(PAGES) ## Build the pages, if needed

$(MODULES): frontend/package.json frontend/package-lock.json $(STAMP)
	@echo "Installing the build tools of the pages"
	@cd frontend && $(NPM) ci --silent
	@touch $@

$(PAGES): $(MODULES) frontend/vite.config.ts $(shell find frontend/src -type f)
	@cd frontend && $(NPM) run build --silent -- --logLevel warn

demo: setup frontend ## Run the whole application on http://127.0.0.1:8000 until Ctrl-C
	@$(BIN)/neurflow demo

lint: setup $(MODULES) ## Check style, types and the direction of imports
	@$(MAKE) --no-print-directory -j2 lint-python lint-pages

lint-python:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

lint-pages:
	@cd frontend && $(NPM) run check --silent

test-pages:
	@cd frontend && $(NPM) test --silent

# Redis and PostgreSQL are installed if possible; otherwise the tests that need them are skipped.
# pytest runs last, so that its last line is the last one printed; the line before says how long everything took.
# One process for each core with one thread each, because processes that all use every core slow each other down.
# Each process runs whole files, because the tests of a file share slow fixtures. The longest start first (tests/conftest.py).
test: setup $(MODULES) ## Run every check and every quick test
	@$(MAKE) --no-print-directory -j2 lint-python lint-pages frontend test-pages
	@echo "setup, checks, pages and their tests: $$(( $$(date +%s) - $(STARTED) )) s"
	@tests/services/install.sh
	@MAKE_TEST_STARTED=$(STARTED) OMP_NUM_THREADS=1 \
		$(BIN)/pytest -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

test-slow: setup frontend ## Run the tests that take minutes
	@$(BIN)/pytest -m slow

bench: setup ## Compare the engine with a textbook implementation of the method
	@$(PYTHON) tests/benchmarks/bench_engine.py

bench-service: setup ## Measure the service: responses under load, one worker and two (about six minutes)
	@$(PYTHON) -m tests.benchmarks.bench_service

bench-explorer: setup frontend ## Measure the pages in a real browser
	@$(PYTHON) -m tests.benchmarks.bench_explorer

bench-lens: setup frontend ## Measure the image lens: uploads, ten at once, knock-outs (about four minutes)
	@$(PYTHON) -m tests.benchmarks.bench_lens

bench-sharing: setup ## Measure sharing: 200 users following one circuit, and a note that reaches all of them
	@$(PYTHON) -m tests.benchmarks.bench_sharing

pictures: setup frontend ## Take screenshots of the main pages, into out/pictures
	@$(PYTHON) -m tests.benchmarks.take_pictures

chaos: setup ## Kill 300 processes of a busy installation, and check what is left (about half an hour, as root)
	@$(PYTHON) -m tests.chaos

mutants: setup ## Change the code in small ways and count what the tests notice (about two hours)
	@$(PYTHON) -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[mutants]'
	@OMP_NUM_THREADS=1 $(PYTHON) -m tests.mutants

fuzz: setup ## Send 10,000 mutated uploads over all upload routes (about five minutes)
	@OMP_NUM_THREADS=1 $(PYTHON) -W ignore -m tests.fuzz

train-demo: setup ## Train the demo network again (about a quarter of an hour on two cores)
	@$(BIN)/neurflow train-demo --out worker/neurflow/demo

schema: setup ## Regenerate the JSON Schema of circuit files, after a change to the dataclasses
	@$(PYTHON) -c 'import pathlib, neurflow.result.circuit_json as c; \
		pathlib.Path("worker/neurflow/result/circuit.schema.json").write_text(c.schema_text(), encoding="utf-8")'

types: $(MODULES) ## Regenerate the front end's API types and parameters, after a change to the API's schemas
	@$(PYTHON) -c 'import json, pathlib; from neurflow_server.app import create_app; \
		from neurflow_store.installation.settings import load_settings; \
		app = create_app(load_settings(home=pathlib.Path("out"))); \
		pathlib.Path("frontend/openapi.json").write_text(json.dumps(app.openapi(), indent=1), encoding="utf-8")'
	@cd frontend && $(NPM) run types --silent

clean: ## Remove the environment, caches and build output
	rm -rf $(VENV) frontend/node_modules backend/neurflow_server/static/dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find backend worker tests -type d -name __pycache__ -prune -exec rm -rf {} +
