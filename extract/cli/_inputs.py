"""INPUT arguments in, one source a document out: files, folders, patterns, standard input."""

from __future__ import annotations

import glob
import sys
from dataclasses import dataclass
from pathlib import Path

from extract.documents import Document, read
from extract.errors import ConfigError

__all__ = ["Source", "find_inputs"]

STDIN = "-"
_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".eml"})
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """One document to be read: a path, or ``-`` for standard input."""

    name: str

    def read(self) -> Document:
        """Read it.

        Raises:
            DocumentError: When it cannot be read.
        """
        if self.name == STDIN:
            return read(sys.stdin.buffer, name="<stdin>")
        return read(self.name)


def find_inputs(arguments: list[str]) -> tuple[Source, ...]:
    """Expand what was typed. A file that is missing is found out when it is read, so that the others are done.

    Raises:
        ConfigError: When a folder or pattern holds nothing to read, or standard input is named twice.
    """
    if arguments.count(STDIN) > 1:
        raise ConfigError("standard input (-) can be read only once")
    return tuple(Source(name) for argument in arguments for name in _expand(argument))


def _expand(argument: str) -> list[str]:
    path = Path(argument)
    if argument == STDIN or path.is_file():
        return [argument]
    if path.is_dir():
        kinds = ", ".join(sorted(_SUFFIXES))
        return _some(
            sorted(str(p) for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file()),
            f"{argument}: the folder holds no document",
            f"documents are {kinds}; folders inside it are not searched",
        )
    if _MAGIC & set(argument):
        found = (name for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207 — patterns may be absolute
        return _some(sorted(found), f"{argument}: no file matches", "check the pattern")
    return [argument]


def _some(found: list[str], message: str, advice: str) -> list[str]:
    if not found:
        raise ConfigError(message, advice=advice)
    return found
