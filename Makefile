# Two commands matter: `make lab` opens the notebooks, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# With this set, every start of an interpreter compiles every module again.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS = never
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1

.DEFAULT_GOAL := help
.PHONY: help setup lab site test check-all reproduce mutants lint peers scale bench notebooks data lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## install everything into .venv from requirements.lock

$(READY): requirements.lock pyproject.toml
	@echo "[1/4] virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@echo "[2/4] the installer, hash-checked"
	@awk '/^uv==/{p=1} p{print} p&&!/\\$$/{exit}' requirements.lock > $(VENV)/uv.txt
	@$(PYTHON) -m pip --version >/dev/null 2>&1 && pip="$(PYTHON) -m pip --python $(BIN)/python" || \
	{ $(BIN)/python -m ensurepip >/dev/null && pip="$(BIN)/python -m pip"; } && \
	$$pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	@echo "[3/4] packages from requirements.lock, hash-checked"
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.lock
	@echo "[4/4] ascn-analysis itself"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

lab: $(READY) ## open JupyterLab on the first notebook
	$(BIN)/ascn lab

site: $(READY) ## build the static site into _site/
	$(BIN)/ascn site

test: $(READY) scale lint ## run every test: two at a time, then all notebooks again under nbval
	$(BIN)/python -m pytest -n 2 --dist loadgroup
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval notebooks

check-all: test ## run every test, and the long ones: mutants, damaged inputs, faults, other Pythons
	$(BIN)/python -m pytest -m full -n 2 --dist loadgroup

reproduce: $(READY) ## fresh environment from the lock, network off: compare every byte; writes _reproduce/
	@aside=$$(mktemp -d) && trap 'rm -rf "$$aside"' EXIT && python=$$($(PYTHON) -c 'import sys; print(sys.executable)') && \
	echo "[1/2] a fresh environment from requirements.lock, hash-checked" && \
	$(BIN)/uv venv --quiet --python "$$python" "$$aside/venv" && \
	$(BIN)/uv pip sync --quiet --python "$$aside/venv/bin/python" --require-hashes requirements.lock && \
	$(BIN)/uv pip install --quiet --python "$$aside/venv/bin/python" --no-deps --no-build-isolation -e . && \
	echo "[2/2] everything again, without the network" && \
	"$$aside/venv/bin/ascn" reproduce --report _reproduce

mutants: $(READY) ## change one cell at a time and see what notices; writes docs/mutants.md and .csv (half an hour)
	$(BIN)/python tests/mutants.py --write docs $(if $(ASCN_SOURCES),--pdfs $(ASCN_SOURCES))

lint: $(READY) ## style and types
	$(BIN)/ruff check ascn_analysis tests data benchmarks
	$(BIN)/ruff format --check ascn_analysis tests data benchmarks
	$(BIN)/mypy

peers: $(READY) ## install the libraries that `make bench` compares with
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-peers.lock

scale: $(READY) ## install Polars, DuckDB, Dask, PySpark, Voila and Notebook 7, which only tests and benchmarks need
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-scale.lock

bench: peers scale ## measure the budgets; writes benchmarks/latest.md
	$(BIN)/python benchmarks/run.py

notebooks: $(READY) ## run all notebooks and store their outputs
	$(BIN)/python -m ascn_analysis.notebooks

data: $(READY) ## rebuild what is derived in data/: panel.csv, README.md, datapackage.json
	$(BIN)/python -m ascn_analysis.package

lock: ## resolve the dependencies again (needs uv on the path)
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --extra test --extra site --extra setup pyproject.toml -o requirements.lock
	printf 'folium>=0.20\nplotly>=6\n' | uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -c requirements.lock - -o requirements-peers.lock
	printf 'polars>=2\nduckdb>=2\ndask[dataframe,distributed]>=2026.8\npyspark>=4.1\nvoila>=0.5.13\nnotebook>=7.5\n' | uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -c requirements.lock - -o requirements-scale.lock

clean: ## remove the environment and caches
	rm -rf $(VENV) _site _reproduce .pytest_cache .mypy_cache .ruff_cache _artefacts
