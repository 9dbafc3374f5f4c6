"""How hard to try and when to stop: one frozen value, per client and per call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from extract.kinds import choice, hold, number, several, told, whole
from extract.schema import Strictness

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["BadItems", "Policy", "Strictness"]

BadItems: TypeAlias = Literal["reask", "return", "raise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits and liberties of one extraction.

    Args:
        reasks: How often the model may be asked again about a reply that is wrong.
        retries: How often one request may be sent again after a transport failure.
        continues: How often a truncated answer may be continued or asked for with a higher limit.
        attempts: Limit on all requests together; ``None`` for none.
        tokens: Limit on input and output tokens of all attempts together.
        money: Limit in US dollars on all attempts together. A model of unknown price is not asked at all then.
        seconds: Limit on the time of all attempts and waits together.
        strictness: Which local repairs a reply's values may get: ``exact`` none, ``careful`` the lossless and
            unambiguous ones, ``lenient`` also the single best reading of an ambiguous one.
        bad_items: What to do when some items of a list are wrong: ``reask`` for them, ``return`` the good ones and
            quarantine the rest, or ``raise`` at once. ``None``: ``stream_items`` returns them, all else asks again.
        models: A ladder: the first model answers first, each reask moves one rung up, only for what failed.
        backoff: Seconds before the first retry; doubled each time.
        backoff_limit: Longest wait in seconds that we choose ourselves; a gateway's Retry-After may be longer.

    Raises:
        ConfigError: When a limit makes no sense.
    """

    reasks: int = 2
    retries: int = 3
    continues: int = 3
    attempts: int | None = None
    tokens: int | None = None
    money: Decimal | float | None = None
    seconds: float | None = None
    strictness: Strictness = "careful"
    bad_items: BadItems | None = None
    models: tuple[str, ...] = ()
    backoff: float = 0.5
    backoff_limit: float = 30.0
    limited: bool = field(init=False, repr=False, compare=False, default=False)

    def __post_init__(self) -> None:
        for name, value in hold({name: getattr(self, name) for name in _KINDS}, _KINDS, "Policy({}=…)").items():
            object.__setattr__(self, name, value)
        # Looked at before each request, so it is known beforehand.
        object.__setattr__(self, "limited", not (self.attempts is self.tokens is self.money is self.seconds is None))

    @property
    def rungs(self) -> int:
        """Reasks permitted: at least as many as the ladder has further models."""
        return max(self.reasks, len(self.models) - 1)

    def model(self, reask: int, default: str) -> str:
        """The model that answers after ``reask`` reasks."""
        if not self.models:
            return default
        return self.models[min(reask, len(self.models) - 1)]

    def wait(self, retry: int) -> float:
        """Seconds to wait before the retry with this number (0 for the first), before jitter."""
        return min(self.backoff * 2.0 ** min(retry, 64), self.backoff_limit)


def _nameless(place: str, value: Any) -> str:
    return "" if isinstance(value, str) and value else f"{place} is {told(value) if value else 'empty'}"


_TIMES = whole("a whole number, 0 or more", "2", lambda value: value >= 0, optional=False)
_COUNT = whole("a whole number above 0", "8", lambda value: value > 0)
_WAIT = number("a number of seconds, 0 or more", "0.5", lambda value: value >= 0, optional=False)
_KINDS = {
    "reasks": _TIMES,
    "retries": _TIMES,
    "continues": _TIMES,
    "attempts": _COUNT,
    "tokens": whole("a whole number above 0", "50_000", lambda value: value > 0),
    "money": number("a number above 0", "0.05", lambda value: value > 0, exact=True),
    "seconds": number("a number above 0", "120", lambda value: value > 0),
    "strictness": choice(("exact", "careful", "lenient")),
    "bad_items": choice(("reask", "return", "raise"), optional=True),
    "models": several("names of models", '("gpt-5.4-mini", "gpt-5.5")', _nameless, optional=False),
    "backoff": _WAIT,
    "backoff_limit": _WAIT,
}
