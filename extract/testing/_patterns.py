"""A regular expression in, a text that matches it out."""

from __future__ import annotations

import re
import string
import sys
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    from re import _constants, _parser  # type: ignore[attr-defined]
else:
    import sre_constants as _constants
    import sre_parse as _parser

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

MAX_REPEAT = 3
"""Further repetitions beyond the least that are tried."""

_CATEGORIES: dict[Any, str] = {
    _constants.CATEGORY_DIGIT: string.digits,
    _constants.CATEGORY_WORD: string.ascii_lowercase + string.digits,
    _constants.CATEGORY_SPACE: " ",
    _constants.CATEGORY_NOT_DIGIT: string.ascii_lowercase,
    _constants.CATEGORY_NOT_WORD: " ",
    _constants.CATEGORY_NOT_SPACE: string.ascii_lowercase,
}


def sample(pattern: str, dice: random.Random) -> str:
    """Make a text that matches a pattern.

    Returns:
        A matching text. For what cannot be sampled (backreferences, a pattern Python cannot read) it is the nearest
        try, which may not match.
    """
    try:
        parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return ""
    return "".join(_piece(operator, argument, dice) for operator, argument in parsed)


def _piece(operator: Any, argument: Any, dice: random.Random) -> str:
    maker = _MAKERS.get(operator)
    return maker(argument, dice) if maker else ""


def _all(parsed: Any, dice: random.Random) -> str:
    return "".join(_piece(operator, argument, dice) for operator, argument in parsed)


def _repeated(argument: Any, dice: random.Random) -> str:
    least, most, parsed = argument
    count = dice.randint(least, min(int(most), least + MAX_REPEAT))
    return "".join(_all(parsed, dice) for _ in range(count))


def _one_of(members: list[tuple[Any, Any]], dice: random.Random) -> str:
    allowed = "".join(_letters(operator, argument) for operator, argument in members)
    if members[0][0] is _constants.NEGATE:
        allowed = "".join(sorted(set(string.ascii_letters + string.digits + " ") - set(allowed)))
    return dice.choice(allowed) if allowed else ""


def _letters(operator: Any, argument: Any) -> str:
    if operator is _constants.LITERAL:
        return chr(argument)
    if operator is _constants.RANGE:
        return "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 255) + 1)))
    return _CATEGORIES.get(argument, "") if operator is _constants.CATEGORY else ""


_MAKERS: dict[Any, Callable[[Any, random.Random], str]] = {
    _constants.LITERAL: lambda argument, _dice: chr(argument),
    _constants.NOT_LITERAL: lambda argument, _dice: "a" if argument != ord("a") else "b",
    _constants.ANY: lambda _argument, _dice: "a",
    _constants.IN: _one_of,
    _constants.BRANCH: lambda argument, dice: _all(dice.choice(argument[1]), dice),
    _constants.SUBPATTERN: lambda argument, dice: _all(argument[-1], dice),
    _constants.MAX_REPEAT: _repeated,
    _constants.MIN_REPEAT: _repeated,
}
