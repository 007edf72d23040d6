# The two commands of the README: `make run` and `make test`. `make help` lists the rest.

VENV ?= .venv
# The first that runs and is new enough: a name on the PATH may be a shim that leads nowhere.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
INSTALLING := Downloading from PyPI, once, into $(VENV): some hundreds of megabytes; about 2 GB more where pip \
	takes torch with GPU libraries, as on plain Linux (README.md says how to do without). Some minutes …
# Bytecode is made of what is used, when it first is: of all that is installed it takes half of the time. It
# is made here where Python is told not to write any later.
PIP_INSTALL = $(BIN)/pip install -q --disable-pip-version-check $(if $(PYTHONDONTWRITEBYTECODE),,--no-compile)
SRC := src tests training benchmarks

.DEFAULT_GOAL := help
.PHONY: help run ask serve index posts doctor eval test lint types unit format manual wheel clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: $(VENV)/installed ## install what is needed, build the index, and ask in the terminal
	@$(BIN)/askscwru index
	@$(BIN)/askscwru

# The question reaches the shell through the environment, so that no character of it is obeyed.
ask: export ASKSCWRU_QUESTION = $(value Q)
ask: $(VENV)/installed ## one answer: make ask Q="How many people use Shared Lives?"
	@$(BIN)/askscwru ask -- "$$ASKSCWRU_QUESTION" || test $$? -eq 3

serve: $(VENV)/installed ## the web page and the HTTP service: http://127.0.0.1:8000/
	@$(BIN)/askscwru serve

index: $(VENV)/installed ## build what is out of date of the index
	@$(BIN)/askscwru index

posts: $(VENV)/installed ## list the posts
	@$(BIN)/askscwru posts

doctor: $(VENV)/installed ## look for faults
	@$(BIN)/askscwru doctor

eval: $(VENV)/installed ## run the question-and-answer sets
	@$(BIN)/askscwru eval

# The types are looked at beside the tests: one process checks them, and there are cores for more.
test: lint ## everything that must hold: lint, types, tests
	@$(MAKE) --no-print-directory -j2 types unit

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check $(SRC)
	@$(BIN)/ruff format --check $(SRC)

types: $(VENV)/installed-dev
	@$(BIN)/mypy

unit: $(VENV)/installed-dev
	@$(BIN)/pytest

format: $(VENV)/installed-dev ## put the code into its one format
	@$(BIN)/ruff format $(SRC)
	@$(BIN)/ruff check --fix $(SRC)

manual: $(VENV)/installed ## write the manual page anew
	@$(BIN)/python docs/make_man.py

wheel: ## build a wheel and ask it a question in an empty folder
	@deploy/try_wheel.sh

clean: ## remove the virtual environment and what was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find embeddings -mindepth 1 ! -name README.md -delete

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "askscwru needs Python 3.11 or newer; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "$(INSTALLING)"
	@$(PIP_INSTALL) -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "$(INSTALLING)"
	@$(PIP_INSTALL) -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/installed
