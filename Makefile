# StoryHub: what can be done here, each by one command. `make` alone lists it.
#
# The one lock, requirements.lock, has six parts in this order: what builds the packages that come as source; what StoryHub
# runs on; the drivers for PostgreSQL and Redis; what reads stories by their meaning; what writes Parquet; what tests and checks need. Each command installs the parts up to its own,
# every file checked against the hash in the lock, so that a site that serves people carries no test tools.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What somebody's shell says about Python paths is no business of this environment.
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A site that names a PostgreSQL or a Redis, in the environment or in its own settings, gets the drivers too.
NAMES_A_SERVER := $(findstring postgresql,$(STORYHUB_DATABASE_URL))$(STORYHUB_REDIS_URL)$(shell \
	grep -lE '^(export )?STORYHUB_(DATABASE_URL=.?postgresql|REDIS_URL=.)' \
	"$${STORYHUB_INSTANCE:-instance}/storyhub.env" 2>/dev/null)
RUNS_ON := $(if $(strip $(NAMES_A_SERVER)),drivers,run)

# STORYHUB_TESTS_REQUIRE turns "could not test with it here" into a failure.
CHECK_NEEDS := postgres,redis,chromium,nginx,caddy
# Tests of one module stay together, because they share what is dear to start.
BOTH_CORES := -n logical --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help run demo multilingual parquet test check check-code check-sqlite check-postgres machine bench evidence raid desk-evidence exports-evidence lock format strings translations pictures clean

##: To use it

run: $(VENV)/.$(RUNS_ON) translations ## serve on http://127.0.0.1:8000 (HOST, PORT): sets up all it needs, migrates, starts
	@exec $(BIN)/flask serve

demo: $(VENV)/.$(RUNS_ON) translations ## the same with a few hundred invented stories, kept apart from yours
	@STORYHUB_INSTANCE="$${STORYHUB_INSTANCE:-instance/demo}" exec $(BIN)/flask serve --demo

multilingual: $(VENV)/.multilingual ## let stories that are alike find each other across 16 languages (105 MB; once)

parquet: $(VENV)/.parquet ## let stories leave as Parquet too (50 MB; once)

##: To work on it

test: $(VENV)/.tests translations ## all the tests that this machine can run; T=tests/feed narrows
	@$(BIN)/python -m pytest $(if $(T),$(T),$(BOTH_CORES))

check: ## exactly what CI runs: format, lint, types, every test on SQLite and on a real PostgreSQL
	@$(MAKE) --no-print-directory machine
	@$(MAKE) --no-print-directory check-code
	@$(MAKE) --no-print-directory check-sqlite
	@$(MAKE) --no-print-directory check-postgres
	@echo "Everything was checked and holds."

bench: $(VENV)/.tests translations ## what pages cost, beside a bare Flask page on the same server: ratios (ARGS: 10000 100000)
	@$(BIN)/python -m bench $(ARGS)

evidence: $(VENV)/.tests translations ## measure again what the documents state (EVIDENCE_DATA: folder of the sets that others made)
	@$(BIN)/python -m bench.evidence.identifying
	@$(BIN)/python -m bench.evidence.urgency
	@$(BIN)/python -m bench.evidence.floods
	@$(BIN)/python -m bench.evidence.likeness
	@$(BIN)/python -m bench.evidence.suggesting
	@$(BIN)/python -m bench.evidence.discovering
	@$(BIN)/python -m bench.evidence.limits
	@$(BIN)/python -m bench.evidence.leaving
	@$(BIN)/python -m bench.evidence.payloads
	@$(BIN)/python -m bench.evidence.disclosure --large
	@$(BIN)/python -m bench.evidence.raid

raid: $(VENV)/.tests translations ## sixty invented trolls among 120 honest stories, and what the desk made of it
	@$(BIN)/python -m bench.evidence.raid

desk-evidence: $(VENV)/.tests translations ## measure the desk: its pages at any size, fifty who read at once; long (ARGS: --decisions 500)
	@$(BIN)/python -m bench.evidence.desk_by_keys
	@$(BIN)/python -m bench.evidence.desk pages
	@$(BIN)/python -m bench.evidence.desk race $(ARGS)
	@.ci/on-postgres $(BIN)/python -m bench.evidence.desk race $(ARGS)

exports-evidence: $(VENV)/.tests translations ## what a file of many stories costs, beside sqlite3's own dump (ARGS: --stories 20000)
	@nice -n 10 $(BIN)/python -m bench.evidence.exports $(ARGS)

pictures: $(VENV)/.tests translations ## take the pictures of the README anew, from invented stories
	@$(BIN)/python docs/pictures/take.py

format: $(VENV)/.tests ## lay out the code and put right what the linter can
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

##: To look after it

strings: $(VENV)/.run ## collect the interface's strings and bring every translation up to date
	@mkdir -p build
	@# babel.cfg names a tag of our own, which is found from here.
	@PYTHONPATH=. $(BIN)/pybabel -q extract -F storyhub/translations/babel.cfg -k lazy_gettext -k _l --no-location --sort-output \
		--omit-header -o build/messages.pot .
	@$(BIN)/pybabel -q update -i build/messages.pot -d storyhub/translations -D messages --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date
	@echo "Now give each new line in storyhub/translations/*/LC_MESSAGES/messages.po its words."

lock: $(VENV)/.lock ## write requirements.lock anew from pyproject.toml, with the newest versions that it allows
	@mkdir -p build/lock
	@$(UV) --all-extras -o build/lock/tests.txt
	@$(UV) -c build/lock/tests.txt --extra build --extra postgres --extra redis --extra multilingual --extra parquet -o build/lock/parquet.txt
	@$(UV) -c build/lock/tests.txt --extra build --extra postgres --extra redis --extra multilingual -o build/lock/meaning.txt
	@$(UV) -c build/lock/tests.txt --extra build --extra postgres --extra redis -o build/lock/drivers.txt
	@$(UV) -c build/lock/tests.txt --extra build -o build/lock/run.txt
	@echo 'setuptools>=80' | $(subst pyproject.toml,-,$(UV)) -c build/lock/tests.txt -o build/lock/build.txt
	@$(JOIN) > build/lock/requirements.lock
	@mv build/lock/requirements.lock requirements.lock
	@$(call part,Drivers) > build/lock/run.txt
	@$(PIP) --dry-run --ignore-installed -r build/lock/run.txt

clean: ## remove what was made here; never instance/, where the stories are
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find storyhub migrations tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@find storyhub -name '*.mo' -delete

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##: / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile
	@echo

# ---- The environment. A stamp is newer than the lock when its part is installed, so a second start installs nothing.

# What stands before the part of that name.
part = sed '/^\# $(1)/,$$d' requirements.lock
PIP = $(BIN)/python -m pip install --quiet --require-hashes --no-input --no-build-isolation --use-pep517
# First what builds: packages that come as source then need nothing that is not in the lock.
install = $(call part,Run) > $(VENV)/build.txt && $(PIP) -r $(VENV)/build.txt && \
	$(call part,$(1)) > $(VENV)/part.txt && $(PIP) -r $(VENV)/part.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "StoryHub needs Python 3.11 or newer as $(PYTHON); name another with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing here. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(BIN)/python
	@echo "Installing what StoryHub runs on ..."
	@$(call install,Drivers)
	@touch $@

$(VENV)/.drivers: requirements.lock | $(BIN)/python
	@echo "Installing the drivers for PostgreSQL and Redis ..."
	@$(call install,Meaning)
	@touch $(VENV)/.run $@

$(VENV)/.multilingual: requirements.lock | $(BIN)/python
	@echo "Installing what reads stories by their meaning ..."
	@$(call install,Parquet)
	@touch $(VENV)/.run $(VENV)/.drivers $@

$(VENV)/.parquet: requirements.lock | $(BIN)/python
	@echo "Installing what writes Parquet ..."
	@$(call install,Tests)
	@touch $(VENV)/.run $(VENV)/.drivers $(VENV)/.multilingual $@

$(VENV)/.tests: requirements.lock | $(BIN)/python
	@echo "Installing what StoryHub and its tests run on ..."
	@$(call install,End)
	@touch $(VENV)/.run $(VENV)/.drivers $(VENV)/.multilingual $(VENV)/.parquet $@

# Writing the lock is the one thing that needs uv: pip cannot lock for every platform at once.
$(VENV)/.lock: | $(BIN)/python
	@$(BIN)/python -m pip install --quiet 'uv>=0.9'
	@touch $@

UV = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-header --no-emit-index-url --no-emit-find-links

# Each entry goes to the first part that needs it.
define JOIN_AWK
FNR == 1 { part++ }
part < 6 { if (/^[a-z0-9]/ && !($$0 in of)) of[$$0] = part; next }
/^[a-z0-9]/ { now = ($$0 in of) ? of[$$0] : 6 }
{ text[now] = text[now] $$0 "\n" }
END {
	print "# Written by `make lock` from pyproject.toml; do not edit.\n"
	printf "# Build: for packages that come as source.\n%s\n", text[1]
	printf "# Run: what StoryHub runs on.\n%s\n", text[2]
	printf "# Drivers: for PostgreSQL and Redis.\n%s\n", text[3]
	printf "# Meaning: to find stories that are alike across languages.\n%s\n", text[4]
	printf "# Parquet: for files of stories in Parquet.\n%s\n", text[5]
	printf "# Tests: for tests and checks.\n%s", text[6]
}
endef
export JOIN_AWK
JOIN = awk "$$JOIN_AWK" $(foreach part,build run drivers meaning parquet tests,build/lock/$(part).txt)

# ---- Translations, compiled when their words are newer.

CATALOGUES := $(wildcard storyhub/translations/*/LC_MESSAGES/messages.po)
translations: $(CATALOGUES:.po=.mo)

%.mo: %.po | $(VENV)/.run
	@$(BIN)/pybabel -q compile -i $< -o $@ --use-fuzzy

# ---- What CI checks, part by part.

machine:
	@.ci/machine

check-code: $(VENV)/.tests
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not laid out: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

check-sqlite: $(VENV)/.tests translations
	@echo "All tests, on SQLite:"
	@STORYHUB_TESTS_REQUIRE=$(CHECK_NEEDS) $(BIN)/python -m pytest $(BOTH_CORES)

check-postgres: $(VENV)/.tests translations
	@echo "All tests that meet the database, on PostgreSQL:"
	@STORYHUB_TESTS_REQUIRE=$(CHECK_NEEDS) .ci/on-postgres $(BIN)/python -m pytest $(BOTH_CORES) --ignore=tests/text \
		-m "not browser and not slow"
