"""Text and a position in, all the flat items or members that follow each other there out, read at C speed."""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from extract.typing import JSON

_WS = r"[ \t\r\n]*"
_STRING = r'"[^"\\\x00-\x1f]*(?:\\["\\/bfnrt][^"\\\x00-\x1f]*)*"'
_SCALAR = rf"(?:{_STRING}|-?(?:0|[1-9][0-9]{{0,300}})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?|true|false|null)"
_MEMBER = rf"{_WS}{_STRING}{_WS}:{_WS}{_SCALAR}{_WS}"
# Each with the comma after it: what comes last may go on in the next piece.
_ITEMS = re.compile(rf"(?:{_WS}(?:\{{{_MEMBER}(?:,{_MEMBER})*\}}|{_SCALAR}){_WS},){{1,1000}}")
_MEMBERS = re.compile(rf"(?:{_MEMBER},){{1,1000}}")
_PAIRS: Final = JSONDecoder(object_pairs_hook=tuple)

LEAST = 64
"""Characters from which on it is worth looking for a run."""


def items(text: str, at: int) -> tuple[list[Any], int]:
    """Read scalars and objects of scalars; an object comes as the tuple of its pairs.

    Returns:
        What was read, and where reading goes on: behind the last comma.
    """
    run = _ITEMS.match(text, at)
    return (_PAIRS.decode(f"[{run.group()[:-1]}]"), run.end()) if run else ([], at)


def members(text: str, at: int) -> tuple[tuple[tuple[str, JSON], ...], int]:
    """Read members whose values are scalars; returns likewise."""
    run = _MEMBERS.match(text, at)
    return (_PAIRS.decode(f"{{{run.group()[:-1]}}}"), run.end()) if run else ((), at)
