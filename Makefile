# `make demo` and `make test` need nothing but Python 3.11+: they set everything up by themselves.
# Arguments are handed on: make demo ARGS="--no-serve --json", make test ARGS="-k readings".

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

ORACLE_WINDOWS ?= 2000

.PHONY: setup demo test oracle resilience check format build lock clean

setup:
	@$(PYTHON) tools/bootstrap.py

demo: setup
	@$(BIN)/plantpdm demo $(ARGS)

test:
	@$(PYTHON) tools/bootstrap.py --tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# Every promise of reliability in full: one JSON line each; it takes a while, and fails when one is broken.
resilience: setup
	@failed=0; for script in tests/resilience/r[0-9]*.py; do $(BIN)/python $$script $(ARGS) || failed=1; done; exit $$failed

# Every kernel against tsfresh on many more windows than `make test` has: some ten minutes.
oracle:
	@$(PYTHON) tools/bootstrap.py --tests
	@ORACLE_WINDOWS=$(ORACLE_WINDOWS) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --timeout 7200 tests/oracle $(ARGS)

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

build: setup
	@$(BIN)/python -m hatchling build

# Universal, hashed, and naming no host; plain pip installs it with --no-deps --require-hashes.
lock: setup
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --python-version 3.11 --quiet --output-file requirements.lock >/dev/null

clean:
	rm -rf .venv dist build serving/static serving/web/node_modules demo-home .mypy_cache .ruff_cache .hypothesis
	find src flows serving tests -name __pycache__ -type d -prune -exec rm -rf {} +
