"""The table of models against its source, and the arithmetic of a reply's cost."""

from decimal import Decimal

import pytest

from extract import models
from extract.typing import Usage

PRICED = sorted(name for name, entry in models.CARDS.items() if entry.price is not None)


@pytest.mark.parametrize("name", [name for name in PRICED if not name.endswith("-spark")])
@pytest.mark.parametrize(
    "usage",
    [
        Usage(1_000, 300),
        Usage(1_000, 300, 200),
        Usage(272_000, 300),
        Usage(272_001, 300, 100_000),
        Usage(300_000, 5_000, 300_000, 4_000),
    ],
    ids=str,
)
def test_cost_is_half_of_the_official_price(name: str, usage: Usage) -> None:
    """Every cell of the table agrees with genai-prices, cached tokens and the long tier included."""
    genai_prices = pytest.importorskip("genai_prices", reason="genai-prices is the independent price list")
    official = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
        ),
        model_ref=name,
        provider_id="openai",
    ).total_price
    assert official / 2 == models.cost(name, usage)


def test_cost_of_the_published_example() -> None:
    """1,000 tokens in (200 of them cached) and 300 out with gpt-5.5: half of 0.0131 USD."""
    assert models.cost("gpt-5.5", Usage(1_000, 300, 200)) == Decimal("0.00655")


def test_more_cached_than_input_tokens_is_no_negative_price() -> None:
    """A gateway that counts wrongly never makes a reply cheaper than its cached price."""
    assert models.cost("gpt-5.5", Usage(10, 0, 50)) == models.cost("gpt-5.5", Usage(10, 0, 10))


@pytest.mark.parametrize(("model", "usage"), [("house-model", Usage(1, 1)), ("gpt-5.5", None)])
def test_unknown_stays_unknown(model: str, usage: Usage | None) -> None:
    """No price is made up for a model or a usage nobody reported."""
    assert models.cost(model, usage) is None


def test_any_model_has_a_card() -> None:
    """The table is no closed list: what it does not hold gets a card that forbids nothing."""
    found = models.card("house-model-7")
    assert (found.name, found.known, found.retired) == ("house-model-7", False, None)
    assert found.accepts_sampling(None)


def test_dated_snapshots_have_the_card_of_their_family() -> None:
    """The same price and rules, under the name that was asked for."""
    found = models.card("gpt-5.4-mini-2026-03-01")
    assert found.name == "gpt-5.4-mini-2026-03-01"
    assert found.price == models.card("gpt-5.4-mini").price
    assert not models.card("gpt-5.4-mini-turbo").known


@pytest.mark.parametrize(
    ("model", "effort", "accepted"),
    [
        ("gpt-5.5", None, False),
        ("gpt-5.5", "none", True),
        ("gpt-5.4-mini", None, True),
        ("gpt-5.4-mini", "low", False),
        ("gpt-5-pro", None, False),
        ("gpt-6-astra", "none", False),
        ("gpt-4o-mini", None, True),
    ],
)
def test_sampling_rule(model: str, effort: str | None, accepted: bool) -> None:  # noqa: FBT001
    """Temperature and the like: only where the model does not reason."""
    assert models.card(model).accepts_sampling(effort) is accepted


def test_retired_models_name_a_live_successor() -> None:
    """Advice never points at another retired model."""
    retired = [entry.retired for entry in models.CARDS.values() if entry.retired]
    assert retired
    assert [entry.successor for entry in retired if models.card(entry.successor).retired] == []
    assert all(models.card(entry.successor).known for entry in retired)
