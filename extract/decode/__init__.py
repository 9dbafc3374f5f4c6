"""decode (face)."""
