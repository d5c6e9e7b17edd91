.PHONY: setup demo test check
PY := .venv/bin/python
SETUP := .venv/.installed

setup: $(SETUP)  ## install the locked packages into .venv

$(SETUP): requirements.lock pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(SETUP)  ## embedded broker, sample feed, keeper and worker in one terminal
	.venv/bin/saring demo

test: $(SETUP)  ## every test that this machine can run
	$(PY) -m pytest

check: $(SETUP)  ## what CI runs: formatting, lint, types, import rules, tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m pytest
