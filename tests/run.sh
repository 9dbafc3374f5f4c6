#!/bin/sh
# From a fresh clone to a tested library. Arguments go to pytest; `-m ""` adds the slow tests.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --upgrade pip
.venv/bin/python -m pip install --quiet --editable . --group test
exec .venv/bin/python -m pytest -n 2 -m "not slow" "$@"
