# Needs make and Python 3.11 or newer; everything else is installed into .venv and node_modules.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --no-input --disable-pip-version-check --require-hashes
PYTEST ?=
BENCH ?=

# What is installed is remembered by the checksum of the list that it was installed from.
sum = $(firstword $(shell cksum < $(1)))
RUN := .venv/.run-$(call sum,requirements/run.txt)
DEV := .venv/.dev-$(call sum,requirements/dev.txt)
BENCHED := .venv/.bench-$(call sum,requirements/bench.txt)
VENDOR := static/vendor/htmx.min.js static/vendor/pico.min.css
MO := $(patsubst %.po,%.mo,$(wildcard smsapp/translations/*/LC_MESSAGES/*.po))

HAVE_NPM = PATH="$(CURDIR)/.venv/bin:$$PATH" npm --version 2>/dev/null | grep -qE '^([7-9]|[1-9][0-9])[.]'
FIND_CHROMIUM = for p in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do command -v "$$p" && break; done
FIND_POSTGRESQL = { command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl; }
FIND_KANNEL = PATH="$$PATH:/usr/sbin" command -v bearerbox
APT = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing $(1)" && apt-get -qq update && \
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $(1) </dev/null >/dev/null

export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench faults soak dev chromium postgresql kannel

help: ## print these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUN) $(VENDOR) $(MO) .venv/bin/smsapp ## install what the program needs; run and test do it, too

run: setup ## set up, start everything and print the address (PORT=8000, SMSAPP_DATA=./instance)
	@$(PY) app.py

test: dev chromium postgresql kannel ## run all tests, in a real Chromium as well (PYTEST="tests/unit -x")
	@CHROMIUM="$$($(FIND_CHROMIUM))" $(PY) -m pytest $(or $(PYTEST),-n auto --dist loadfile --no-loadscope-reorder)

check: dev ## ruff, mypy, djlint and the rules of who may import whom
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy smsapp app.py
	@$(PY) -m djlint templates --lint --quiet
	@$(PY) -m pytest -q tests/unit/house/test_layers.py

bench: dev $(BENCHED) ## measure planning, launching, counting and draining with 100,000 recipients, and sending by SMPP
	@$(PY) -m tests.bench $(BENCH)

faults: dev postgresql ## kill processes 50 times at each step, on both databases (FAULT_KILLS=50)
	@FAULT_KILLS=$${FAULT_KILLS:-50} FAULT_DATABASES="$${FAULT_DATABASES:-sqlite postgresql}" \
	FAULT_QUEUE_SECONDS=60 FAULT_LOCK_SECONDS=10 $(PY) -m pytest tests/faults --timeout 1200 $(or $(PYTEST),-n auto --dist load --maxschedchunk 1)

soak: dev ## send 20,000 SMS while processes are killed at random for five minutes
	@$(PY) -m tests.faults.soak

dev: $(DEV) setup

.venv/bin/python:
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed and was not found; name one with PYTHON=/path/to/python3))
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv

$(RUN): | .venv/bin/python
	@echo "Installing Python packages"
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null
	@$(PIP) -r requirements/run.txt
	@rm -f .venv/.run-* && touch $@

.venv/bin/smsapp: | $(RUN)
	@printf '#!/bin/sh\ncd "%s" && exec .venv/bin/python -m smsapp "$$@"\n' "$(CURDIR)" > $@ && chmod +x $@

$(DEV): $(RUN)
	@echo "Installing Python packages for tests"
	@$(PIP) -r requirements/dev.txt
	@rm -f .venv/.dev-* && touch $@

$(BENCHED): | dev
	@echo "Installing Python packages for benches"
	@$(PIP) -r requirements/bench.txt
	@rm -f .venv/.bench-* && touch $@

node_modules/.package-lock.json: package-lock.json | $(RUN)
	@$(HAVE_NPM) || { echo "Installing Node.js into .venv, as there is no npm"; $(PIP) -r requirements/node.txt; }
	@echo "Installing front-end libraries"
	@PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --omit-lockfile-registry-resolved \
		--no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

static/vendor/htmx.min.js: node_modules/.package-lock.json
	@mkdir -p $(@D) && cp node_modules/htmx.org/dist/htmx.min.js $@

static/vendor/pico.min.css: node_modules/.package-lock.json
	@mkdir -p $(@D) && cp node_modules/@picocss/pico/css/pico.min.css $@

%.mo: %.po | $(RUN)
	@$(PY) -m babel.messages.frontend -q compile -i $< -o $@

chromium:
	@$(FIND_CHROMIUM) >/dev/null || { $(call APT,chromium fonts-liberation); }; $(FIND_CHROMIUM) >/dev/null || { \
		echo "No Chromium or Chrome: install one, or name it with CHROMIUM=/path/to/chrome" >&2; exit 1; }

postgresql: | chromium
	@$(FIND_POSTGRESQL) >/dev/null 2>&1 || { $(call APT,postgresql); } || \
		echo "No PostgreSQL: its tests will be skipped"

# Debian starts the service of a package that it installs; the tests run boxes of their own.
kannel: | postgresql
	@$(FIND_KANNEL) >/dev/null || { $(call APT,kannel) && { service kannel stop >/dev/null 2>&1 || true; }; } || \
		echo "No Kannel: its tests will be skipped"
