r"""What does a pattern of a JSON Schema mean? A regular expression of ECMAScript in, Python's of the same meaning out.

They look alike and differ in what matters: ``$`` is the very end, ``\d`` and ``\w`` are ASCII, ``\p{L}`` is a class.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache, lru_cache

__all__ = ["compiled"]

_SPACES = "\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_FLAGS = re.compile(r"\(\?([imsx]+)\)")
_COUNT = re.compile(r"\{[0-9]+(,[0-9]*)?\}")
_PARTS = re.compile(
    r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u\{[0-9A-Fa-f]+\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"
    r"|\\[pP]\{[^}]*\}|\\c[A-Za-z]|\\k<[^>]*>|\\[1-9][0-9]*|\\.|\(\?<(?![=!])|\[\^\]|\[\]|.",
    re.DOTALL,
)
_KNOWN = frozenset("dDwWbBtnrvfAZ")
_LONG = {
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Other_Letter": "Lo",
    "Modifier_Letter": "Lm", "Mark": "M", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Punctuation": "P",
    "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs", "Other": "C", "Control": "Cc", "Alphabetic": "L",
    "Lowercase": "Ll", "Uppercase": "Lu",
}  # fmt: skip


@lru_cache(maxsize=1_024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; search with it, for patterns are not anchored.

    Raises:
        ValueError: Python has no way to say it.
    """
    flags = _FLAGS.match(pattern)
    rest = pattern[flags.end() :] if flags else pattern
    try:
        return re.compile(f"(?a{flags[1] if flags else ''}:{_translated(rest)})")
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"Not a pattern that can be run here: {error}") from error


def _translated(pattern: str) -> str:
    out: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        if not inside and pattern[position] == "{" and not _COUNT.match(pattern, position):
            part, said = "{", r"\{"
        else:
            found = _PARTS.match(pattern, position)
            assert found is not None  # noqa: S101 - the last alternative takes any character
            part = found[0]
            if inside and part in {"[]", "[^]"}:
                part = "["
            said = _said(part, inside)
        inside = (inside or part == "[") and part != "]"
        out.append(said)
        position += len(part)
        if part == "[" and pattern[position : position + 1] == "^":
            out.append("^")
            position += 1
    return "".join(out)


def _said(part: str, inside: bool) -> str:  # noqa: FBT001 - which of two tables
    if part[0] == "\\":
        return _escape(part, inside)
    return (_INSIDE if inside else _OUTSIDE).get(part, part)


_OUTSIDE = {
    "$": r"\Z", ".": "[^\n\r\u2028\u2029]", "(?<": "(?P<", "[^]": r"[\s\S]", "[]": "(?!)",
}  # fmt: skip
_INSIDE = {"[": r"\[", "&": r"\&", "|": r"\|", "~": r"\~"}
"""Inside a class, what newer Pythons may take for set operations."""


def _escape(part: str, inside: bool) -> str:  # noqa: FBT001 - which of two forms
    kind = part[1:2]
    if kind == "u" and len(part) > 2:  # noqa: PLR2004 - else it is the letter
        return re.escape(_character(part))
    if kind in {"p", "P"} and len(part) > 2:  # noqa: PLR2004
        ranges = _category(part[3:-1], negated=kind == "P")
        return ranges if inside else f"[{ranges}]"
    if kind == "s":
        return _SPACES if inside else f"[{_SPACES}]"
    if kind == "S" and not inside:
        return f"[^{_SPACES}]"
    if kind == "c" and len(part) > 2:  # noqa: PLR2004
        return f"\\x{ord(part[2]) % 32:02x}"
    if kind == "k" and len(part) > 2:  # noqa: PLR2004
        return f"(?P={part[3:-1]})"
    if kind == "0":
        return r"\x00"
    if inside and kind == "b":
        return r"\x08"
    if kind.isascii() and kind.isalpha() and kind not in _KNOWN | {"S", "x"}:
        return kind
    return part


def _character(part: str) -> str:
    if len(part) == len(r"\uD83D\uDE00"):
        high, low = int(part[2:6], 16), int(part[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return chr(int(part[2:].strip("{}"), 16))


@cache
def _category(name: str, *, negated: bool) -> str:
    """Write a general category of Unicode as the ranges of a class."""
    short = name.removeprefix("General_Category=").removeprefix("gc=")
    short = _LONG.get(short, short)
    known = len(short) in {1, 2} and short[0] in "LMNPSZC"
    if not known:
        raise re.error(f"no category of Unicode is called {name!r}")
    out: list[str] = []
    start = None
    for point in range(sys.maxunicode + 2):
        has = point <= sys.maxunicode and unicodedata.category(chr(point)).startswith(short) is not negated
        if has and start is None:
            start = point
        elif not has and start is not None:
            out.append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start = None
    return "".join(out)
