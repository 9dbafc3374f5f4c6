"""Declared type ⇄ wire: adapt any type, fit it to a dialect, decode, encode, check, explain."""

from __future__ import annotations

from extract.schema._checked import Checked, Strictness, WireForm
from extract.schema._dialect import DIALECTS, Dialect, Limits
from extract.schema._schema import Schema

__all__ = ["DIALECTS", "Checked", "Dialect", "Limits", "Schema", "Strictness", "WireForm"]
