"""Declared type ⇄ wire: adapt any type, fit it to a dialect, decode, encode, check, coerce, salvage, mend, explain."""

from __future__ import annotations

from extract.schema._alike import same
from extract.schema._answered import Answered, answered
from extract.schema._checked import Checked, WireForm
from extract.schema._checks import (
    Check,
    check,
    checksum,
    one_of,
    ordered,
    product,
    rule,
    run_checks,
    total,
    unique,
)
from extract.schema._describe import Rewrite
from extract.schema._dialect import DIALECTS, Dialect, Limits
from extract.schema._explain import Explanation
from extract.schema._limits import Use
from extract.schema._mend import Asked, Subset, subset
from extract.schema._outline import Outline
from extract.schema._part_reader import PartReader
from extract.schema._parts import Part
from extract.schema._rest import Joined, Open, Rest, rest
from extract.schema._salvage import Quarantined, Salvaged, salvage
from extract.schema._schema import Schema
from extract.schema.coerce import Strictness, possible_dates, value_at

__all__ = [
    "DIALECTS",
    "Answered",
    "Asked",
    "Check",
    "Checked",
    "Dialect",
    "Explanation",
    "Joined",
    "Limits",
    "Open",
    "Outline",
    "Part",
    "PartReader",
    "Quarantined",
    "Rest",
    "Rewrite",
    "Salvaged",
    "Schema",
    "Strictness",
    "Subset",
    "Use",
    "WireForm",
    "answered",
    "check",
    "checksum",
    "one_of",
    "ordered",
    "possible_dates",
    "product",
    "rest",
    "rule",
    "run_checks",
    "salvage",
    "same",
    "subset",
    "total",
    "unique",
    "value_at",
]
