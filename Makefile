# Every target works on a fresh clone: what it needs is set up first.
PYTHON ?= python3
VENV ?= .venv
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
WORKERS ?= auto
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
REQUIREMENTS := requirements/dev.txt
BENCHES ?= $(sort $(wildcard bench/*.py))
# As a wheel's install does it, and whatever PYTHONDONTWRITEBYTECODE says.
COMPILE := -m compileall -q src

.PHONY: all setup demo test test-clickhouse lint fmt bench docs snapshots lock fuzz node conformance soak clean
.DEFAULT_GOAL := all

all: ## fmt, lint, test
	@$(MAKE) --no-print-directory fmt
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

setup: $(STAMP) ## make .venv from the pinned requirements
	@$(BIN)/python $(COMPILE)

$(STAMP): pyproject.toml $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit("Sickbay needs Python 3.11 or later; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || uv venv --quiet --seed --clear --python $(PYTHON) $(VENV)
	@echo "setting up $(VENV)"
	@{ command -v uv >/dev/null && uv pip install --quiet --compile-bytecode --python $(BIN)/python -r $(REQUIREMENTS); } \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python $(COMPILE)
	@sh .githooks/install
	@touch $@

demo: $(STAMP) ## run a real failing test suite and explain its log
	@$(BIN)/sickbay demo

test: $(STAMP) ## run the tests; ARGS="-k name" for some of them
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

test-clickhouse: $(VENV)/.chdb ## the history's tests against the real ClickHouse engine
	@$(BIN)/python -m pytest -n $(WORKERS) -m clickhouse $(ARGS) tests/history

# Half a gigabyte, which only these tests need.
$(VENV)/.chdb: $(STAMP) requirements/clickhouse.txt
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(BIN)/python -r requirements/clickhouse.txt; } \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/clickhouse.txt
	@touch $@

lint: $(STAMP) ## style, types, import rules, drift of the docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m tests.snapshot
	@! ls changelog.d | grep -vE '^[a-z0-9-]+\.(added|changed|fixed|removed)\.md$$' \
	  || { echo "changelog.d: name it <topic>.<added|changed|fixed|removed>.md"; exit 1; }

fmt: $(STAMP) ## put the code in shape
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix . || true

bench: $(STAMP) ## print every benchmark's table; BENCHES=bench/startup.py for one
	@status=0; for program in $(BENCHES); do \
	  echo "== $$program"; $(BIN)/python $$program || status=1; \
	done; exit $$status

docs: $(STAMP) ## regenerate docs/reference and every screen shown in the docs
	@$(BIN)/python docs/generate.py

snapshots: $(STAMP) ## write down what tools/list says and costs, and what reports look like
	@$(BIN)/python -m tests.snapshot --update
	@$(BIN)/python -m tests.toolsets.buildkite.reported --update
	@$(BIN)/python -m tests.history.translations --update
	@$(BIN)/python -m tests.toolsets.history.summaries --update

lock: $(STAMP) ## pin the newest versions that pyproject.toml allows
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	@for pair in "base:" "dev:--extra=history --extra=dev --extra=bench" "clickhouse:--extra=history --extra=dev --extra=bench --extra=clickhouse"; do \
	  PATH="$$PATH:$(BIN)" uv pip compile -q --upgrade --no-header --no-annotate --no-emit-index-url \
	    --python-version 3.11 $${pair#*:} pyproject.toml -o requirements/$${pair%%:*}.txt || exit 1; \
	done

fuzz: $(STAMP) ## feed broken logs for FUZZ_SECONDS, guided by coverage
	@$(BIN)/python tests/fuzz.py --seconds $(FUZZ_SECONDS)

node: node_modules/.set-up ## the npm packages that some tests borrow

node_modules/.set-up: package.json .npmrc
	@if command -v npm >/dev/null; then npm install --silent && touch $@; \
	  else echo "node: skipped, npm is not installed"; fi

conformance: $(STAMP) node ## the official protocol suite, both eras, against our server
	@$(BIN)/python -m tests.conformance.run

soak: $(STAMP) ## 16 clients of the server, and 16 users of a history, for SOAK_SECONDS each
	@$(BIN)/python -m tests.soak.run --seconds $(SOAK_SECONDS)
	@$(BIN)/python -m tests.soak.history --seconds $(SOAK_SECONDS)

clean: ## remove what the targets made, the virtual environment included
	rm -rf $(VENV) node_modules build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +
