# `make demo` and `make test` are each enough on a fresh machine: they make .venv first.
# uv is used where it is found (half a minute), else venv and pip.

PYTHON ?= python3
BIN := .venv/bin

demo: .venv/installed
	$(BIN)/handloom demo

test: .venv/installed-dev
	$(BIN)/python -m ruff check handloom tests benchmarks
	$(BIN)/python -m mypy handloom
	$(BIN)/python -m pytest

bench: .venv/installed-dev
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/accuracy.py --only digits

.venv/installed: pyproject.toml
	sh scripts/environment $(PYTHON) .
	touch $@

.venv/installed-dev: pyproject.toml
	sh scripts/environment $(PYTHON) '.[dev]'
	touch .venv/installed $@

.PHONY: demo test bench
