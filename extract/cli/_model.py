"""Embedded models on the command line: fetch, list, remove."""

from __future__ import annotations

__all__: list[str] = []
