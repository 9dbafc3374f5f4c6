"""testing (face)."""
