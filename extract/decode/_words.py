"""Text and the start of something unquoted in, the number, literal or text it is out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from extract.decode._strings import Piece
    from extract.typing import JSON

LITERALS: Final[dict[str, tuple[JSON, str]]] = {
    "true": (True, ""),
    "false": (False, ""),
    "null": (None, ""),
    **dict.fromkeys(("True", "TRUE"), (True, "odd-literal")),
    **dict.fromkeys(("False", "FALSE"), (False, "odd-literal")),
    **dict.fromkeys(("None", "Null", "NULL", "NONE", "none", "nil", "undefined"), (None, "odd-literal")),
    **dict.fromkeys(("NaN", "nan", "NAN", "+NaN", "-NaN"), (float("nan"), "not-finite")),
    **dict.fromkeys(("Infinity", "+Infinity", "inf", "Inf", "+inf"), (float("inf"), "not-finite")),
    **dict.fromkeys(("-Infinity", "-inf", "-Inf"), (float("-inf"), "not-finite")),
}
"""Every literal that is read as a value, with that value and the kind of repair it takes."""

WIDE: Final = {"｛": "{", "｝": "}", "［": "[", "］": "]", "：": ":", "，": ",", "、": ",", "；": ";"}
"""Full-width signs, and the signs of JSON they stand for."""

_STRICT_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LOOSE_INTEGER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:0|[1-9](?:_?[0-9])*)n?)")
_LOOSE_FLOAT = re.compile(r"[+-]?(?=\.?[0-9])(?:0|[1-9](?:_?[0-9])*)?(?:\.[0-9]*(?:_[0-9]+)*)?(?:[eE][+-]?[0-9]+)?")
# The plus of so many digits belongs to a telephone number, which is no number.
_PHONE = re.compile(r"\+[0-9]{7,15}")
# Python refuses to build integers of more digits than this out of text.
_MOST_DIGITS = 4300

_QUOTE = "\"'`“”„‘’「」『』＂"
_KEY_AHEAD = re.compile(
    rf"\s*(?:[{_QUOTE}][^{_QUOTE}\n]{{0,200}}[{_QUOTE}]?\s*:|[\w$.-]{{1,100}}[\"']?\s*:(?!//)|[}}\]]|\{{\s*[{_QUOTE}}}]|//|/\*|\.\.\.|```|\Z)"
)
_LINE_AHEAD = re.compile(
    rf"\s*(?:,|[{_QUOTE}][^{_QUOTE}\n]{{0,200}}[{_QUOTE}]?\s*:|[\w$.-]{{1,100}}\s*:(?!//)|[}}\]]|```|\Z)"
)
_QUOTED_KEY_AHEAD = re.compile(rf"[{_QUOTE}][^{_QUOTE}\n,:]{{1,200}}[{_QUOTE}]\s*:")
# What may follow the one quote that closes a text which no quote opened.
_CLOSING_BARE = frozenset((",", "}", "]", " ", "\t", "\r", "\n", ""))
_LONGEST_WORD = 400
# Brackets and quotes after which unquoted text is garbage, and is taken to reach to the text's end.
_MOST_SIGNS = 100_000
# What stands in parentheses on one line belongs to the text before them, commas and colons too.
_CALLED = re.compile(r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
# No item is written 000: what comes before it belongs to the same number.
_ZEROS_AHEAD = re.compile(r"(?:,[1-9][0-9]{2})*,0[0-9]{2}(?![0-9])")
_THOUSANDS = re.compile(r",[0-9]{3}(?![0-9])")
_STOPS: Final = {
    "member": re.compile(r"[,;{}\]\n\"'(，、；｝］]|/\*|\s//|\s\#\s|```"),
    "item": re.compile(r"[,{}\[\]\n()\"'，、｝］]|/\*|\s//|\s\#\s|```"),
    "tuple": re.compile(r"[,{}\[\]\n()\"']|/\*|\s//|\s\#\s|```"),
    "root": re.compile(r"\Z"),
}


@dataclass(frozen=True, slots=True)
class Bare:
    """Where unquoted text stops, where reading goes on, and whether the text's end cut it off."""

    stop: int
    after: int
    cut: bool


def bare_extent(piece: Piece, start: int, context: str) -> Bare:
    """Find how far an unquoted value reaches that starts at ``start``."""
    text, end, search = piece.text, piece.end, _STOPS[context].search
    at, opened, quoted = start, 0, False
    for _ in range(_MOST_SIGNS):
        found = search(text, at, end)
        if found is None:
            break
        at, sign = found.start(), found.group().strip() or "\n"
        sign = WIDE.get(sign, sign)
        if sign in "({[,;":
            whole = _is_whole(text[start : min(at, start + _LONGEST_WORD)].strip()) and at - start < _LONGEST_WORD
            if whole and not (sign == "," and _goes_on_in_digits(text, at, end, context)):
                return Bare(at, at, cut=False)
        called = _CALLED.match(text, at, end) if sign == "(" and context != "tuple" else None
        if called:
            at = called.end()
            continue
        if sign in "({[":
            opened += 1
        elif sign in ")}]" and opened:
            opened -= 1
        elif _ends_bare(text, at, end, sign, context):
            return Bare(at, at, cut=False)
        elif sign in "\"'":
            if _opens_key(text, at, end) or _ended(text, start, at):
                return Bare(at, at, cut=False)
            if sign == '"' and not quoted and text[at + 1 : at + 2] in _CLOSING_BARE:
                return Bare(at, at + 1, cut=False)
            quoted = quoted or sign == '"'
        at += 1
    return Bare(end, end, cut=True)


def _goes_on_in_digits(text: str, at: int, end: int, context: str) -> bool:
    """Whether the comma after digits groups thousands or begins decimals, and so separates nothing."""
    if _THOUSANDS.match(text, at, end):
        return context != "item" or _ZEROS_AHEAD.match(text, at, end) is not None
    return context == "member" and text[at + 1 : at + 2].isdigit() and _KEY_AHEAD.match(text, at + 1, end) is None


def _ended(text: str, start: int, at: int) -> bool:
    """Whether a whole number or literal and white space stand before a quote, so that it opens the next value."""
    return at - start < _LONGEST_WORD and text[at - 1].isspace() and _is_whole(text[start:at].strip())


def _is_whole(token: str) -> bool:
    """Whether a bracket or comma after this token belongs to what follows rather than to the text."""
    return token in LITERALS or _STRICT_NUMBER.fullmatch(token) is not None


def _ends_bare(text: str, at: int, end: int, sign: str, context: str) -> bool:
    if sign == ",":
        if context == "item":
            return _ZEROS_AHEAD.match(text, at, end) is None
        return context != "member" or _KEY_AHEAD.match(text, at + 1, end) is not None
    if sign == "\n":
        return context != "member" or _LINE_AHEAD.match(text, at + 1, end) is not None
    return sign not in "\"';)" or (sign == ")" and context == "tuple")


def _opens_key(text: str, at: int, end: int) -> bool:
    return text[at - 1].isspace() and _QUOTED_KEY_AHEAD.match(text, at, end) is not None


def read_number(token: str, *, exact: bool) -> tuple[JSON, str] | None:
    """Read a number.

    Args:
        token: The whole of the unquoted text.
        exact: Read fractions as Decimal.

    Returns:
        The number and the kind of repair it took (none for JSON's own numbers); None for a text that
        is no number, or whose digits would not survive being read as one (``007``).
    """
    strict = _STRICT_NUMBER.fullmatch(token)
    if strict:
        if strict.group(1) or strict.group(2):
            return _fraction(token, exact=exact), ""
        return (int(token), "") if len(token) <= _MOST_DIGITS else None
    if _PHONE.fullmatch(token):
        return None
    integer = _LOOSE_INTEGER.fullmatch(token)
    if integer and len(token) <= _MOST_DIGITS:
        sign, digits = integer.groups()
        return int(sign + digits.rstrip("n") if digits[1:2] not in "xX" else sign + digits, 0), "odd-number"
    if _LOOSE_FLOAT.fullmatch(token):
        return _fraction(token.replace("_", ""), exact=exact), "odd-number"
    return None


def _fraction(token: str, *, exact: bool) -> JSON:
    # Decimal is no member of JSON's own types; it stands for a float whose digits matter.
    return Decimal(token) if exact else float(token)  # type: ignore[return-value]


def is_strict_number(token: str) -> bool:
    """Whether a text is a number of JSON."""
    return _STRICT_NUMBER.fullmatch(token) is not None


def looks_like_number(token: str) -> bool:
    """Whether a text kept as text is made of digits, so that the record can say so."""
    return _PHONE.fullmatch(token) is not None or (
        token[:1].isdigit() and token.replace(".", "").replace("e", "").replace("-", "").isdigit()
    )


def begins_literal(token: str) -> bool:
    """Whether a text cut off may be the beginning of a literal or of a number."""
    return token[:1] in "+-.0123456789" or any(word.startswith(token) for word in LITERALS)
