"""Declared type ⇄ wire: adapt any type, fit it to a dialect, decode, encode, check, coerce, salvage, mend, explain."""

from __future__ import annotations

from extract.schema._checked import Checked, Strictness, WireForm
from extract.schema._dialect import DIALECTS, Dialect, Limits
from extract.schema._mend import Asked, Subset, subset
from extract.schema._outline import Outline
from extract.schema._salvage import Quarantined, Salvaged, salvage
from extract.schema._schema import Schema

__all__ = [
    "DIALECTS",
    "Asked",
    "Checked",
    "Dialect",
    "Limits",
    "Outline",
    "Quarantined",
    "Salvaged",
    "Schema",
    "Strictness",
    "Subset",
    "WireForm",
    "salvage",
    "subset",
]
