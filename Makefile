# `make` lists what there is. Two commands matter: `make run` and `make test`.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
OUT ?= out
CASES ?= 100
WALKS ?= 100000
N ?= 20000 200000
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS = never
# the server, its worker and the tests start many processes: what is compiled once is kept
export PYTHONDONTWRITEBYTECODE =

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

run: .venv/run-ready ## set everything up and serve the demonstration on 127.0.0.1:8000 (PORT=… changes it)
	@exec $(BIN)/surveyapp run --port $(PORT)

demo: .venv/run-ready ## the main job without a server: OUT=dir receives every CSV and PDF of the demonstration campaign
	@$(BIN)/surveyapp demo --out $(OUT)

test: .venv/test-ready lint ## everything: SQLite and PostgreSQL, a real browser, PDFs read back
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

referee: .venv/test-ready ## our statistics against R's survey and psych on 1,000 random designs and more (CASES=… of each test)
	@REFEREE_CASES=$(CASES) $(BIN)/python -m pytest -n 2 tests/referee

prove-routing: .venv/test-ready ## the way through 100,000 random questionnaires against an evaluator that thinks differently (WALKS=…; minutes)
	@WALKS=$(WALKS) $(BIN)/python -m pytest -q -n 2 tests/questionnaires/test_routing_against_naive.py

bench-score: .venv/test-ready ## means, errors and answers of 1,000,000 respondents beside bincount, R and svy (minutes)
	@$(BIN)/python -m benchmarks.score

bench-form: .venv/test-ready ## processor time of the server for one complete response, each page stored before the reply (minutes)
	@$(BIN)/python -m benchmarks.form

lint: .venv/test-ready ## style, and the doors between the rooms
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

lock: .venv/test-ready ## renew the locked dependencies from setup.cfg
	@$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes setup.cfg -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --no-header --generate-hashes setup.cfg --extra test -o requirements-test.lock

bench-score-sql: .venv/test-ready ## from answers in SQL to every score, cold and warm, on SQLite and PostgreSQL (N="20000 200000 1000000")
	@$(BIN)/python -m benchmarks.score_from_sql $(N)

wheel: .venv/test-ready ## build dist/*.whl
	@$(BIN)/uv build --quiet --wheel --out-dir dist .

clean: ## remove what was built; the data in var/ stay
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis

.venv/base: tools/make-environment
	@sh tools/make-environment $(PYTHON)
	@touch $@

.venv/run-ready: .venv/base requirements.lock setup.cfg tools/system-packages
	@sh tools/system-packages run
	@test -e .venv/test-ready || $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@test -e .venv/test-ready || $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

.venv/test-ready: .venv/base requirements-test.lock setup.cfg tools/system-packages
	@sh tools/system-packages run test referee
	@$(BIN)/uv pip sync --quiet --require-hashes requirements-test.lock
	@$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

.PHONY: help run demo test referee prove-routing bench-score bench-score-sql bench-form lint lock wheel clean
