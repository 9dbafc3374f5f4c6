"""What the command's exit codes mean."""

from __future__ import annotations

__all__ = ["DONE", "FAILED", "INTERRUPTED", "UNUSABLE", "USAGE"]

DONE = 0
FAILED = 1
"""Some documents failed; those that did not are kept."""
USAGE = 2
"""Wrong usage, a type that cannot be had or expressed, missing settings: nothing was asked."""
UNUSABLE = 3
"""The engine cannot be used (key, credits, model): stopped, for no document would fare better."""
INTERRUPTED = 130
"""Ctrl-C, as shells write it; what was done is kept."""
