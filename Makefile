# `make run` and `make test` work on a fresh clone with Python 3.11+, make and a package registry; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
FUZZ_CASES ?= 20000
export HOST PORT
# Without compiling: Python compiles what it imports, which is a part, and keeps it.
INSTALL := pip install --no-compile --quiet --disable-pip-version-check
unexport PYTHONDONTWRITEBYTECODE # Python is started often: what it compiled once is kept

.DEFAULT_GOAL := help
SOAK_SECONDS ?= 360
.PHONY: help run test wheel clients fuzz soak bench check audit openapi fmt lock clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(VENV)/.run ## Set up, migrate, seed and serve on http://HOST:PORT
	@$(BIN)/python -m seed load --migrate --past
	@exec $(BIN)/immunofacts serve

test: $(VENV)/.dev $(VENV)-clients/.installed $(VENV)-graph/.installed ## Run every test on SQLite, and again on PostgreSQL what touches a database
	@log=$$(mktemp); TEST_ENGINE=postgresql $(BIN)/python -m pytest --numprocesses=1 >$$log 2>&1 & postgresql=$$!; \
	TEST_ENGINE=sqlite $(BIN)/python -m pytest; sqlite=$$?; \
	wait $$postgresql; code=$$?; echo "On PostgreSQL, meanwhile:"; cat $$log; rm $$log; exit $$((sqlite | code))

wheel: $(VENV)/.run ## Build the wheel, with the facts in it, into dist/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

clients: $(VENV)-clients/.built ## Generate the clients in Python and TypeScript, and build their packages into dist/

fuzz: $(VENV)/.dev ## Ask every operation what nobody would: FUZZ_CASES=20000
	@FUZZ_CASES=$(FUZZ_CASES) $(BIN)/python -m pytest -n 0 -s tests/api/test_fuzz.py -k at_length

soak: $(VENV)/.dev ## Mixed load while releases change and workers are killed: SOAK_SECONDS=360
	@SOAK_SECONDS=$(SOAK_SECONDS) $(BIN)/python -m benchmarks.soak

check: $(VENV)/.dev ## Lint, types, rules of imports and the fact checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m seed check

audit: $(VENV)/.dev ## Look for known vulnerabilities of the locked dependencies, where a database is reached
	@$(BIN)/python .ci/audit.py

openapi: $(VENV)/.dev ## Renew docs/openapi.json, by which a change that breaks a client is refused
	@$(BIN)/python -m tests.api.breaking

bench: $(VENV)-bench/.bench ## Measure the speed, and write benchmarks/RESULTS.md
	@$(VENV)-bench/bin/python -m benchmarks $(BENCH)

fmt: $(VENV)/.dev ## Format the code and the fact files
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python -m seed fmt

lock: $(VENV)/.dev ## Resolve the dependencies again
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --upgrade --group build --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --upgrade --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --upgrade --group build --group bench --constraint requirements.lock --output-file requirements-bench.lock
	@$(BIN)/uv pip compile --group clients --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --upgrade --output-file requirements-clients.lock
	@$(BIN)/uv pip compile --group graph --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --upgrade --output-file requirements-graph.lock

clean: ## Remove the environments and the default database
	rm -rf $(VENV) $(VENV)-bench $(VENV)-clients $(VENV)-graph clients/typescript/node_modules \
		immunofacts.db immunofacts.db-load immunofacts.db-shm immunofacts.db-wal

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing from requirements.lock …"
	@$(BIN)/python -m $(INSTALL) --require-hashes -r requirements.lock
	@$(BIN)/python -m $(INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/immunofacts openapi >/dev/null  # kept for whoever opens Swagger UI first
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing from requirements-dev.lock …"
	@$(BIN)/python -m $(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)-bench/.bench: requirements-bench.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(PYTHON) -m venv $(VENV)-bench
	@echo "Installing from requirements-bench.lock …"
	@$(VENV)-bench/bin/python -m $(INSTALL) --require-hashes -r requirements-bench.lock
	@$(VENV)-bench/bin/python -m $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Validators of SSSOM and of KGX want other versions than we do, so they have an environment of their own.
$(VENV)-graph/.installed: requirements-graph.lock
	@$(PYTHON) -m venv $(VENV)-graph
	@echo "Installing from requirements-graph.lock …"
	@$(VENV)-graph/bin/python -m $(INSTALL) --require-hashes -r requirements-graph.lock
	@touch $@

# Generators of clients have dependencies of their own, other than ours, so they have an environment of their own, with Node.
CLIENTS_BIN := $(CURDIR)/$(VENV)-clients/bin
GENERATED := -name generated -o -name node_modules -o -name dist -o -name __pycache__

$(VENV)-clients/.installed: requirements-clients.lock clients/typescript/package-lock.json
	@$(PYTHON) -m venv $(VENV)-clients
	@echo "Installing from requirements-clients.lock and package-lock.json …"
	@$(CLIENTS_BIN)/python -m $(INSTALL) --require-hashes -r requirements-clients.lock
	@cd clients/typescript && PATH="$(CLIENTS_BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)-clients/.built: $(VENV)-clients/.installed docs/openapi.json $(shell find clients \( $(GENERATED) \) -prune -o -type f -print)
	@rm -f dist/immunofacts?client-*
	@PATH="$(CLIENTS_BIN):$$PATH" $(CLIENTS_BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --wheel-dir dist ./clients/python
	@cd clients/typescript && PATH="$(CLIENTS_BIN):$$PATH" npm run --silent prepack
	@PATH="$(CLIENTS_BIN):$$PATH" npm pack --silent --ignore-scripts --pack-destination dist ./clients/typescript >/dev/null
	@touch $@
