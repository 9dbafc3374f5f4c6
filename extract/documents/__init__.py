"""documents (face)."""
