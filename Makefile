# What a person types and what CI types. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := tests/node
OPENAPI ?= openapi/openapi.json
ARGS ?=# For pytest and bench: make test ARGS='-k lock'
PORT ?= 8000

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Real input, when it lies beside the project; tests say by name what they skip without it.
ifneq ($(wildcard ../shared/data),)
export JOINEDUP_REAL_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

# A stamp is touched last, so an interrupted step is done again.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@# Without ensurepip Debian leaves half an environment behind: one with pip is whole.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv. Elsewhere: a Python with ensurepip, as in make PYTHON=python3.11" >&2; exit 1; }
	touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

.PHONY: install
install: $(VENV)/.runtime ## Make .venv from the hash-pinned lock

.PHONY: demo
demo: install ## Do the whole job on an embedded database
	$(BIN)/joinedup demo

.PHONY: run
run: install ## Serve the data of the demo on 127.0.0.1:8000, to sign in as anybody; elsewhere with PORT=8001
	JOINEDUP_DEV_SIGN_IN=true $(BIN)/joinedup serve --port $(PORT)

.PHONY: test
test: $(VENV)/.dev node chromium ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: quick
quick: $(VENV)/.dev ## Run what needs no database, and the rooms in hand
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not slow' --quick $(ARGS)

.PHONY: full
full: $(VENV)/.dev node chromium ## Run every test at its full size, see tests/sizes.py
	TEST_SIZES=full $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: soak
soak: $(VENV)/.dev ## Write to the change feed for ten minutes, cut off and read
	SOAK_SECONDS=600 $(BIN)/python -m pytest -p no:xdist -o timeout=2400 tests/changes/test_nothing_is_lost.py tests/hr/feed/test_under_load.py $(ARGS)

.PHONY: simulate
simulate: $(VENV)/.dev ## Print how well scores and signals do on made-up services
	$(BIN)/python -m tests.scores.simulating $(ARGS)
	$(BIN)/python -m tests.feedback.signals.simulate $(ARGS)

.PHONY: lint
lint: $(VENV)/.dev lint-openapi ## Check style, types, layers, locks, Dockerfile and OpenAPI
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m pytest --quiet tests/test_lock.py

.PHONY: lint-openapi
lint-openapi: node
	@if test -f $(NODE)/node_modules/.ready; then \
	  REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(NODE)/node_modules/.bin/redocly lint --config $(NODE)/redocly.yaml $(OPENAPI); \
	  $(NODE)/node_modules/.bin/spectral lint --ruleset $(NODE)/spectral.yaml --fail-severity warn --fail-on-unmatched-globs $(OPENAPI); \
	fi

# npm is a convenience, not a condition: what cannot be had without it is skipped by name.
.PHONY: node
node:
	@command -v npm >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && apt-get install -qq --yes --no-install-recommends npm; } || true
	@if ! command -v npm >/dev/null; then rm -f $(NODE)/node_modules/.ready; echo "SKIPPED: OpenAPI lint and node's clients: no npm"; \
	elif ! node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'; then rm -f $(NODE)/node_modules/.ready; echo "SKIPPED: OpenAPI lint and node's clients: Node 20.19 or newer is needed, this is $$(node --version)"; \
	else $(MAKE) --no-print-directory --silent $(NODE)/node_modules/.ready; fi

# When the registry answers, the fault is in our lock and must not pass as a skipped check.
$(NODE)/node_modules/.ready: $(NODE)/package.json $(NODE)/package-lock.json $(NODE)/.npmrc
	@cd $(NODE) && rm -f node_modules/.ready && \
	if npm ci --no-audit --no-fund; then touch node_modules/.ready; \
	elif npm view @redocly/cli name >/dev/null 2>&1; then exit 1; \
	else echo "SKIPPED: OpenAPI lint and node's clients: no npm registry answers"; fi

# Ubuntu's package of that name is a snap, which has no place in a container.
.PHONY: chromium
chromium: ## Install Chromium where Debian's apt may, for tests of pages in a browser
	@chromium --version >/dev/null 2>&1 || chromium-browser --version >/dev/null 2>&1 || { test "$$(id -u)" = 0 && grep -qs '^ID=debian' /etc/os-release && export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium; } || true
	@chromium --version >/dev/null 2>&1 || chromium-browser --version >/dev/null 2>&1 || echo "SKIPPED: pages in a browser: no Chromium"

.PHONY: bench
bench: $(VENV)/.dev ## Measure, and compare within the same run
	$(BIN)/python -m bench $(ARGS)

.PHONY: openapi
openapi: install ## Write openapi/openapi.json from the code
	$(BIN)/joinedup openapi > openapi/openapi.json.new || { rm -f openapi/openapi.json.new; exit 1; }
	mv openapi/openapi.json.new openapi/openapi.json

# Pins stay as they are unless asked: make lock UPGRADE=--upgrade
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.PHONY: lock
lock: $(VENV)/.made ## Renew the lock files from pyproject.toml and package.json
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt
	$(COMPILE) $(UPGRADE) --constraint requirements.txt --extra dev pyproject.toml -o requirements-dev.txt
	if command -v npm >/dev/null; then cd $(NODE) && npm install --package-lock-only --no-audit --no-fund; fi
