"""An error in, what to do about it out, in the command's own words: options and environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.errors import (
    BudgetExceeded,
    DocumentError,
    EngineError,
    Exhausted,
    Refused,
    ReplyError,
    TimedOut,
    Truncated,
    Unauthorized,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.errors import ExtractError

__all__ = ["advice_for"]


def advice_for(error: ExtractError) -> str:
    """Say what whoever typed the command can do; the error's own advice, where that does not speak of Python."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(error)
    return error.advice


def _exhausted(error: Exhausted) -> str:
    if isinstance(error.last, ReplyError):
        return "raise --reasks, try another --model, or say more with --instructions"
    return advice_for(error.last) or "try again later"


def _unauthorized(error: Unauthorized) -> str:
    if error.status is None:
        return (
            "set RUNAPI_API_KEY, or name a provider of Hermes Agent's config with --provider; "
            "--engine local needs no key"
        )
    if error.status == 401:  # noqa: PLR2004 — 403 is about the model, and its own advice says so
        return "check the key in RUNAPI_API_KEY; extract doctor says where it was found"
    return error.advice


def _budget(error: BudgetExceeded) -> str:
    own = _BUDGETS.get(error.limit, error.advice)
    cause = error.__cause__
    # Where time ran out while the gateway failed, what may be done about that comes first.
    first = advice_for(cause) if isinstance(cause, EngineError) and not isinstance(cause, TimedOut) else ""
    return f"{first}; or {own}" if first else own


_BUDGETS: Mapping[str, str] = {
    "money": "raise --max-cost, or leave it out; it holds only for a --model whose price is known",
    "seconds": "raise --max-seconds, or leave it out",
}
_SIZES: Mapping[str, str] = {
    "size": "split it",
    "pages": "split it",
    "seconds": "open it in a viewer and save it anew; hostile files do this on purpose",
    "memory": "open it in a viewer and save it anew, or split it",
}
_WORDS: Mapping[type[ExtractError], Callable[[Any], str]] = {
    Exhausted: _exhausted,
    Unauthorized: _unauthorized,
    BudgetExceeded: _budget,
    DocumentError: lambda error: _SIZES.get(error.limit, error.advice),
    TimedOut: lambda _: "allow more time with --timeout; the model may also be busy: try again later",
    Truncated: lambda _: "split the document, or try a --model that gives longer answers",
    Refused: lambda _: "say more with --instructions, or try another --model",
}
