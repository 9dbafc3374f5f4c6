#!/bin/sh
# From a fresh clone to typed objects, with a language model on this machine. Needs Python 3.10 or newer, and nothing else.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --upgrade pip
.venv/bin/python -m pip install --quiet '.[local,documents]'
.venv/bin/extract model pull
.venv/bin/extract run invoice examples/documents/invoice-* --engine local --pretty
