# Everything a newcomer needs. Each target prepares what it uses; a second run is quick.
#   make demo   assess four example patients and write the results to demo-output/
#   make test   lint, types, knowledge, tests
#   make bench  measure against peers; see benchmarks/
#   make bench-screen  measure screening (half an hour)
#   make lint   style and types only
#   make clean  remove what was built; `make distclean` also removes .venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT := demo-output
DAY := 2026-11-22
EXAMPLES := examples/lupus-prednisolone.json examples/copd-inhaler.json examples/sickle-cell.yaml examples/trauma.yaml

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types bench bench-screen clean distclean requirements

help:
	@sed -n 's/^#   //p' Makefile

setup: $(READY)

$(BIN)/python:
	@PYTHON="$(PYTHON)" .ci/venv "$(VENV)"

$(READY): requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	@rm -rf $(OUT)
	@$(BIN)/precollapse assess examples/lupus-prednisolone.json --as-of $(DAY)
	@$(BIN)/precollapse assess $(EXAMPLES) --as-of $(DAY) --format html -o $(OUT)
	@$(BIN)/precollapse assess $(EXAMPLES) --as-of $(DAY) --format json -o $(OUT)
	@echo
	@echo "Written to $(OUT)/: each of the four example patients as a page (.html) and as data (.json)."
	@echo "Next:  open $(OUT)/lupus-prednisolone.html in a browser"
	@echo "       $(BIN)/precollapse assess YOUR-RECORD.json"
	@echo "       $(BIN)/precollapse facts examples/sickle-cell.yaml"
	@echo "       $(BIN)/precollapse --help"

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

test: lint types
	@$(BIN)/precollapse knowledge check
	@$(BIN)/pytest -n 2 -q

bench: $(READY)
	@$(BIN)/python -m benchmarks.run

# A part of it: make bench-screen ARGS="--only stored --largest 100000"
bench-screen: $(READY)
	@$(BIN)/python -m benchmarks.screening.run $(ARGS)

# Pins for every platform; run after a change of the dependencies in pyproject.toml.
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 pyproject.toml
requirements: | $(BIN)/python
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev --extra bench -o requirements-dev.txt

clean:
	@rm -rf $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	@rm -rf $(VENV)
