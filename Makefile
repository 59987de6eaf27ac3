# Everything a contributor or CI runs. `make` alone lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# One BLAS thread: with several, sums are rounded differently from run to run.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
# Python trusts a .pyc while second and size of its source stay: too coarse for a quick edit.
FORGET_BYTECODE = find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Set-up. The stamps are written last, so that an interrupted set-up is repeated. ---

$(VENV)/.installed: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "error: no '$(PYTHON)' here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("error: $(PYTHON) is Python " + sys.version.split()[0] + ", and 3.11 or newer is needed. Name another: make PYTHON=/path/to/python")'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "error: $(PYTHON) has no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once."
	$(PYTHON) -m venv --clear $(VENV)
	@PYTHON=$(BIN)/python sh tools/install_locked.sh
	@touch $@

$(VENV)/.ready: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	@touch $@

.PHONY: .venv
.venv: $(VENV)/.ready ## set up the virtual environment (the targets below do it by themselves)

# --- What people come for. ---

.PHONY: book
book: $(VENV)/.ready ## build the site and print where it is
	$(BIN)/jupyter-book build .
	@echo "The book is at file://$(CURDIR)/_build/html/index.html"

.PHONY: evidence
evidence: $(VENV)/.ready ## train what data/evidence lacks, and keep it (ARGS="longer steps": some studies; ARGS=--anew: compare)
	$(BIN)/python -m nnbook.lab.keeping $(ARGS)

.PHONY: whole
whole: book ## make the whole book as PDF and as EPUB, and have the site link to them
	@$(BIN)/python tools/whole.py

.PHONY: pdf
pdf: book ## make the whole book as PDF alone
	@$(BIN)/python tools/whole.py pdf

.PHONY: epub
epub: book ## make the whole book as EPUB alone
	@$(BIN)/python tools/whole.py epub

# Tests run on all cores; the workers take from one another what is still to be done.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal
COVERED := --cov --cov-report=term:skip-covered

.PHONY: test
test: $(VENV)/.ready ## test the library, with coverage, and the book by a change of each kind
	@$(FORGET_BYTECODE)
	$(PYTEST) $(COVERED)

.PHONY: test-fast
test-fast: $(VENV)/.ready ## test the library and its lab alone, in half a minute
	$(PYTEST) src tests --ignore tests/book

.PHONY: test-all
test-all: $(VENV)/.ready ## run all tests that need no browser, with coverage
	@$(FORGET_BYTECODE)
	$(PYTEST) $(COVERED) --everything

.PHONY: test-site
test-site: $(VENV)/.ready ## build the site and the whole book, and test every page in Chromium or Chrome
	@$(BIN)/python tools/browser.py
	@$(MAKE) --no-print-directory whole
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile -m "site and not slow" tests/site

.PHONY: test-slow
test-slow: book ## change and kill whole builds, run all notebooks, look at all pages in all ways, release: hours
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest -m slow -v tests/book/test_freshness.py tests/book/test_random_changes.py tests/site

.PHONY: test-release
test-release: $(VENV)/.ready ## make releases of a small book as a whole, in Chromium or Chrome
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest -m slow tests/site/test_whole_release.py

CLUSTER := .venv-cluster
$(CLUSTER)/.ready: $(VENV)/.ready
	$(PYTHON) -m venv --clear $(CLUSTER)
	@PYTHON=$(CLUSTER)/bin/python sh tools/install_locked.sh
	$(CLUSTER)/bin/python -m pip install --quiet --no-build-isolation -e '.[cluster]'
	@touch $@

.PHONY: test-cluster
test-cluster: $(CLUSTER)/.ready ## compute runs on a real Dask cluster on 127.0.0.1, and kill one of its workers
	$(CLUSTER)/bin/python -m pytest -m cluster tests/cluster

PEERS := .venv-peers
$(PEERS)/.ready: $(VENV)/.ready
	$(PYTHON) -m venv --clear $(PEERS)
	@PYTHON=$(PEERS)/bin/python sh tools/install_locked.sh
	$(PEERS)/bin/python -m pip install --quiet --no-build-isolation -e '.[peers]'
	@touch $@

.PHONY: test-peers
test-peers: $(PEERS)/.ready ## hold the dropout layer against the real PyTorch
	$(PEERS)/bin/python -m pytest -m peers tests/peers

.PHONY: validate
validate: book ## let the W3C's validator read every page (needs Java)
	@$(BIN)/python tools/validate.py

.PHONY: audit
audit: book ## let Lighthouse look at every page, within a budget (needs Node.js; ARGS=--stock)
	@$(BIN)/python tools/audit.py $(ARGS) $(PAGES)

.PHONY: links
links: $(VENV)/.ready ## ask every site that the book links to whether the page is still there
	$(BIN)/jupyter-book build . --builder linkcheck

.PHONY: serve
serve: $(VENV)/.ready ## build, serve on 127.0.0.1, rebuild and reload on every change
	@$(BIN)/python tools/serve.py

.PHONY: lint
lint: $(VENV)/.ready ## check code style, types, spelling of both languages, and the workflows (needs Node.js)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python tools/lint_chinese.py
	$(BIN)/python tools/workflows.py

.PHONY: check-site
check-site: $(VENV)/.ready ## tell whether SITE, a URL or a folder, is what this checkout would publish
	@$(BIN)/python tools/check_site.py "$(or $(SITE),_build/html)"

.PHONY: why
why: $(VENV)/.ready ## tell what each chapter has read that changed since it was executed (PAGE=training: all that it has read)
	@PYTHONPATH=book/_ext $(BIN)/python tools/why.py $(PAGE)

.PHONY: ledger-diff
ledger-diff: book ## tell what changes in print since the last release, or against OLD, a revision or a site
	@$(BIN)/python tools/ledger_diff.py $(or $(OLD),HEAD)

.PHONY: translate
translate: $(VENV)/.ready ## bring the catalogues of the other languages up to date, and tell what is open
	@PYTHONPATH=book/_ext $(BIN)/python tools/translate.py

.PHONY: published
published: book ## add new pages and places to the list of those that must never vanish
	@$(BIN)/python tools/published.py

# --- What goes out. ---

.PHONY: artefacts
artefacts: $(VENV)/.ready ## make all that a release consists of, in dist/<version>, with digests
	@$(BIN)/python tools/artefacts.py

.PHONY: release
release: $(VENV)/.ready ## make a release of main: VERSION=1.2.3, dry unless DRY=no; it sends nothing
	@VERSION="$(VERSION)" DRY="$(or $(DRY),yes)" TESTED="$(or $(TESTED),no)" DATE="$(DATE)" $(BIN)/python tools/release.py

.PHONY: check-artefacts
check-artefacts: $(VENV)/.ready ## hold dist/<version> against the digests in the tag of that version
	@$(BIN)/python tools/check_artefacts.py

.PHONY: check-published
check-published: test-site ## check all that is checked before a site is published
	@$(BIN)/python tools/check_site.py _build/html
	@$(BIN)/python tools/audit.py

.PHONY: bench
bench: $(VENV)/.ready ## measure how long things take, as ratios (make bench ARGS="steps memory --keep")
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: figures
figures: $(VENV)/.ready ## draw images/ anew
	$(BIN)/python -m nnbook.lab.diagrams

.PHONY: mutants
mutants: $(VENV)/.ready ## break the library in small ways and list the changes that no test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

.PHONY: lock
lock: $(VENV)/.ready ## write requirements.lock anew (make lock ARGS=--upgrade: with the newest versions)
	$(BIN)/uv pip compile pyproject.toml --extra book --extra dev --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --quiet $(ARGS) -o requirements.lock

.PHONY: clean
clean: ## remove what the targets wrote, but for the virtual environment
	rm -rf _build dist mutants .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	$(FORGET_BYTECODE)
