# Everything a developer or a visitor types; `make run` and `make test` set up what they need.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help screenshots handbook install install-dev fonts messages run test test-long bench format lock clean

BIN := .venv/bin
WORKERS ?= 2

help:
	@echo 'make install    virtual environment and locked packages'
	@echo 'make run        the demo city on http://127.0.0.1:8000 (sets up everything)'
	@echo 'make test       format, lint, types, import contracts, all tests'
	@echo 'make test-long  the tests that take minutes'
	@echo 'make bench      the benchmarks; BENCH=--full with 10 million blanks'
	@echo 'make format     format the code and mend what lint can mend'
	@echo 'make messages   compile the translations'
	@echo 'make screenshots  pictures of every page into docs/screenshots, from a fresh demo'
	@echo 'make handbook   the handbook as build/handbook.pdf'
	@echo 'make lock       write the lock files anew'

install:
	@scripts/install.sh requirements.txt

install-dev: install
	@scripts/install.sh requirements-dev.txt

fonts:
	@scripts/fonts.sh

messages: install
	@$(BIN)/python -m zhicheng.messages

run: install fonts messages
	@exec $(BIN)/zhicheng demo

test: install-dev fonts messages
	@scripts/chromium.sh
	@scripts/softhsm.sh
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	@# The migrated database is made on one core while the other checks the types.
	@$(BIN)/python -m pytest -n 0 -q tests/ground/test_migrations.py >/dev/null 2>&1 </dev/null & \
	echo $(BIN)/mypy; $(BIN)/mypy; typed=$$?; wait; exit $$typed
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n $(WORKERS) </dev/null

test-long: install-dev fonts messages
	@scripts/chromium.sh
	@scripts/softhsm.sh
	$(BIN)/python -m pytest -m long -n $(WORKERS) </dev/null

bench: install-dev fonts messages
	$(BIN)/python -m benchmarks $(BENCH)

format: install-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

screenshots: install-dev fonts messages
	@scripts/chromium.sh zh
	$(BIN)/python scripts/screenshots.py

handbook: install fonts
	@mkdir -p build
	$(BIN)/python scripts/handbook.py build/handbook.pdf

lock:
	scripts/lock.sh

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
