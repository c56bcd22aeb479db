# Two commands do everything on a fresh Debian or Mac machine with Python 3.11+ and make:
#   make demo   the main job on the built-in example: options, map and report
#   make test   everything that must pass
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# A process a core, four at most; each takes whole files of tests.
SIDE_BY_SIDE ?= -n auto --maxprocesses 4 --dist loadfile

.PHONY: demo test lint quick-test slow-test browser bench wheel hashes sbom clean help

help:
	@sed -n 's/^#   //p' Makefile
	@echo "also: quick-test (no browser), slow-test, lint, bench, wheel, sbom, hashes, clean"

demo: $(BIN)/.core
	$(BIN)/boundaries demo -o maps/example
	@echo "Open maps/example/map.html and maps/example/report.html in a browser."

test: $(BIN)/.dev browser lint
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

quick-test: $(BIN)/.dev
	$(BIN)/python -m pytest -m "not slow and not browser and not london" -x

slow-test: $(BIN)/.dev
	$(BIN)/python -m pytest -m slow $(SIDE_BY_SIDE)

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/biome check .

# make bench PLACES='Brent Ealing "Kingston upon Thames"', or PLACES=--all; docs/benchmarks.md
PLACES ?= "Kingston upon Thames"
bench: $(BIN)/.dev
	$(BIN)/python -m benchmarks.ladder $(PLACES)

wheel: $(BIN)/.dev
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation -w dist .

clean:
	rm -rf $(VENV) $(VENV)-sbom $(VENV)-uv sbom.json dist build maps/example .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }

# Every package is checked against its hash before any of it runs; the project itself is built with
# the hatchling that came that way.
HASHED := install --quiet --require-hashes
$(BIN)/.core: pyproject.toml hashes/run.txt | $(BIN)/python
	$(BIN)/python -m pip $(HASHED) -r hashes/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/.dev: $(BIN)/.core hashes/test.txt
	$(BIN)/python -m pip $(HASHED) -r hashes/test.txt
	@touch $@

# What is installed to run the tool, as a CycloneDX list (SBOM): sbom.json.
sbom: $(BIN)/.core hashes/sbom.txt
	$(PYTHON) -m venv $(VENV)-sbom
	$(VENV)-sbom/bin/python -m pip $(HASHED) -r hashes/sbom.txt
	$(VENV)-sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
	  --output-file sbom.json $(BIN)/python
	@echo "Wrote sbom.json."

# After a change of pyproject.toml or constraints.txt: the hashes of every wheel of every version.
COMPILE := $(VENV)-uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
hashes:
	$(PYTHON) -m venv $(VENV)-uv && $(VENV)-uv/bin/python -m pip install --quiet "uv>=0.11"
	$(COMPILE) -c constraints.txt pyproject.toml hashes/build.in -o hashes/run.txt
	$(COMPILE) -c constraints.txt pyproject.toml hashes/build.in --group dev --extra parquet -o hashes/test.txt
	$(COMPILE) hashes/sbom.in -o hashes/sbom.txt

# The browser tests drive Chromium: installed where we may, named where we may not.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	 command -v google-chrome >/dev/null || test -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" || \
	 { if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	     apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	   else echo "The browser tests need Chromium: 'sudo apt-get install chromium' on Debian,"; \
	        echo "'brew install --cask chromium' on a Mac. Without it: make quick-test."; exit 1; fi; }
