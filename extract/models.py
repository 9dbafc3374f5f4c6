"""What is known about a model: a name in, its card out (limits, prices, abilities), and what a reply cost.

The table is knowledge, never a gate: a model that is not in it gets a generic card and is sent all the same.

Sources, all as of 2026-11-22: official prices per million tokens and context windows from genai-prices 0.2.3
(litellm 1.109.1 agrees); efforts and the sampling rule from pydantic-ai-slim 2.68.0, langchain-openai 1.7.4 and
litellm, which agree; endpoints and retirements from RunAPI's published change log (August to September 2026). RunAPI
bills half of the official price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from extract.typing import Usage

__all__ = ["CARDS", "LONG_CONTEXT", "RUNAPI_SHARE", "ModelCard", "Price", "Retired", "card", "cost"]

Endpoint: TypeAlias = Literal["chat", "responses"]
Sampling: TypeAlias = Literal["always", "effort-none", "never"]

LONG_CONTEXT = 272_000
"""Above this many input tokens the long price applies, to the whole request."""

RUNAPI_SHARE = Decimal("0.5")
"""What RunAPI bills of the official per-token price."""

_MILLION = Decimal(1_000_000)
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Price:
    """Official USD per million tokens. ``cached`` is None where cached input has no price of its own."""

    input: Decimal
    cached: Decimal | None
    output: Decimal


@dataclass(frozen=True, slots=True)
class Retired:
    """Since when the gateway answers 410 for a model, and which model it names instead."""

    date: date
    successor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What is known about one model.

    Args:
        name: The name that was asked for.
        known: False for the generic card: nothing below is a fact about this model then.
        endpoints: Where the gateway serves it.
        context_tokens: Input plus output, in tokens.
        max_output_tokens: The most it writes at once, reasoning included.
        default_effort: Reasoning effort when none is sent; None where there is none, or it is unknown.
        efforts: Accepted efforts; empty means the model has no such parameter, None means unknown.
        sampling: When temperature, top_p and the like are accepted.
        retired: Set where the gateway no longer serves it.
        price: Official price; None where unknown.
        long_price: Official price above :data:`LONG_CONTEXT` input tokens; None where there is one tier.
    """

    name: str
    known: bool = True
    endpoints: tuple[Endpoint, ...] = ("chat", "responses")
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    default_effort: str | None = None
    efforts: tuple[str, ...] | None = None
    sampling: Sampling = "always"
    retired: Retired | None = None
    price: Price | None = None
    long_price: Price | None = None

    def accepts_sampling(self, effort: str | None) -> bool:
        """Tell whether temperature and the like may be sent along with this effort (None: the default one)."""
        return self.sampling == "always" or (
            self.sampling == "effort-none" and (effort or self.default_effort) == "none"
        )


def card(model: str) -> ModelCard:
    """Look a model up; a dated snapshot (``gpt-5.4-mini-2026-03-01``) has the card of its family.

    Returns:
        The model's card under the name asked for; a generic one (``known=False``) where the table has none.
    """
    found = CARDS.get(model) or CARDS.get(_SNAPSHOT.sub("", model))
    if found is None:
        return ModelCard(name=model, known=False)
    return found if found.name == model else replace(found, name=model)


def cost(model: str, usage: Usage | None) -> Decimal | None:
    """Say what a reply cost at RunAPI, in USD; None where the model's price or the usage is unknown.

    Args:
        model: The model that was asked, or the one that answered.
        usage: Tokens; ``input_tokens`` includes the cached ones, reasoning is billed as output. Where nobody said how
            many were cached, none were: the cost is never too low.
    """
    found = card(model)
    price = found.price
    if price is None or usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    if found.long_price is not None and usage.input_tokens > LONG_CONTEXT:
        price = found.long_price
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    total = (
        (usage.input_tokens - cached) * price.input
        + cached * (price.input if price.cached is None else price.cached)
        + usage.output_tokens * price.output
    )
    return total / _MILLION * RUNAPI_SHARE


def _price(text: str) -> Price:
    asked, cached, answered = text.split("/")
    return Price(Decimal(asked), None if cached == "-" else Decimal(cached), Decimal(answered))


_TO_XHIGH = ("none", "low", "medium", "high", "xhigh")
_TO_MAX = (*_TO_XHIGH, "max")
_ALWAYS_ON = _TO_MAX[1:]
_CHAT: tuple[Endpoint, ...] = ("chat",)
_RESPONSES: tuple[Endpoint, ...] = ("responses",)

_GPT_5_2 = ModelCard(
    name="gpt-5.2",
    endpoints=_CHAT,
    context_tokens=400_000,
    max_output_tokens=128_000,
    default_effort="none",
    efforts=_TO_XHIGH,
    sampling="effort-none",
    price=_price("1.75/0.175/14"),
)
_GPT_5_4 = replace(
    _GPT_5_2,
    name="gpt-5.4",
    endpoints=("chat", "responses"),
    context_tokens=1_050_000,
    price=_price("2.5/0.25/15"),
    long_price=_price("5/0.5/22.5"),
)
_GPT_5_5 = replace(
    _GPT_5_4, name="gpt-5.5", default_effort="medium", price=_price("5/0.5/30"), long_price=_price("10/1/45")
)
_GPT_5_PRO = ModelCard(
    name="gpt-5-pro",
    endpoints=_RESPONSES,
    context_tokens=400_000,
    max_output_tokens=128_000,
    default_effort="high",
    efforts=("high",),
    sampling="never",
    price=_price("15/-/120"),
)
_GPT_5_4_PRO = replace(
    _GPT_5_PRO,
    name="gpt-5.4-pro",
    context_tokens=1_050_000,
    default_effort=None,
    efforts=None,
    retired=Retired(date(2026, 9, 28), "gpt-5.5"),
    price=_price("30/-/180"),
    long_price=_price("60/-/270"),
)
_SOL_5_6 = replace(
    _GPT_5_5, name="gpt-5.6-sol", efforts=_TO_MAX, price=_price("4/0.4/20"), long_price=_price("8/0.8/30")
)
_ASTRA_6 = replace(
    _SOL_5_6,
    name="gpt-6-astra",
    default_effort=None,
    efforts=_ALWAYS_ON,
    sampling="never",
    price=_price("10/1/50"),
    long_price=_price("20/2/75"),
)

_ALL = (
    ModelCard(
        name="gpt-4o-mini",
        context_tokens=128_000,
        max_output_tokens=16_384,
        efforts=(),
        price=_price("0.15/0.075/0.6"),
    ),
    _GPT_5_PRO,
    _GPT_5_2,
    ModelCard(
        name="gpt-5.2-pro", endpoints=_RESPONSES, sampling="never", retired=Retired(date(2026, 8, 11), "gpt-5.5")
    ),
    replace(_GPT_5_2, name="gpt-5.3-codex", retired=Retired(date(2026, 9, 28), "gpt-5.6-sol")),
    replace(_GPT_5_2, name="gpt-5.3-codex-spark", price=None, retired=Retired(date(2026, 9, 14), "gpt-5.6-sol")),
    _GPT_5_4,
    replace(_GPT_5_4, name="gpt-5.4-mini", context_tokens=400_000, price=_price("0.75/0.075/4.5"), long_price=None),
    replace(_GPT_5_4, name="gpt-5.4-nano", context_tokens=400_000, price=_price("0.2/0.02/1.25"), long_price=None),
    _GPT_5_4_PRO,
    _GPT_5_5,
    replace(_GPT_5_4_PRO, name="gpt-5.5-pro"),
    _SOL_5_6,
    replace(_SOL_5_6, name="gpt-5.6-terra", price=_price("2/0.2/12"), long_price=_price("4/0.4/18")),
    replace(_SOL_5_6, name="gpt-5.6-luna", price=_price("0.2/0.02/1.2"), long_price=_price("0.4/0.04/1.8")),
    _ASTRA_6,
    replace(_SOL_5_6, name="gpt-6-sol", price=_price("2/0.2/10"), long_price=_price("4/0.4/15")),
    replace(_ASTRA_6, name="gpt-6.1-sol", price=_price("2/0.1/10"), long_price=_price("4/0.2/15")),
    replace(_SOL_5_6, name="gpt-6-luna", price=_price("0.1/0.01/0.5"), long_price=_price("0.2/0.02/0.75")),
)

CARDS = {entry.name: entry for entry in _ALL}
"""Every model in the table, by name."""
