# One entry for everything. `make` alone prints the targets.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.lth-installed

# Many one-thread processes beat a few many-thread ones by far at these sizes.
export OMP_NUM_THREADS = 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-runs bench-gpu bench-sweep figures wandb-sync clean

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## install everything into .venv (SYSTEM_TORCH=1 keeps the machine's own torch; PYTHON=... picks python)

# A machine with its own torch (a GPU image) keeps it: the environment then sees the system's packages and no
# constraint names torch. The choice is made when .venv is created, and later setups read it from there.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(if $(SYSTEM_TORCH),--system-site-packages) $(VENV)
	@if grep -q 'include-system-site-packages = true' $(VENV)/pyvenv.cfg; \
	 then grep -v '^torch==' constraints.txt; else cat constraints.txt; fi > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP) ## ten seeds of the default network on moons_circles: a table per level and the tickets' pictures
	$(BIN)/python -m lth.run seed=0..9

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest

check: $(STAMP) ## lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(STAMP) ## measure throughput, analysis, sparse products and overhead: tables and bench.json (5 minutes)
	$(BIN)/python -m lth.bench

bench-runs: $(STAMP) ## measure whole runs, and every level of the largest network (15 minutes)
	$(BIN)/python -m lth.bench runs levels

bench-gpu: $(STAMP) ## measure the stack and the main sweep on a GPU (SEEDS=0..3)
	$(BIN)/python -m lth.bench gpu sweep --seeds $(or $(SEEDS),0..3) --folder multirun/main-sweep-gpu

bench-sweep: $(STAMP) ## run the main sweep, 26 sizes and 4 seeds, and print its wall time (SEEDS=0..3)
	$(BIN)/python -m lth.bench sweep --seeds $(or $(SEEDS),0..3)

figures: $(STAMP) ## redraw docs/figures from the tables in docs/tables (NAME=extension, or a figure's name, draws less)
	$(BIN)/python -m lth.figures $(or $(NAME),all) docs/tables --to docs/figures

wandb-sync: $(STAMP) ## send what was recorded offline to W&B (needs WANDB_API_KEY or `wandb login`)
	$(BIN)/wandb sync --include-offline $$(find outputs multirun -type d -name 'offline-run-*' 2>/dev/null)

clean: ## remove caches and build outputs (keeps .venv and every result)
	rm -rf .pytest_cache .ruff_cache .hypothesis build dist bench.json
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
