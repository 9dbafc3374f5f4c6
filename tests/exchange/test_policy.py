"""A policy that makes no sense is refused when it is written, not when it is used."""

from __future__ import annotations

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
    ],
    ids=str,
)
def test_nonsense_is_refused_by_name(said: dict[str, Any]) -> None:
    """The error names the field."""
    with pytest.raises(ConfigError, match=next(iter(said))):
        Policy(**said)


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
