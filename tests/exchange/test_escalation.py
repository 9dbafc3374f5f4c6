"""A ladder of models: up only for what failed, inside the budget, past models that refuse or are no longer there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

import extract
from extract.errors import BudgetExceeded, Exhausted, Failure, Filtered, ModelRetired, Refused, Truncated
from extract.testing import ScriptedEngine
from extract.typing import Reply, Request, Usage

LADDER = ("gpt-5.4-nano", "gpt-5.4-mini", "gpt-5.5")


class Line(BaseModel):
    name: str
    qty: int = Field(ge=1)


class Order(BaseModel):
    number: str
    lines: list[Line]


GOOD: dict[str, Any] = {"number": "A-17", "lines": [{"name": f"item {i}", "qty": i + 1} for i in range(30)]}


def bad(*rows: int) -> dict[str, Any]:
    value = json.loads(json.dumps(GOOD))
    for row in rows:
        value["lines"][row]["qty"] = 0
    return value  # type: ignore[no-any-return]


def policy(**said: Any) -> extract.Policy:
    return extract.Policy(**{"models": LADDER, "reasks": 0, **said})


def asked(engine: ScriptedEngine) -> list[str]:
    return [request.model for request in engine.requests]


def keys(request: Request) -> list[str]:
    return list(request.format.schema["properties"])  # type: ignore[union-attr]


def test_each_rung_is_asked_for_what_still_fails(run: Any) -> None:
    """Two bad cells, one mended by the second model: the third is asked for the other one only."""
    engine = ScriptedEngine([bad(3, 8), {"lines_3_qty": 4, "lines_8_qty": 0}, {"lines_8_qty": 9}])
    extraction = run(engine, Order, "text", policy=policy())
    assert extraction.wire == GOOD
    assert asked(engine) == list(LADDER)
    assert [keys(request) for request in engine.requests[1:]] == [["lines_3_qty", "lines_8_qty"], ["lines_8_qty"]]


def test_money_bounds_the_climb(run: Any) -> None:
    """The next rung is not asked when it would cost more than is left; what was good is carried."""
    engine = ScriptedEngine([bad(3)], usage=Usage(1_000, 1_000))
    with pytest.raises(BudgetExceeded) as caught:
        run(engine, Order, "text " * 4_000, policy=policy(money=0.0009))
    assert caught.value.limit == "money"
    assert len(engine.requests) == 1
    assert caught.value.partial is not None
    assert len(caught.value.partial.value.lines) == 29


def test_a_rung_of_unknown_price_is_not_climbed_when_money_is_limited(run: Any) -> None:
    """It is said that the price is unknown, and nothing is asked of that model."""
    engine = ScriptedEngine([bad(3)], usage=Usage(10, 10))
    with pytest.raises(BudgetExceeded, match="price of dearest is unknown"):
        run(engine, Order, "text", policy=policy(models=("gpt-5.4-nano", "dearest"), money=1))
    assert asked(engine) == ["gpt-5.4-nano"]
    engine = ScriptedEngine([bad(3), {"lines_3_qty": 4}])
    assert run(engine, Order, "text", policy=policy(models=("gpt-5.4-nano", "dearest"))).cost is None


@pytest.mark.parametrize(
    ("said", "error"), [({"refusal": "I will not."}, Refused), ({"finish": "content_filter"}, Filtered)]
)
def test_the_next_model_may_answer_what_one_refuses(run: Any, said: dict[str, Any], error: type[Exception]) -> None:
    """The same question goes one rung up; at the top it is the error it is."""
    no = Reply(text="", **said)
    engine = ScriptedEngine([no, GOOD])
    extraction = run(engine, Order, "text", policy=policy())
    assert [(a.kind, a.request.model) for a in extraction.attempts] == [("ask", LADDER[0]), ("reask", LADDER[1])]
    assert isinstance(extraction.attempts[0].error, error)
    with pytest.raises(error) as caught:
        run(ScriptedEngine([no, no, no]), Order, "text", policy=policy())
    assert len(caught.value.attempts) == 3  # type: ignore[attr-defined]
    engine = ScriptedEngine([bad(3), no, {"lines_3_qty": 4}])
    assert run(engine, Order, "text", policy=policy()).wire == GOOD
    assert keys(engine.requests[2]) == ["lines_3_qty"]


def test_a_retired_rung_is_passed_over(run: Any) -> None:
    """410: the next model answers, and it is not asked for the mend again."""
    gone = ModelRetired("gpt-5.4-nano was retired", failure=Failure(status=410, code="model_retired"))
    engine = ScriptedEngine([gone, bad(3), {"lines_3_qty": 4}])
    extraction = run(engine, Order, "text", policy=policy())
    assert asked(engine) == list(LADDER)
    assert [a.kind for a in extraction.attempts] == ["ask", "reask", "mend"]
    with pytest.raises(ModelRetired):
        run(ScriptedEngine([gone]), Order, "text")


def test_a_cut_answer_that_the_model_cannot_make_longer_goes_up(run: Any) -> None:
    """At the model's own limit: the rest is asked of the next one; without one it is an error."""
    stuck = Reply(text='{"num', finish="length", usage=Usage(10, 128_000))
    engine = ScriptedEngine([stuck, GOOD])
    extraction = run(engine, Order, "text", policy=policy(), max_output_tokens=128_000)
    assert asked(engine) == list(LADDER[:2])
    assert extraction.wire == GOOD
    with pytest.raises(Truncated):
        run(ScriptedEngine([stuck]), Order, "text", model="gpt-5.4-nano", max_output_tokens=128_000)


def test_parts_begin_at_the_first_model_that_is_served(run: Any) -> None:
    """One part that needed a higher rung does not make the others dearer; a retired rung is asked once."""
    from tests.exchange.test_parts import Wide, answer

    engine = ScriptedEngine(["no", answer, answer])
    run(engine, Wide, "text", policy=policy())
    assert asked(engine) == [LADDER[0], LADDER[1], LADDER[0]]
    engine = ScriptedEngine([ModelRetired("gone", failure=Failure(status=410)), answer, answer])
    run(engine, Wide, "text", policy=policy())
    assert asked(engine) == [LADDER[0], LADDER[1], LADDER[1]]


def test_the_ladder_ends(run: Any) -> None:
    """Every rung wrong: one error with an attempt for each, and the good items."""
    engine = ScriptedEngine([bad(3), {"lines_3_qty": 0}, {"lines_3_qty": -1}])
    with pytest.raises(Exhausted) as caught:
        run(engine, Order, "text", policy=policy())
    assert [a.model for a in caught.value.attempts] == list(LADDER)
    assert caught.value.partial is not None
    assert [q.path for q in caught.value.partial.quarantined] == [("lines", 3)]
