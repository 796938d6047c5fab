# Everything starts here. A fresh machine needs Python 3.11 or later, make and a package index.

UV_VERSION := 0.13.9
# The first Python that runs here and is new enough; name another with PYTHON=/path/to/python.
ifndef PYTHON
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11) or print(sys.executable))' \
	2>/dev/null && break; done)
endif
UV := .tools/uv/bin/uv
RUN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench check clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/.ready ## install, fill and start the demonstration (PORT=8000)
	@exec $(RUN)/trebbo demo

# Each worker has a core: threads that wait for each other on it take minutes for what takes seconds.
test: export OMP_NUM_THREADS := 1
test: .venv/.ready-to-develop ## the whole suite (with a browser and PostgreSQL where there are)
	$(RUN)/trebbo messages compile
	$(RUN)/pytest -n auto --dist loadgroup $(TESTS)

lint: .venv/.ready-to-develop ## style, import contracts, translations, lock file
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/lint-imports
	$(RUN)/trebbo messages check
	$(UV) lock --check

types: .venv/.ready-to-develop ## strict types
	$(RUN)/mypy

# imports and linkage take official files: make bench BENCH=imports OPTIONS="--cordis FILE"
bench: .venv/.ready-to-develop ## the benchmarks, as tables (BENCH names one, OPTIONS are its own)
	@for name in $(or $(BENCH),pages search_backends); do \
		echo "== $$name"; $(RUN)/python -m benchmarks.$$name $(OPTIONS) || exit 1; \
	done

check: lint types test ## all of the above but the benchmarks

clean: ## forget environments, caches and the demonstration's data
	rm -rf .venv .tools var dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src -name '*.mo' -delete

$(UV): Makefile
	@test -n "$(PYTHON)" || \
		{ echo "Python 3.11 or later is needed; name it with PYTHON=/path/to/python."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "This Python cannot make environments. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# The demonstration needs no development tools; where they are installed already, they stay.
.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --no-dev --inexact --python "$(PYTHON)"
	@touch $@

.venv/.ready-to-develop: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --python "$(PYTHON)"
	@touch $@ .venv/.ready
