"""Declared type ⇄ wire: compile any type, fit it to a dialect, undo it on the way back."""

from extract.schema._first import Check, Checked, Quarantined, Salvaged, Schema, Subset, salvage, subset

__all__ = ["Check", "Checked", "Quarantined", "Salvaged", "Schema", "Subset", "salvage", "subset"]
