"""Text and position in, a value of strict JSON at C speed out; or nothing."""

from __future__ import annotations

from decimal import Decimal
from json import JSONDecoder
from typing import TYPE_CHECKING, Any

from extract.errors import DecodeError

if TYPE_CHECKING:
    from extract.typing import JSON

# How often, on average, a character may be read by attempts that then fail.
_PATIENCE = 4
# What one failing attempt costs at least, in characters.
_FAILURE = 200


class Strict:
    """Reads strict JSON out of one text; attempts that fail are charged, so that the whole stays linear.

    An object with the same key twice is no strict value here: the first of the two would be lost
    without a word.

    Args:
        text: The text to read from.
        max_depth: Deepest nesting accepted.
        exact_floats: Read numbers with a fraction as Decimal.
    """

    __slots__ = ("_budget", "_decoder", "_max_depth", "_runs", "_text")

    def __init__(self, text: str, *, max_depth: int, exact_floats: bool = False) -> None:
        self._text = text
        self._max_depth = max_depth
        self._budget = _PATIENCE * len(text) + 100_000
        self._decoder = JSONDecoder(
            object_pairs_hook=_object_of_distinct_keys,
            parse_float=Decimal if exact_floats else None,
            parse_constant=_refuse,
        )
        self._runs = JSONDecoder(object_pairs_hook=_pairs, parse_float=Decimal if exact_floats else None)

    def stop(self) -> None:
        """Read nothing more: the text holds escapes that the standard library would take as they are."""
        self._budget = 0

    def read(self, start: int) -> tuple[JSON, int] | None:
        """Read the value that starts exactly at ``start``.

        Returns:
            The value and where it ends; None when there is no strict value, or when earlier
            failures have used up the patience.

        Raises:
            DecodeError: The value is nested too deep.
        """
        if self._budget <= 0:
            return None
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except RecursionError:
            raise too_deep(self._max_depth) from None
        except ValueError as error:
            # The standard library counts lines from the text's start when it builds its error.
            self._budget -= _FAILURE + getattr(error, "pos", len(self._text))
            return None
        if _levels(value, self._max_depth) > self._max_depth:
            raise too_deep(self._max_depth)
        return value, end

    def items(self, start: int, stop: int) -> list[Any] | None:
        """Read what stands between ``start`` and ``stop`` as the items of a list; None when that fails."""
        if self._budget <= 0:
            return None
        try:
            found: list[Any] = self._decoder.decode(f"[{self._text[start:stop]}]")
        except (ValueError, RecursionError):
            self._budget -= _FAILURE + stop - start
            return None
        return found if _levels(found, self._max_depth) <= self._max_depth else None

    def run(self, text: str) -> list[Any] | None:
        """Read one flat list, or one flat object as pairs; None where Python refuses a number's length."""
        try:
            found: list[Any] = self._runs.decode(text)
        except ValueError:
            return None
        return found


def _object_of_distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]] | dict[str, Any]:
    # In a flat object the only object within is an empty one.
    return pairs or {}


def _refuse(word: str) -> float:
    raise ValueError(word)


def _levels(value: Any, enough: int) -> int:
    """Count levels of nesting, no further than just past ``enough``."""
    level = [value] if value.__class__ is dict or value.__class__ is list else []
    levels = 0
    while level and levels <= enough:
        levels += 1
        below: list[Any] = []
        for one in level:
            items = one.values() if one.__class__ is dict else one
            below += [item for item in items if item.__class__ is dict or item.__class__ is list]
        level = below
    return levels


def too_deep(limit: int) -> DecodeError:
    """Build the error for a text nested deeper than ``limit``."""
    return DecodeError(
        f"the JSON is nested more than {limit} levels deep",
        advice="Declare a flatter type, or raise max_depth if such depth is meant.",
    )
