# Everything a person types. `make help` lists it; nothing here needs more than python3 (3.11 or newer) and make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/pip install -qq --require-hashes
ASK_THE_STORE := bihuan/capture/identity bihuan/capture/presence bihuan/understand \
  tests/test_trends_agree_with_a_recount.py tests/test_health_as_of_a_day.py tests/test_events_are_cared_for.py
FRONT_SOURCES := $(shell find frontend -type f 2>/dev/null) package.json package-lock.json
CATALOGUES := $(wildcard bihuan/locale/*/LC_MESSAGES/django.po)

.PHONY: help demo serve setup dev build assets texts test test-browser test-postgres test-engines on-clickhouse test-spark torture test-all check format \
        types imports translations templates licences docs-test new-app clean locks \
        bench-pages bench-health bench-loop bench-store bench-live bench-capture bench-understand coverage screenshots

help: ## List what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

demo: setup ## Set everything up, serve the simulated company on http://127.0.0.1:8000 (PORT=, HOST=)
	@BIHUAN_HOME=$${BIHUAN_HOME:-.bihuan-demo} HOST=$(HOST) PORT=$(PORT) $(BIN)/bihuan demo

serve: setup ## Serve your own installation (BIHUAN_HOME, default .bihuan)
	@HOST=$(HOST) PORT=$(PORT) $(BIN)/bihuan serve

setup: .make/runtime .make/texts .make/assets ## Virtual environment, locked dependencies, front-end build

dev: .make/dev .make/texts .make/assets ## The same with everything that tests and checks need

.make/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Bihuan needs Python 3.11 or newer: $$($(PYTHON) --version) found. Set PYTHON=."; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || $(PYTHON) tools/venv.py $(VENV)
	@mkdir -p .make && touch $@

.make/runtime: requirements-build.txt pyproject.toml | .make/venv
	@echo "Installing the locked dependencies into it (a minute or two) …"
	@[ -f .make/dev ] || $(PIP) -r requirements-build.txt
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --no-index -e .
	@mkdir -p .make && touch $@

.make/dev: requirements-dev.txt .make/runtime
	@echo "Installing what tests and checks need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

.make/engines: requirements-engines.txt .make/dev
	@echo "Installing ClickHouse's engine and client …"
	@$(PIP) -r requirements-engines.txt
	@touch $@

.make/spark: requirements-spark.txt .make/dev
	@echo "Installing Spark …"
	@$(PIP) -r requirements-spark.txt
	@touch $@

.make/node: requirements-node.txt | .make/runtime
	@$(PYTHON) tools/node.py --have || { echo "No Node.js 20 or newer on this machine; installing one beside Python …"; $(PIP) -r requirements-node.txt; }
	@touch $@

.make/modules: package.json package-lock.json .make/node
	@echo "Installing the locked front-end packages (half a minute) …"
	@$(PYTHON) tools/node.py $(VENV) npm ci --silent --ignore-scripts
	@touch $@

.make/assets: .make/modules $(FRONT_SOURCES)
	@echo "Building scripts and styles …"
	@$(PYTHON) tools/node.py $(VENV) node frontend/build.mjs
	@touch $@

.make/texts: $(CATALOGUES) | .make/runtime
	@echo "Compiling the Chinese texts …"
	@$(BIN)/python tools/translations.py compile
	@mkdir -p .make && touch $@

build: ## Build scripts, styles and texts again
	@rm -f .make/assets .make/texts && $(MAKE) --no-print-directory .make/assets .make/texts

test: dev ## Run the tests on SQLite and DuckDB
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not torture"

test-browser: dev ## Run the journeys in Chromium (installs Debian's if there is none)
	@tools/chromium.sh
	@$(BIN)/python -m pytest -m browser

test-postgres: dev ## Run the tests on PostgreSQL (starts one if DATABASE_URL names none)
	@tools/on_postgres.sh $(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not torture"

test-engines: .make/engines ## Run what asks the event store on ClickHouse too, inside the process (installs chDB, 530 MB)
	@$(BIN)/python -m pytest -m engines bihuan/capture/store bihuan/understand/explore
	@$(MAKE) --no-print-directory on-clickhouse

on-clickhouse: .make/engines
	@EVENTS_URL=chdb: $(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not torture" $(ASK_THE_STORE)

test-spark: .make/spark ## Ask every kind of question about events of Spark (installs it, 460 MB; needs Java 17)
	@tools/java.sh
	@BIHUAN_EXAMPLES=$${BIHUAN_EXAMPLES:-4} $(BIN)/python -m pytest -m spark bihuan/understand/explore

torture: dev ## Kill, damage and starve servers, turn their clock, back up, erase and copy under load; KILLS=1000 (CI: 50); needs libfaketime (Debian: faketime)
	@BIHUAN_TORTURE=$${KILLS:-1000} $(BIN)/python -m pytest -n 3 --dist loadgroup -m torture tests/torture

test-all: test test-postgres test-browser test-engines test-spark ## All five

coverage: .make/engines dev ## The tests, those of the engines too, with line coverage of bihuan/ (at least 95 %)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "engines or (not browser and not torture)" --cov=bihuan --cov-report=term:skip-covered --cov-fail-under=95

check: dev ## Style, types, imports, translations, templates, licences, documents
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(MAKE) --no-print-directory types imports translations templates licences docs-test

format: dev ## Format the code
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format .

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports

translations:
	@$(BIN)/python tools/translations.py check

templates:
	@$(BIN)/python tools/templates.py

licences:
	@$(BIN)/python tools/licences.py

docs-test:
	@$(BIN)/python -m pytest tests/test_docs.py tests/test_boundaries.py -q

new-app: dev ## Scaffold an app: make new-app STAGE=serve NAME=visits (ZH=拜访)
	@$(BIN)/python tools/new_app.py "$(STAGE)" "$(NAME)" "$(ZH)"

bench-pages: dev ## p95 of workbench, customer list and customer page on 20,000 accounts and 20 million events
	@$(BIN)/python benches/pages.py

bench-health: dev ## Time to score 20,000 accounts over 20 million events
	@$(BIN)/python benches/health.py

bench-loop: dev ## From signal to action on 20,000 accounts and 20 million events: signals, backtest of the warning; the weekly plan of 10,000 accounts
	@$(BIN)/python benches/signals.py
	@$(BIN)/python benches/warning.py
	@$(BIN)/python benches/plan.py

bench-capture: dev ## Acknowledged events a second over HTTP, latency at half load, single events (SECONDS_EACH=60, MINUTES=0)
	@$(BIN)/python benches/capture.py --seconds $(or $(SECONDS_EACH),60) --minutes $(or $(MINUTES),0)

bench-store: dev ## Load, size and questions of the event store on 20 million events (ENGINE=chdb after make test-engines)
	@$(BIN)/python benches/store.py --engine $(or $(ENGINE),duckdb)

bench-understand: .make/engines ## Questions on EVENTS=20000000 events, beside ClickHouse's own functions (needs some gigabytes)
	@$(BIN)/python benches/understand.py --events $(or $(EVENTS),20000000)

bench-sop: dev ## Completions of work items a second, timers due at once, the bench with 100,000 items (DATABASE_URL for PostgreSQL)
	@$(BIN)/python benches/sop.py

bench-live: dev ## 2,000 viewers of the presence page
	@$(BIN)/python benches/viewers.py

screenshots: dev ## Pictures of every page into tmp/screenshots
	@tools/chromium.sh
	@$(BIN)/python tools/screenshots.py

locks: ## Write the lock files again from pyproject.toml (needs uv)
	@tools/locks.sh

clean: ## Remove everything that was built; BIHUAN_HOME stays
	@rm -rf $(VENV) .make node_modules bihuan/base/ui/static/dist build dist
