"""engines (face)."""
