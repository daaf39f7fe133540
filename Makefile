# `make demo` and `make test` are each enough on a fresh machine: they make .venv first.
# `make test TORCH=2.10` does the same in .venv-2.10, with that version of torch (2.14.1 too, ...).
# uv is used where it is installed (half a minute), else venv and pip.

PYTHON ?= python3
TORCH ?=
# Files of tests at a time, each with one thread: two with two threads each hinder each other.
# Files with slow tests are begun first (tests/conftest.py), which xdist would otherwise sort anew.
WORKERS ?= 2
VENV := .venv$(TORCH:%=-%)
BIN := $(VENV)/bin

demo: $(VENV)/installed
	$(BIN)/handloom demo

test: $(VENV)/installed-dev
	$(BIN)/python -m ruff format --check handloom tests benchmarks
	$(BIN)/python -m ruff check handloom tests benchmarks
	MYPY_NUM_WORKERS=$(WORKERS) $(BIN)/python -m mypy
	$(BIN)/python scripts/browser
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-dev
	$(BIN)/python -m pytest tests/test_repository.py

# The guide as a site; every warning, such as a link into nothing, is an error.
site: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

# Links to other sites as well, for which a connection is needed.
links: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -W --keep-going -q -b linkcheck docs docs/_build/links

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.accuracy --only digits

$(VENV)/installed: pyproject.toml
	sh scripts/environment $(PYTHON) $(VENV) '.[export]' $(TORCH)
	touch $@

$(VENV)/installed-dev: pyproject.toml
	sh scripts/environment $(PYTHON) $(VENV) '.[dev]' $(TORCH)
	touch $(VENV)/installed $@

$(VENV)/installed-docs: pyproject.toml
	sh scripts/environment $(PYTHON) $(VENV) '.[docs]' $(TORCH)
	touch $(VENV)/installed $@

.PHONY: demo test lint site links bench
