"""A policy that makes no sense is refused when it is written, not when it is used."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from extract.errors import ConfigError
from extract.exchange import Policy


@pytest.mark.parametrize(
    "said",
    [
        {"reasks": -1},
        {"retries": -1},
        {"tokens": 0},
        {"money": 0},
        {"seconds": -2},
        {"attempts": 0},
        {"strictness": "lax"},
        {"bad_items": "drop"},
        {"models": "gpt-5.5"},
        {"reasks": "2"},
        {"reasks": None},
        {"reasks": 1.5},
        {"reasks": True},
        {"retries": Decimal(1)},
        {"attempts": True},
        {"tokens": 1.5},
        {"tokens": math.inf},
        {"money": "1"},
        {"money": math.nan},
        {"money": Decimal("NaN")},
        {"money": Decimal("sNaN")},
        {"seconds": math.nan},
        {"seconds": math.inf},
        {"seconds": False},
        {"backoff": None},
        {"backoff": math.nan},
        {"backoff_limit": "30"},
        {"strictness": []},
        {"bad_items": 5},
        {"models": (1,)},
        {"models": ("",)},
        {"models": 5},
        {"models": None},
    ],
    ids=str,
)
def test_nonsense_is_refused_by_name(said: dict[str, Any]) -> None:
    """The error names the field, what was found, what was expected and how to write it."""
    (name,) = said
    with pytest.raises(ConfigError, match=rf"Policy\({name}=…\): .*(found|is) .+, expected .+") as caught:
        Policy(**said)
    assert f"{name}=" in caught.value.advice


def test_limits_may_be_large_numbers_and_of_every_kind_that_counts() -> None:
    """Whole numbers of any size, decimals for money, lists for tuples."""
    policy = Policy(tokens=10**400, money=Decimal("0.05"), seconds=1, backoff=0, models=["a", "b"])  # type: ignore[arg-type]
    assert policy.models == ("a", "b")
    assert policy.limited


def test_waits_double_up_to_a_limit() -> None:
    """0.5, 1, 2, … but never longer than the limit."""
    policy = Policy(backoff=0.5, backoff_limit=3)
    assert [policy.wait(retry) for retry in range(5)] == [0.5, 1, 2, 3, 3]
    assert policy.wait(5_000) == 3


def test_the_ladder_stays_on_its_last_rung() -> None:
    """Reasks beyond the ladder stay with the strongest model; without a ladder the caller's model answers."""
    policy = Policy(models=("a", "b"), reasks=3)
    assert [policy.model(reask, "x") for reask in range(4)] == ["a", "b", "b", "b"]
    assert Policy().model(2, "x") == "x"
    assert Policy(models=("a", "b", "c"), reasks=0).rungs == 2
