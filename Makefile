# Needs Python 3.11 or newer, Java 17 or newer and a network for the first 'make setup'; installs into this folder only.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(or $(firstword $(foreach name,python3.11 python3.12 python3,$(shell command -v $(name)))),python3.11)
# The Spark line to test: 4.1, or 3.5 with an environment of its own.
SPARK ?= 4.1
BIN := .venv/bin
OLD := .venv-3.5
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Where conf/local.yaml puts everything. A step of the demo is done again when what it is made from has changed.
DEMO := warehouse/local
STAMPS := $(DEMO)/_made
code = $(shell find $(1) -name "*.py" -o -name "*.html" -o -name "*.css" -o -name "*.js" 2>/dev/null)

.PHONY: help setup demo lint types test test-long s3 docs bench pins clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/:.* ## /\t/' | expand -t 12

setup: .venv/.installed .jars/.fetched ## Install the pinned versions into .venv and Delta's jars into .jars, once

demo: setup $(STAMPS)/report ## Simulate, build features, backtest, and draw the report
	@$(BIN)/python -m tillthen.cli.steps $(STAMPS) simulate build backtest report
	@echo && echo "Report: $$(ls $(DEMO)/backtests/*/report.html)"

lint: setup ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Check types
	$(BIN)/mypy

ifeq ($(SPARK),3.5)
test: $(OLD)/.installed .jars-3.5/.fetched ## Check everything that takes minutes; SPARK=3.5: the engine and tables on that line
	TILLTHEN_JARS=.jars-3.5 $(OLD)/bin/python -m pytest -q --ignore tests/pit/conformance \
	  tests/pit tests/sources tests/tables tests/quality tests/materialize/runs/test_run.py
else
test: lint types
	$(BIN)/python -m pytest -q
endif

s3: .jars-s3/.fetched ## Fetch what the tests on S3 need, 640 MB: they are skipped without
	$(PIP) install --quiet 'moto[server]' boto3

test-long: setup ## Run the tests that take longer; PROOF_SECONDS=N bounds the proof of nights, which goes on where it was
	$(BIN)/python -m pytest -q -m long

docs: setup ## Build the documentation into build/docs
	$(BIN)/python docs/reference.py build/pages
	$(BIN)/zensical build --strict && echo "Documentation: build/docs/index.html"

bench: setup ## Measure against Spark alone and against rivals, as ratios, into benchmarks/results.json
	$(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

pins: ## Write what .venv holds into requirements.txt
	@head -n 1 requirements.txt > .pins && $(PIP) freeze --all --exclude pip --exclude tillthen >> .pins && mv .pins requirements.txt

clean: ## Remove everything that the targets made
	rm -rf .venv .jars .jars-s3 $(OLD) .jars-3.5 warehouse build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/.installed: requirements.txt setup.py
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
	  "Python: expected 3.11 or newer with venv, got $$($(PYTHON) --version 2>&1 | head -n 1). Install it (Debian: apt-get" \
	  "install python3.11-venv, macOS: brew install python@3.11), or name one: make PYTHON=/path/to/python."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Everything but Spark and Delta in the versions of requirements.txt.
$(OLD)/.installed: requirements.txt requirements-3.5.txt setup.py | .venv/.installed
	@test -x $(OLD)/bin/python || $(PYTHON) -m venv $(OLD)
	grep -vE '^(pyspark|delta_spark|py4j)=' requirements.txt > $(OLD)/constraints.txt
	$(OLD)/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
	  -c $(OLD)/constraints.txt -r requirements-3.5.txt
	$(OLD)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

IVY := tillthen/runtime/ivy

.jars/.fetched: $(IVY)/spark-4.1.xml .venv/.installed
	$(BIN)/tillthen setup --jars .jars && touch $@

.jars-3.5/.fetched: $(IVY)/spark-3.5.xml $(OLD)/.installed
	$(OLD)/bin/tillthen setup --jars .jars-3.5 && touch $@

.jars-s3/.fetched: $(IVY)/spark-4.1-s3.xml .venv/.installed
	$(BIN)/tillthen setup --jars .jars-s3 --s3 && touch $@

# Each step says what is to be done; the target 'demo' does it, in one process, and then the step's file is there.
define due
@mkdir -p $(STAMPS) && echo $(1) > $@.due
endef

$(STAMPS)/simulate: conf/local.yaml $(call code,tillthen/simulate)
	$(call due,simulate)

$(STAMPS)/build: $(STAMPS)/simulate $(call code,features $(addprefix tillthen/,define sources pit tables materialize))
	$(call due,build --replace)

$(STAMPS)/backtest: $(STAMPS)/build $(call code,backtests $(addprefix tillthen/,learn decide evaluate backtest))
	$(call due,backtest)

$(STAMPS)/report: $(STAMPS)/backtest $(call code,tillthen/report)
	$(call due,report)
