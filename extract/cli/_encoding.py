"""How words leave the command: results as UTF-8, and signs a terminal cannot show as plain ones."""

from __future__ import annotations

import codecs
import io
import sys

__all__ = ["speak_plainly"]

_SIGNS = {"✓": "+", "✗": "x", "→": "->", "·": "-", "…": "...", "’": "'"}


def speak_plainly() -> None:
    """Make both streams take any character, whatever the locale says.

    Results that are piped are UTF-8, for JSON Lines are; a terminal gets what it can show. Whatever cannot be
    written, such as a file's name that is no text, is escaped.
    """
    codecs.register_error("extract-plain-signs", _plain)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        stream.reconfigure(errors="extract-plain-signs")
        if stream is sys.stdout and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] in _SIGNS:
        return _SIGNS[error.object[error.start]], error.start + 1
    return codecs.backslashreplace_errors(error)
