"""What every later stage knows of a source: its text, its name, and where its pages begin."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 — dataclasses and pydantic resolve it at run time

__all__ = ["Document", "any_text"]

any_text = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\ufeff]").search
"""Finds the first sign that anybody could see; a document without one holds no text."""


@dataclass(frozen=True, slots=True)
class Document:
    r"""A source as text.

    Args:
        text: The whole text, line ends as ``\n``; stays out of reprs.
        name: What to call it in messages and results: a file's name, or what the caller said.
        media_type: What the bytes were: ``text/plain``, ``text/html``, ``application/pdf`` …
        source: The path it came from, when it came from one.
        pages: Offset in ``text`` at which each page begins; empty where the kind has no pages.
        encoding: How the bytes were read as text; None where the kind says so itself (PDF).
        notes: Liberties taken and things left out while reading, one sentence each.
    """

    text: str = field(repr=False)
    name: str = "document"
    media_type: str = "text/plain"
    source: Path | None = None
    pages: tuple[int, ...] = ()
    encoding: str | None = None
    notes: tuple[str, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Number of the page (from 1) that holds the character at ``offset``; None without pages."""
        if not self.pages or not 0 <= offset <= len(self.text):
            return None
        return max(1, bisect_right(self.pages, offset))

    def page_text(self, number: int) -> str:
        """Text of page ``number`` (from 1).

        Raises:
            IndexError: When there is no such page.
        """
        if not 1 <= number <= len(self.pages):
            raise IndexError(f"page {number} of {len(self.pages)}")
        end = self.pages[number] if number < len(self.pages) else len(self.text)
        return self.text[self.pages[number - 1] : end].rstrip("\n")
