"""schema (face)."""
