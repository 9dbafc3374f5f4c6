"""exchange (face)."""
