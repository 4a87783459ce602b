# Every verb sets up what it needs first; a second call costs nothing. `make help` lists them.
SHELL := /bin/sh
SETUP := python3 tools/setup.py
BIN := .venv/bin
ARGS ?=
# What a module needs (a server, an evening, a browser) is made once, so its tests stay together on one worker.
WORKERS ?= 2
# What tests are compiled to is kept, whatever the machine thinks of that: it takes half a minute.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Tests that start programs and servers, or try many pages and logs, take minutes: only `make test` runs them, as all that need a database.
UNHURRIED := evidence simulate replay journeys intake second base/test_commands.py base/test_databases.py base/test_embedded.py \
  base/test_follow.py base/test_machine.py base/test_server.py base/test_signers.py ledger/test_agent.py ledger/test_anchors.py \
  ledger/test_calendars.py ledger/test_contract.py ledger/test_cosigner.py ledger/test_cosigning.py ledger/test_evm.py \
  ledger/test_mirror.py ledger/test_outsiders.py audit/test_download.py audit/test_further.py audit/test_manipulations.py \
  people/test_senders.py verify/test_hostile.py web/test_check_code.py web/test_hexmap.py web/test_pages.py web/test_parliament.py

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check lint bench fmt lock clean

help: ## Say what each verb does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv and the front end, nothing else
	@$(SETUP) environment frontend

demo: setup ## Live through the election of 2023: make demo ARGS="--scale 0.1 --once"
	@$(BIN)/sapparot demo $(ARGS)

up: setup ## Serve on this machine, with a database of its own: make up ARGS="--help"
	@$(BIN)/sapparot up $(ARGS)

lint: setup ## Style, types and the order of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .tools/imports.log || { cat .tools/imports.log; exit 1; }

check: lint ## lint, the rules of the house and the fast tests: no database, no browser
	@$(PYTEST) -m "not slow and not browser and not database" $(UNHURRIED:%=--ignore=tests/%) $(ARGS)

test: lint ## Everything that must pass before a change lands
	@$(SETUP) contracts
	@$(SETUP) browser || test -z "$$CI"
	@$(SETUP) token || test -z "$$CI"
	@test -z "$$CI" || $(SETUP) others
	@$(PYTEST) -rs $(ARGS)

bench: setup ## Measure the figures that the documents claim, as ratios
	@$(BIN)/python -m bench $(ARGS)

fmt: setup ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock: setup ## Resolve the dependencies of pyproject.toml again
	@$(SETUP) lock

clean: ## Remove everything that setup, tests and demo made, except kept data
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf src/sapparot/web/static/built src/sapparot/web/frontend/node_modules contracts/built contracts/node_modules
