PYTHON ?= python3
PY := .venv/bin/python
# "yes" where cargo is on PATH and new enough; an optional part must not fail on Debian's own of 2022.
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' native/Cargo.toml)
CARGO := $(shell printf '%s\n' 'cargo $(RUST)' "$$(cargo --version 2>/dev/null)" | sort -V -C && echo yes)
NATIVE := native/Cargo.toml native/Cargo.lock native/pyproject.toml native/saring_native.pyi $(wildcard native/src/*.rs)
PACKAGES := .venv/.packages
# One mark with cargo and another without: setup sees when it came or went.
READY := .venv/.ready-$(if $(CARGO),native,python)
# Tests on a broker mostly wait, so twice as many side by side as a small machine has cores.
PYTEST := $(PY) -m pytest -n 6 --dist loadscope
.DEFAULT_GOAL := help
.PHONY: guard help setup peers demo test lint check lock fuzz schema faults faults-all faults-long soak operate-faults operate-quiet operate-stack lists-faults lookback-faults validate

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## the locked packages into .venv, on the interpreter PYTHON; with cargo also the native part

$(PACKAGES): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(READY): $(PACKAGES) $(NATIVE)
	@rm -f .venv/.ready*
ifneq ($(CARGO),)
	PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps --no-build-isolation ./native
else
	@.venv/bin/pip uninstall -qq --disable-pip-version-check --yes saring-native  # one of older sources may say otherwise
	@echo "No cargo of $(RUST) or newer on PATH: the Python form is used, with the same outcomes, slower."
endif
	@touch $@

peers: .venv-peers/.ready  ## quixstreams and bytewax, which `saring bench speed` then measures too (Python 3.11 or 3.12)

.venv-peers/.ready: bench/peers.lock
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers.lock
	@touch $@

demo: $(READY)  ## watch scam links being flagged; needs no Kafka and no Docker
	@.venv/bin/saring demo

test: $(READY)  ## every test that this machine can run in five minutes
	$(PYTEST) -m "not faults" --ignore tests/deploy

faults: $(READY)  ## a selection of kills, outages and handovers, on a real Kafka, in four minutes
	$(PY) -m pytest -n 2 --dist load -m faults tests/faults

faults-all: $(READY)  ## every fault scenario in both modes, 50 kills each, as a table (an hour)
	$(PY) -m tests.faults --kills 50

faults-long: $(READY)  ## the same with 100 kills
	$(PY) -m tests.faults --kills 100

soak: $(READY)  ## half an hour at half load with kills: memory, files and threads stay as they are (MINUTES=, RATE=)
	$(PY) -m tests.faults.soak --minutes $(or $(MINUTES),30) --rate $(or $(RATE),20000)

lint: $(READY)  ## formatting, lint, types, import rules
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
ifneq ($(CARGO),)
	MYPYPATH=native $(PY) -m mypy.stubtest --concise --ignore-missing-stub saring_native
	cd native && cargo fmt --check && cargo clippy --quiet --release --locked -- -D warnings
endif

check: lint test  ## lint and test

lock: pyproject.toml  ## pin the newest allowed packages, without index addresses
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--group dev --group bench pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		bench/peers.in -o bench/peers.lock

guard: $(READY)  ## the line is no slower than recorded: seconds, in turns of a calibration loop
	$(PY) -m bench.speed_guard

fuzz: $(READY)  ## throw texts at link finding: SHORT=, LONG= and SEED= set how many and which
	$(PY) -m bench.fuzz_links --short $(or $(SHORT),10000000) --long $(or $(LONG),20000) $(if $(SEED),--seed $(SEED))

schema: $(READY)  ## write the published schemas
	for what in alert ledger feedback; do .venv/bin/saring schema $$what > docs/schema/$$what-v1.json; done

lists-faults: $(READY)  ## 100 swaps under load, 20 killed keepers, 200 publications, on a real Kafka
	$(PY) -m bench.list_faults swaps 100 200000
	$(PY) -m bench.list_faults kills 20 20000
	$(PY) -m bench.list_faults sizes 200 2000

lookback-faults: $(READY)  ## on a real Kafka: retro and campaigns killed 40 times, lists held back at a worker, limits (12 minutes)
	$(PY) -m tests.faults.look_back --kills 20
	$(PY) -m tests.faults.held_back --rounds 10
	$(PY) -m tests.faults.look_back_limits

operate-faults: $(READY)  ## induce faults and ask a real Prometheus whether each rule saw them
	$(PY) -m bench.operate_faults

operate-quiet: $(READY)  ## ten healthy minutes: no rule may fire
	$(PY) -m bench.operate_faults --quiet 600

operate-stack: $(READY)  ## the compose file's commands without Docker, with the same config files
	$(PY) -m bench.operate_stack

validate: $(READY)  ## the files in deploy/, by the tools they are for
	deploy/validate.sh
