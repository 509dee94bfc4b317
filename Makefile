# Everything that one does with a checkout of coursewright. Each target makes what it needs first.

BIN := .venv/bin

# Compiled modules are kept whatever the shell says: hundreds of processes would each compile them again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench attacks lock chromium postgresql javascript

help:  ## say what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 14

setup:  ## make .venv with the pinned packages and coursewright itself
	@sh scripts/setup.sh

demo: setup  ## play one run of the sample course into the folder demo/
	@$(BIN)/coursewright demo

check: setup  ## style, types and the direction of the imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report"; exit 1; }

test: check chromium postgresql javascript  ## what check does, then the fast tests, then the others, with coverage
	@$(BIN)/pytest -q -m "not integration" --numprocesses=auto --maxprocesses=4 --cov --cov-report= --cov-fail-under=0
	@$(BIN)/pytest -q -m integration --numprocesses=2 --dist=loadfile --no-loadscope-reorder --cov --cov-append

bench: setup postgresql  ## measure: runs every file of benchmarks/
	@set -e; for file in $(wildcard benchmarks/*.py); do echo "== $$file"; $(BIN)/python "$$file"; done

attacks: setup  ## play every attack of the tests against plain nbgrader, in containers, and print which succeed
	@$(BIN)/python -m tests.attacks.on_nbgrader $(if $(PAGE),--page $(PAGE))

lock: setup  ## write requirements.lock anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		$(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock

chromium:
	@sh scripts/need.sh chromium chromium

postgresql:
	@sh scripts/need.sh initdb postgresql

javascript:
	@sh scripts/need.sh node nodejs
	@sh scripts/need.sh npm npm
	@sh scripts/javascript.sh
