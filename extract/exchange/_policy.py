"""How hard to try and when to stop: one frozen value, per client and per call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from extract.errors import ConfigError
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
            quarantine the rest, or ``raise`` at once.
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
    bad_items: BadItems = "reask"
    models: tuple[str, ...] = ()
    backoff: float = 0.5
    backoff_limit: float = 30.0
    limited: bool = field(init=False, repr=False, compare=False, default=False)

    def __post_init__(self) -> None:
        for name in ("reasks", "retries", "continues", "backoff", "backoff_limit"):
            _require(getattr(self, name) >= 0, name, "0 or more")
        for name in ("attempts", "tokens", "money", "seconds"):
            value = getattr(self, name)
            _require(value is None or value > 0, name, "more than 0, or None for no limit")
        _require(self.strictness in ("exact", "careful", "lenient"), "strictness", "exact, careful or lenient")
        _require(self.bad_items in ("reask", "return", "raise"), "bad_items", "reask, return or raise")
        _require(not isinstance(self.models, str), "models", "a tuple of model names")
        object.__setattr__(self, "models", tuple(self.models))
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


def _require(holds: bool, name: str, expected: str) -> None:  # noqa: FBT001 - a plain condition
    if not holds:
        raise ConfigError(f"Policy({name}=…) is out of range", advice=f"give {name} as {expected}")
