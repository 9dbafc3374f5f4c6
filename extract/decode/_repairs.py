"""Kinds of repair in, one sentence each out: the whole list of liberties the decoder may take."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from extract.errors import DecodeError
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.errors import Path

REPAIRS: Mapping[str, str] = MappingProxyType(
    {
        # around the value
        "byte-order-mark": "A byte order mark before the text is skipped.",
        "fence": "The value is taken out of a Markdown code fence.",
        "thinking": "A think-block before the answer is skipped.",
        "prose": "Words before or after the value are skipped.",
        "other-candidate": "The text holds further values apart from this one; they are kept in `others`.",
        "concatenated": "Values written one after the other become the items of one list.",
        "escaped-text": "The whole text had its quotes escaped once too often; one level is taken off.",
        "quote-marks": "The lines stood behind the quote marks of Markdown (`>`); the marks are taken off.",
        "html-escaped": "The whole text had its quotes as HTML entities; they are read as characters.",
        "bare-text": "A text that is no JSON at all is taken as one string, because the caller asked for it.",
        # brackets
        "missing-open": "An opening bracket was missing.",
        "missing-close": "A closing bracket was missing although the text goes on or its fence was closed.",
        "wrong-close": "A closing bracket of the wrong kind closes what is open.",
        "stray-close": "A closing bracket that closes nothing is skipped.",
        "doubled-brace": "Braces written twice, as in a template, count once.",
        "tuple": "A Python tuple becomes a list.",
        "set": "A Python set becomes a list.",
        "grouping": "Parentheses around one value are taken off.",
        "call": "A call around one value, such as `ObjectId(…)`, is taken off.",
        # commas and colons
        "missing-comma": "A comma between two values was missing.",
        "extra-comma": "A comma with nothing before or after it is skipped.",
        "odd-comma": "Another character stood where a comma belongs.",
        "missing-colon": "The colon between a key and its value was missing.",
        "odd-colon": "Another sign, such as `=`, stood where a colon belongs.",
        "comment": "A comment is skipped.",
        "stray-text": "Text that is neither key nor value is skipped.",
        "wide-sign": "A full-width sign, as Chinese and Japanese text has it, stood where one of JSON belongs.",
        "odd-space": "White space that JSON does not know, or a control character, is skipped.",
        # strings
        "single-quotes": "A string was quoted with single quotes or backticks.",
        "smart-quotes": "A string was quoted with typographic quotes.",
        "doubled-quotes": "A string's quotes were written twice.",
        "triple-quotes": "A string was quoted with three quotes or backticks.",
        "string-prefix": "A Python string prefix, such as `r` or `b`, is skipped.",
        "inner-quotes": "Quotes inside a string were not escaped.",
        "missing-quote": "A string's opening or closing quote was missing.",
        "unquoted-key": "A key was not quoted.",
        "unquoted-text": "A text value was not quoted.",
        "control-character": "A control character stood in a string unescaped.",
        "bad-escape": "A backslash that starts no escape of JSON is read as itself.",
        "odd-escape": "An escape of another language, such as `\\'` or `\\x41`, is read as its character.",
        "lone-surrogate": "Half a surrogate pair is no character and becomes U+FFFD.",
        "joined-strings": "Strings joined with `+` become one.",
        # other scalars
        "odd-literal": "A literal of another language, such as `True` or `None`, is read as JSON's.",
        "not-finite": "NaN or an infinity, which JSON does not know, is read as that float.",
        "odd-number": "A number written in another way (`+1`, `.5`, `0x1F`, `1_000`) is read as its value.",
        "number-as-text": "Digits that are no number of JSON, such as `007`, are kept as text.",
        # what is not there
        "duplicate-key": "An object had the same key twice: the last value stands, the one before is in `before`.",
        "missing-value": "A key or a place had no value; it is left out.",
        "value-without-key": "A value inside an object had no key; it is kept in `before`.",
        "ellipsis": "Dots or words, such as `47 more items` or `and so on`, stand for values the text does not give.",
        "cut": "The text ends before the value does; what is complete is kept.",
        "cut-text": "The text ends inside this string; what there is of it is in `before`.",
        "cut-scalar": "The text ends in or right after this number or literal: it may not be whole and is left out.",
    }
)


class Notes:
    """Repairs in the order they were made, up to a limit after which the text counts as garbage."""

    __slots__ = ("_left", "made")

    def __init__(self, limit: int) -> None:
        self.made: list[Repair] = []
        self._left = limit

    def add(
        self, kind: str, path: Path | None = None, offset: int | None = None, before: Any = None, after: Any = None
    ) -> None:
        """Put one repair on record.

        Raises:
            DecodeError: The limit is reached.
        """
        self.made.append(Repair(kind, path, offset, before, after))
        self._left -= 1
        if self._left < 0:
            raise DecodeError(
                f"the text needs more than {len(self.made) - 1} repairs to be read as JSON",
                advice="Treat the reply as garbage and ask again, or raise max_repairs.",
            )
