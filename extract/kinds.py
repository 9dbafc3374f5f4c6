"""What was said in, the same in plain Python values or one typed error out: what was found, what was expected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias

from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kind", "choice", "hold", "mapping", "number", "several", "text", "told", "whole"]

Amiss: TypeAlias = "Callable[[str, Any], str]"
"""An option's name and value in; what is wrong with it out, empty where it is right."""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """What an option may be.

    Args:
        expected: In words.
        example: One that is right, as it is written.
        amiss: What is found instead.
        optional: Whether it may be None.
        plain: Gives another library's number, or what can be gone through only once, as Python's own.
    """

    expected: str
    example: str
    amiss: Amiss
    optional: bool = True
    plain: Callable[[Any], Any] = _as_it_is


def hold(said: Mapping[str, Any], kinds: Mapping[str, Kind], place: str = "{}") -> dict[str, Any]:
    """Hold options to their kinds.

    Args:
        said: What was said.
        kinds: What each may be; an option without a kind may be anything.
        place: How to name an option.

    Returns:
        The options, as plain Python values.

    Raises:
        ConfigError: When one is of another kind.
    """
    held = dict(said)
    for name, value in said.items():
        kind = kinds.get(name)
        if kind is None or (value is None and kind.optional):
            continue
        held[name] = kind.plain(value)
        found = kind.amiss(name, held[name])
        if found:
            expected = f"{kind.expected}, or None" if kind.optional else kind.expected
            raise ConfigError(
                f"{place.format(name)}: {found}, expected {expected}", advice=f"write for example {name}={kind.example}"
            )
    return held


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
    whole: bool = False,
    exact: bool = False,
    optional: bool = True,
) -> Kind:
    """Declare a finite number; true and false are none.

    Args:
        expected: In words.
        example: One that is right.
        right: Whether a number is within bounds.
        whole: Whether it must be a whole number.
        exact: Whether a Decimal stays one.
        optional: Whether None will do.
    """
    kinds: tuple[type, ...] = (int,) if whole else (int, float, Decimal) if exact else (int, float)

    def amiss(_: str, value: Any) -> str:
        one = isinstance(value, kinds) and not isinstance(value, bool) and _finite(value)
        return "" if one and right(value) else _found(value)

    def plain(value: Any) -> Any:
        if isinstance(value, kinds) or not isinstance(value, (Decimal, Real)):
            return value
        if isinstance(value, Integral):
            return int(value)
        try:
            return value if whole else float(value)
        except (ValueError, OverflowError):  # no float says what this is
            return value

    return Kind(expected, example, amiss, optional, plain)


def whole(expected: str, example: str, right: Callable[[int], bool] = lambda _: True, *, optional: bool = True) -> Kind:
    """Declare a whole number; see :func:`number`."""
    return number(expected, example, right, whole=True, optional=optional)


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
    """Declare one after another; ``each`` says what is wrong with one of them, by its place."""

    def amiss(name: str, value: Any) -> str:
        if not isinstance(value, tuple):
            return f"found {told(value)}"
        return next(filter(None, (each(f"{name}[{at}]", item) for at, item in enumerate(value))), "")

    def plain(value: Any) -> Any:
        bare = isinstance(value, (str, bytes)) or (isinstance(value, Mapping) and value)
        return tuple(value) if isinstance(value, Iterable) and not bare else value

    return Kind(expected, example, amiss, optional, plain)


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
