# Needs Python 3.11 or newer, Java 17 or newer and a network for the first 'make setup'; installs into this folder only.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(or $(firstword $(foreach name,python3.11 python3.12 python3,$(shell command -v $(name)))),python3.11)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Where conf/local.yaml puts everything. A step of the demo is done again when what it is made from has changed.
DEMO := warehouse/local
STAMPS := $(DEMO)/_made
code = $(shell find $(1) -name "*.py" -o -name "*.html" -o -name "*.css" -o -name "*.js" 2>/dev/null)

.PHONY: help setup demo lint types test test-long pins clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/:.* ## /\t/' | expand -t 12

setup: .venv/.installed .jars/.fetched ## Install the pinned versions into .venv and Delta's jars into .jars, once

demo: $(STAMPS)/report ## Simulate, build features, backtest, and draw the report
	@echo && echo "Report: $$(ls $(DEMO)/backtests/*/report.html)"

lint: setup ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Check types
	$(BIN)/mypy

test: lint types ## Check everything that takes minutes
	$(BIN)/python -m pytest -q

test-long: setup ## Run the tests that take longer
	$(BIN)/python -m pytest -q -m long

pins: ## Write what .venv holds into requirements.txt
	@head -n 1 requirements.txt > .pins && $(PIP) freeze --all --exclude pip --exclude tillthen >> .pins && mv .pins requirements.txt

clean: ## Remove everything that the targets made
	rm -rf .venv .jars warehouse build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/.installed: requirements.txt setup.py
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
	  "Python: expected 3.11 or newer with venv, got $$($(PYTHON) --version 2>&1 | head -n 1). Install it (Debian: apt-get" \
	  "install python3.11-venv, macOS: brew install python@3.11), or name one: make PYTHON=/path/to/python."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.jars/.fetched: ivy.xml .venv/.installed
	@$(BIN)/python -m tillthen.runtime.java
	@rm -rf .jars && mkdir .jars
	java -jar .venv/lib/python3*/site-packages/pyspark/jars/ivy-*.jar -warn -ivy ivy.xml -cache .jars/cache \
	  -retrieve '.jars/[artifact]-[revision].[ext]' > .jars/log 2>&1 || { cat .jars/log; exit 1; }
	@rm -rf .jars/cache .jars/log && touch $@

$(STAMPS)/simulate: conf/local.yaml $(call code,tillthen/simulate) | setup
	$(BIN)/tillthen simulate
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/build: $(STAMPS)/simulate $(call code,features $(addprefix tillthen/,define sources pit tables build))
	$(BIN)/tillthen build
	@touch $@

$(STAMPS)/backtest: $(STAMPS)/build $(call code,backtests $(addprefix tillthen/,learn decide evaluate backtest))
	$(BIN)/tillthen backtest
	@touch $@

$(STAMPS)/report: $(STAMPS)/backtest $(call code,tillthen/report)
	$(BIN)/tillthen report
	@touch $@
