# Each target does all the set-up it needs; nothing else has to be typed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=

.PHONY: help demo test test-all check format bench soak chaos weights dashboards lock clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: pyproject.toml requirements.lock .ci/set-up
	@PYTHON="$(PYTHON)" .ci/set-up $(VENV)
	@touch $@

demo: $(VENV)/.ready ## a day of a fictional airline with two crises in it, in about a minute
	@$(BIN)/crisiswatch demo --out demo-out

test: $(VENV)/.ready ## the tests but for the slow ones, in some minutes
	@$(BIN)/pytest -q -n 2 -m "not bench and not slow"

test-all: $(VENV)/.ready ## every test, the slow ones and the integration tests too
	@$(BIN)/pytest -q -n 2 -m "not bench" --cov --cov-report=term

check: $(VENV)/.ready ## format, lint, types and floors
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.ready ## bring the code into the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.ready ## speed beside other engines, from file and Kafka; delays; state (half an hour)
	@$(BIN)/python -m tests.bench; speed=$$?; \
	$(BIN)/python -m tests.bench.response && exit $$speed

soak: $(VENV)/.ready ## memory over twenty minutes of a live stream, drawn to docs/soak.svg
	@$(BIN)/python -m tests.bench.soak

chaos: $(VENV)/.ready ## a hundred faults on real Kafka, Redis and processes (root)
	@$(BIN)/python -m tests.chaos

weights: $(VENV)/.ready ## train the shipped weights anew (DATA=folder of labelled posts)
	@$(BIN)/python -m crisiswatch.training.polarity $(or $(DATA),../shared/data/sentiment)

dashboards: $(VENV)/.ready ## write the Grafana dashboards anew
	@$(BIN)/python -m deploy.grafana.build

lock: ## pin every dependency with its hashes
	@.ci/lock

clean: ## remove the environment and everything made
	@rm -rf $(VENV) build dist out demo-out .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
