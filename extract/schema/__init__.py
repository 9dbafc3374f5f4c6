"""Declared type ⇄ wire: adapt any type, fit it to a dialect, decode, encode, check, explain."""

from __future__ import annotations

from extract.schema._checked import Checked, Strictness, WireForm
from extract.schema._describe import Rewrite
from extract.schema._dialect import DIALECTS, Dialect, Limits
from extract.schema._explain import Explanation
from extract.schema._limits import Use
from extract.schema._parts import Part
from extract.schema._schema import Schema

__all__ = [
    "DIALECTS",
    "Checked",
    "Dialect",
    "Explanation",
    "Limits",
    "Part",
    "Rewrite",
    "Schema",
    "Strictness",
    "Use",
    "WireForm",
]
