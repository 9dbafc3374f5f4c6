"""What was said in, nothing or one typed error out: which option it is, what was found, what was expected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kind", "choice", "hold", "mapping", "number", "several", "text", "told", "whole"]

Amiss: TypeAlias = "Callable[[str, Any], str]"
"""An option's name and value in; what is wrong with it out, empty where it is right."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an option may be.

    Args:
        expected: In words.
        example: One that is right, as it is written.
        amiss: What is found instead.
        optional: Whether it may be None.
    """

    expected: str
    example: str
    amiss: Amiss
    optional: bool = True


def hold(said: Mapping[str, Any], kinds: Mapping[str, Kind], place: str = "{}") -> None:
    """Hold options to their kinds.

    Args:
        said: What was said.
        kinds: What each may be; an option without a kind may be anything.
        place: How to name an option.

    Raises:
        ConfigError: When one is of another kind.
    """
    for name, value in said.items():
        kind = kinds.get(name)
        if kind is None or (value is None and kind.optional):
            continue
        found = kind.amiss(name, value)
        if found:
            expected = f"{kind.expected}, or None" if kind.optional else kind.expected
            raise ConfigError(
                f"{place.format(name)}: {found}, expected {expected}", advice=f"write for example {name}={kind.example}"
            )


def told(value: Any) -> str:
    """Name a value by its kind; what it holds may be private."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else type(value).__name__


def number(
    expected: str,
    example: str,
    right: Callable[[Any], bool] = lambda _: True,
    *,
    kinds: tuple[type, ...] = (int, float),
    optional: bool = True,
) -> Kind:
    """Declare a finite number; true and false are none.

    Args:
        expected: In words.
        example: One that is right.
        right: Whether a number is within bounds.
        kinds: Which numbers.
        optional: Whether None will do.
    """

    def amiss(_: str, value: Any) -> str:
        one = isinstance(value, kinds) and not isinstance(value, bool) and _finite(value)
        return "" if one and right(value) else _found(value)

    return Kind(expected, example, amiss, optional)


def whole(expected: str, example: str, right: Callable[[int], bool] = lambda _: True, *, optional: bool = True) -> Kind:
    """Declare a whole number; see :func:`number`."""
    return number(expected, example, right, kinds=(int,), optional=optional)


def choice(options: tuple[str, ...], *, optional: bool = False) -> Kind:
    """Declare one of a few words."""

    def amiss(_: str, value: Any) -> str:
        return "" if isinstance(value, str) and value in options else _found(value)

    return Kind(f"{', '.join(options[:-1])} or {options[-1]}", f'"{options[0]}"', amiss, optional)


def text(example: str, *, private: bool = False, optional: bool = True) -> Kind:
    """Declare a text."""

    def amiss(_: str, value: Any) -> str:
        return "" if isinstance(value, str) else f"found {told(value)}" if private else _found(value)

    return Kind("text", f'"{example}"', amiss, optional)


def mapping(expected: str, example: str, holds: type = object) -> Kind:
    """Declare a mapping of texts to values of one kind."""

    def amiss(name: str, value: Any) -> str:
        if not isinstance(value, Mapping):
            return f"found {told(value)}"
        odd = next((key for key in value if not isinstance(key, str)), None)
        if odd is not None:
            return f"found the key {odd!r}"
        return next(
            (f"{name}[{key!r}] is {told(item)}" for key, item in value.items() if not isinstance(item, holds)), ""
        )

    return Kind(expected, example, amiss)


def several(expected: str, example: str, each: Amiss, *, optional: bool = True) -> Kind:
    """Declare a list or tuple; ``each`` says what is wrong with one of its items, by its place."""

    def amiss(name: str, value: Any) -> str:
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            return f"found {told(value)}"
        return next(filter(None, (each(f"{name}[{at}]", item) for at, item in enumerate(value))), "")

    return Kind(expected, example, amiss, optional)


_SHOWN = 40
_BITS = 128


def _finite(value: Any) -> bool:
    if isinstance(value, int):
        return True
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def _found(value: Any) -> str:
    """Name a value; show it where it is a number or a short text, which say most about a slip."""
    short = isinstance(value, str) and len(value) <= _SHOWN
    small = isinstance(value, int) and value.bit_length() <= _BITS
    if short or small or isinstance(value, float):
        return f"found {value!r}"
    return f"found {value}" if isinstance(value, Decimal) else f"found {told(value)}"
