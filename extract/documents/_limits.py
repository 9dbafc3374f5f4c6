"""How much of a source is too much, as one value."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one source; beyond them reading stops with a DocumentError.

    Args:
        size: Bytes of the source.
        pages: Pages of a PDF.
        seconds: Wall and CPU time the PDF parser's own process may take.
        memory: Bytes of address space the PDF parser's own process may take, where the system can limit it.
    """

    size: int = 50_000_000
    pages: int = 2_000
    seconds: int = 60
    memory: int = 2_000_000_000
