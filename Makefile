# make demo    everything from nothing: install, audio, a tiny run, the screen
# make test    install what tests need and run the whole suite
# make faults  every fault as often as it is to be survived, and the counts; takes an hour or more
# make check   lint, types, import contracts
# make docs    what is generated: key table, config reference, screenshots

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

COUNTS := $(abspath .pytest_cache)/faults.jsonl

.PHONY: demo test faults check docs clean

demo: $(VENV)/.all
	$(BIN)/ravetui demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -rs -n 2 --dist loadfile

faults: $(VENV)/.dev
	mkdir -p $(dir $(COUNTS)) && rm -f $(COUNTS)
	RAVETUI_FAULTS=whole RAVETUI_FAULTS_COUNTS=$(COUNTS) \
	$(BIN)/python -m pytest -q -rs -n 2 --dist loadfile tests/faults; status=$$?; \
	$(BIN)/python -m tests.faults.report $(COUNTS); exit $$status

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py --pictures

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.all: $(VENV)/.venv pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all]'
	touch $@

$(VENV)/.dev: $(VENV)/.venv pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all,dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
