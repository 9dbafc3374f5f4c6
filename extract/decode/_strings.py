"""Text and an opening quote in, where the string ends and what it says out, whatever its quotes did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

QUOTES: Final = {
    '"': '"',
    "'": "'",
    "`": "`´'",
    "´": "´`'",
    "“": '”“„"',
    "”": '”“"',
    "„": '“”"',
    "«": "»",
    "‘": "’‘'",
    "’": "’‘'",
    "「": "」",
    "『": "』",
    "＂": '＂"',
}
"""Each opening quote with the signs that may close it."""

_ANY = "\"'`´“”„‘’「」『』＂"
_KEY = rf"(?:[{_ANY}]|[\w$.-]{{1,100}}[\"']?\s*[:：])"
_SURE_KEY = rf"(?:[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*[:：]|[\w$.-]{{1,100}}\s*[:：])"
_STRAY_KEY = rf"[\w$.-]{{1,100}}\s+[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*:"
_GLUED_KEY = rf"[{_ANY}][^{_ANY}\n]{{1,200}}[{_ANY}]\s*:\s*[{_ANY}\[{{\dtfn-]"
_SPACED_KEY = rf"[^\W\d][\w$-]{{0,40}}(?: [\w$-]{{1,40}}){{1,3}}:\s*(?:[{_ANY}\[{{\d-]|true\b|false\b|null\b)"
_VALUE = rf"(?:[{_ANY}\[{{(\d.+-]|true\b|false\b|null\b|True\b|False\b|None\b|NaN\b)"
_DONE = r"\Z|```|//|/\*|\#\s"
_JOIN = rf"\+\s*(?:/\*[^*]{{0,100}}\*/\s*)?(?:[{_ANY}]|\Z)"

# What may stand, after white space, behind the quote that closes a string: always, only where there
# is white space, only on a new line. The first quote met is believed easily; once it is known that
# the writer leaves inner quotes unescaped, only a surer sign is.
_FIRST: Final = {
    "member": (
        rf"\}}(?=[\s\w,}}\]);`/#\"'{{\[]|\Z)|\](?=[\s,}}\]);`\"'{{\[/]|\Z)|[;；｝］]|[,，、]\s*(?:{_KEY}|{_STRAY_KEY}|{_SPACED_KEY}|[}}\]{{\[,.…\u00a0-\uffff]|{_DONE})|{_DONE}|{_JOIN}|{_GLUED_KEY}",
        _SURE_KEY,
        _KEY,
    ),
    "item": (
        rf"[,\]}};:，、；：］｝]|{_DONE}|{_JOIN}",
        rf"[{_ANY}\[{{]|-?[\d.]+\s*(?:[,\]]|\Z)|[^\s{_ANY},\[\]{{}}][^{_ANY},\[\]{{}}\n]{{0,80}}\]",
        r"",
    ),
    "tuple": (rf"[,，)\]}}]|{_DONE}|{_JOIN}", rf"[{_ANY}\[{{]", r""),
    "root": (rf"[,;]?\s*(?:{_DONE})|{_JOIN}|,\s*{_VALUE}", r"(?!)", r""),
}
_LATER: Final = {
    "member": (
        rf"[}}\]]\s*(?:[}}\];]|,\s*(?:[{_ANY}{{\[\]}}]|\Z)|{_DONE})|,\s*(?:{_SURE_KEY}|[}}\]]|{_DONE})|{_DONE}",
        r"(?!)",
        _SURE_KEY,
    ),
    "item": (rf"[\]}}]\s*(?:[,}}\]]|{_DONE})|,\s*(?:{_VALUE}|\]|{_DONE})|{_DONE}", r"(?!)", r"(?!)"),
    "tuple": (rf"\)\s*(?:[,}})\]]|{_DONE})|,\s*(?:{_VALUE}|\)|{_DONE})", r"(?!)", r"(?!)"),
    "root": _FIRST["root"],
}


# A quote that opens what comes next although the string before it was never closed.
_OPENS: Final = {
    "member": re.compile(rf"[{_ANY}][^{_ANY}\n,]{{0,200}}[{_ANY}]\s*:"),
    "item": re.compile(rf"[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*[,\]]"),
    "tuple": re.compile(r"(?!)"),
    "root": re.compile(r"(?!)"),
}
_BARE_KEY_BEFORE = re.compile(r"\s*,\s*[A-Za-z_]\w{0,60}\s*:\s*\Z")
_SHORT_VALUE = re.compile(rf"[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*[,}}]")
_SEARCH: Final = {opening: re.compile(f"[{re.escape(closing)}]") for opening, closing in QUOTES.items()}
_SPACE = re.compile(r"\s*")
# How far back a string is looked at when it is asked whether its braces balance.
_LOOK_BACK = 2000


@dataclass(frozen=True, slots=True)
class Close:
    """Where a string's content stops, where reading goes on, and what was odd about its end."""

    stop: int
    after: int
    kind: str = ""


class Piece:
    """A text with the end of the part that may be read, and the patience left for looking far ahead.

    ``fenced`` says that reading began inside a code fence, so that three backticks on a line of their
    own end it.
    """

    __slots__ = ("end", "fenced", "patience", "text")

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.fenced = False
        self.patience = 100_000


def closing_quote(piece: Piece, start: int, context: str) -> Close | None:
    """Find the end of the string whose opening quote is at ``start``.

    Args:
        piece: The text.
        start: Where the opening quote is.
        context: ``member`` (a value in an object), ``item`` (a value in a list) or ``root``.

    Returns:
        The end, or None when no quote up to the text's end closes it.
    """
    first = next_quote(piece, start + 1, piece.text[start])
    if first < 0:
        return None
    if _is_followed_by(piece, first + 1, _FIRST[context]):
        return Close(first, first + 1)
    found = _later_close(piece, start, first, context)
    if found is None and piece.text[first + 1 : first + 2].isspace():
        return Close(first, first + 1)
    return found


def next_quote(piece: Piece, start: int, opening: str) -> int:
    """Find the next sign from ``start`` that may close a string and is not escaped; -1 without one."""
    text, search = piece.text, _SEARCH[opening].search
    at = start
    while True:
        found = search(text, at, piece.end)
        if found is None:
            return -1
        at = found.start()
        run = at
        while run > start and text[run - 1] == "\\":
            run -= 1
        if (at - run) % 2 == 0:
            return at
        at += 1


def _is_followed_by(piece: Piece, at: int, signs: tuple[str, str, str]) -> bool:
    text, end = piece.text, piece.end
    if at < end and not text[at].isspace():
        return _sign(signs, 0).match(text, at, end) is not None
    space = _SPACE.match(text, at, end)
    past = space.end() if space else at
    gap = 2 if text.find("\n", at, past) >= 0 else 1
    return _sign(signs, gap).match(text, past, end) is not None


@cache
def _sign(signs: tuple[str, str, str], gap: int) -> re.Pattern[str]:
    # Two dozen patterns of a millisecond each: compiled when they are first asked for, which valid JSON never does.
    return re.compile(f"(?:{'|'.join(signs[: gap + 1])})")


def _later_close(piece: Piece, start: int, first: int, context: str) -> Close | None:
    opening, at, tried = piece.text[start], first, 0
    signs = _LATER[context]
    while at >= 0 and tried < piece.patience:
        tried += 1
        unclosed = _before_next_member(piece, start, at, context)
        if unclosed is not None:
            return unclosed
        if at > first and _is_followed_by(piece, at + 1, signs):
            return Close(at, at + 1, "inner-quotes")
        at = next_quote(piece, at + 1, opening)
    # Only searches that fail are charged: they are the ones that could be repeated without end.
    piece.patience -= tried
    return None


def _before_next_member(piece: Piece, start: int, at: int, context: str) -> Close | None:
    """See whether the quote at ``at`` opens the next member or item; the string then ends before it."""
    text, end = piece.text, piece.end
    before = at - 1
    while before > start and text[before].isspace():
        before -= 1
    on_new_line = text.find("\n", before, at) >= 0
    if (text[before] == "," or on_new_line) and before > start and _OPENS[context].match(text, at, end):
        content = text[max(start + 1, before - _LOOK_BACK) : before]
        if content.count("{") <= content.count("}"):
            stop = before if text[before] == "," else before + 1
            return Close(stop, stop, "missing-quote")
    if context == "member" and text[before] == ":" and _SHORT_VALUE.match(text, at, end):
        floor = max(start + 1, at - 100)
        bare = _BARE_KEY_BEFORE.search(text[floor:at])
        if bare:
            return Close(floor + bare.start(), floor + bare.start(), "missing-quote")
    return None


_TO_UNESCAPE = re.compile("[\\\\\x00-\x1f\ud800-\udfff]")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|(?:x([0-9a-fA-F]{2})|U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4}))|([\s\S])|\Z)"
)
_CONTROL = re.compile("[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_PLAIN: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# Escapes of JavaScript, Python and Markdown whose backslash means nothing in JSON.
_FOREIGN: Final = frozenset("'`_*\n“”‘’„´")


def unescape(raw: str) -> tuple[str, tuple[str, ...]]:
    """Read a string's content.

    Args:
        raw: What stands between the quotes.

    Returns:
        What it says, and the kinds of repair that took.
    """
    if _TO_UNESCAPE.search(raw) is None:
        return raw, ()
    kinds: dict[str, None] = {}
    if _CONTROL.search(raw):
        kinds["control-character"] = None

    def read(escape: re.Match[str]) -> str:
        four, two, eight, one = escape.groups()
        if four:
            return chr(int(four, 16))
        if two or eight:
            kinds["odd-escape"] = None
            return chr(int(two or eight, 16))
        if one in _PLAIN:
            return _PLAIN[one]
        kinds["odd-escape" if one in _FOREIGN else "bad-escape"] = None
        return one if one in _FOREIGN else escape.group()

    said = _ESCAPE.sub(read, raw)
    if _SURROGATE.search(said):
        if _SURROGATE.search(_PAIR.sub("", said)):
            kinds["lone-surrogate"] = None
        said = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return said, tuple(kinds)


_CUT_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u[dD][89abAB][0-9a-fA-F]{2}|u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?\Z")


def whole_escapes(raw: str) -> str:
    """Take off an escape, or half a surrogate pair, that the text's end cut in two."""
    return _CUT_ESCAPE.sub(r"\1", raw)
