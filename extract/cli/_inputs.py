"""INPUT arguments in, one source a document out: files, folders, patterns, standard input."""

from __future__ import annotations

import glob
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from extract.documents import Document, Limits, read
from extract.errors import ConfigError, DocumentError

__all__ = ["STDIN", "Source", "find_inputs"]

STDIN = "-"
_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".eml"})
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """One document to be read: a path, or ``-`` for standard input; or what was typed and stands for none."""

    name: str
    problem: str = ""
    advice: str = ""
    data: bytes | None = field(default=None, repr=False)

    def taken_in(self) -> Source:
        """Read standard input here and now: a thread that waits for it cannot be interrupted."""
        if self.name != STDIN:
            return self
        return replace(self, data=sys.stdin.buffer.read(Limits().size + 1))

    def read(self) -> Document:
        """Read it.

        Raises:
            DocumentError: When it cannot be read, or there is nothing to read.
        """
        if self.problem:
            raise DocumentError(self.problem, source=self.name, advice=self.advice)
        return read(self.name) if self.data is None else read(self.data, name=self.name)


def find_inputs(arguments: list[str]) -> tuple[Source, ...]:
    """Expand what was typed; a file that is named in two ways is one document.

    What is missing or empty is found out when it is read, so that the others are done.

    Raises:
        ConfigError: When there is nothing to read at all, or standard input is named twice.
    """
    if arguments.count(STDIN) > 1:
        raise ConfigError("standard input (-) can be read only once")
    sources: dict[str, Source] = {}
    for argument in arguments:
        for source in _expand(argument):
            sources.setdefault(os.path.abspath(source.name), source)  # noqa: PTH100 — a link is a name of its own
    found = tuple(sources.values())
    if all(source.problem for source in found):
        raise ConfigError(
            "; ".join(f"{source.name}: {source.problem}" for source in found), advice=found[0].advice if found else ""
        )
    return found


def _expand(argument: str) -> list[Source]:
    path = Path(argument)
    try:
        if argument == STDIN or path.is_file():
            return [Source(argument)]
        if path.is_dir():
            kinds = ", ".join(sorted(_SUFFIXES))
            return _some(
                sorted(str(p) for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file()),
                Source(argument, "the folder holds no document", f"documents are {kinds}; folders in it are not read"),
            )
    except (OSError, ValueError) as error:  # ValueError: no system takes such a path
        why = getattr(error, "strerror", None) or "not a path"
        return [Source(argument, why, "check the path and its permissions")]
    if _MAGIC & set(argument):
        found = (name for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207 — patterns may be absolute
        return _some(sorted(found), Source(argument, "no file matches", "check the pattern"))
    return [Source(argument)]


def _some(names: list[str], otherwise: Source) -> list[Source]:
    return [Source(name) for name in names] or [otherwise]
