"""Declared rules across fields: what they name is mended, several in one call, and streams know them too."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.checks import check, ordered, product, total
from extract.schema import Quarantined
from extract.testing import ScriptedEngine
from extract.typing import Request


@check(product("sum", of=("qty", "price")))
class Line(BaseModel):
    name: str
    qty: int
    price: int
    sum: int


@check(ordered("start", "end"))
class Span(BaseModel):
    name: str
    start: int
    end: int


@check(total("total", of="lines[].sum"))
class Bill(BaseModel):
    number: str
    seller: str
    lines: list[Line]
    credits: list[Line]
    spans: list[Span]
    total: int


def line(number: int, **said: int) -> dict[str, Any]:
    return {"name": f"item {number}", "qty": 2, "price": number, "sum": 2 * number, **said}


def bill() -> dict[str, Any]:
    spans = [{"name": f"span {i}", "start": i, "end": i + 1} for i in range(4)]
    lines = [line(i) for i in range(5)]
    return {
        "number": "A-17",
        "seller": "Tea & Co",
        "lines": lines,
        "credits": [line(0), line(1)],
        "spans": spans,
        "total": 20,
    }


def keys(request: Request) -> list[str]:
    return list(request.format.schema["properties"])  # type: ignore[union-attr]


def mend(request: Request) -> dict[str, Any]:
    """Give the right value for each key."""
    good, found = bill(), {}
    for key in keys(request):
        value: Any = good
        for step in key.split("_"):
            value = value[int(step)] if step.isdigit() else value[step]
        found[key] = value
    return found


def test_several_broken_rules_share_one_call(run: Any) -> None:
    """In different objects, beside a wrong field: one request names the fields of all of them and no others."""
    bad = bill()
    bad["credits"][1]["sum"] = 7
    bad["spans"][2]["end"] = 0
    engine = ScriptedEngine([bad, mend])
    extraction = run(engine, Bill, "text")
    assert extraction.wire == bill()
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
    named = {"credits_1_price", "credits_1_qty", "credits_1_sum", "spans_2_end", "spans_2_start"}
    assert set(keys(engine.requests[1])) == named


def test_a_rule_that_the_mend_breaks_is_asked_about_next(run: Any) -> None:
    """The field was wrong; with it right, the rule can be looked at."""
    bad = bill()
    bad["total"] = "much"
    engine = ScriptedEngine([bad, {"total": 21}, mend])
    extraction = run(engine, Bill, "text")
    assert extraction.wire == bill()
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "mend"]
    assert "total" in keys(engine.requests[2])
    assert "seller" not in keys(engine.requests[2])


def test_a_partial_that_breaks_a_rule_says_so(watch: Any) -> None:
    """As soon as the object that declares it is finished; the mended whole comes last."""
    bad = bill()
    bad["spans"][2]["end"] = 0
    partials, extraction = watch(ScriptedEngine([bad, mend]), "stream", Bill)
    first = next(partial for partial in partials if partial.issues)
    assert {issue.path[:2] for issue in first.issues} == {("spans", 2)}
    assert {issue.kind for issue in first.issues} == {"check-ordered"}
    assert ("spans", 3) not in first.complete
    assert ("spans", 2) not in first.complete
    assert partials[-1].finished
    assert partials[-1].value == extraction.value
    assert extraction.wire == bill()


@pytest.mark.parametrize("bad_items", ["return", "reask"])
def test_an_item_that_breaks_a_rule_is_quarantined_at_once(watch: Any, bad_items: Any) -> None:
    """Not handed out as good first; with ``reask`` it comes once more, mended."""
    rows = [line(i) for i in range(5)]
    rows[2]["sum"] = 5

    def right(request: Request) -> dict[str, int]:
        return {key: {"qty": 2, "price": 2, "sum": 4}[key.split("_")[-1]] for key in keys(request)}

    policy = extract.Policy(bad_items=bad_items)
    items, extraction = watch(ScriptedEngine([{"value": rows}, right], piece=5), "stream_items", Line, policy=policy)
    good = [Line(**row) for row in rows]
    assert [type(item) for item in items[:5]] == [Line, Line, Quarantined, Line, Line]
    assert items[2].issues[0].kind == "check-product"
    if bad_items == "return":
        assert extraction.value == [good[i] for i in (0, 1, 3, 4)]
        assert [q.path for q in extraction.quarantined] == [("value", 2)]
        assert len(items) == 5
    else:
        assert items[5] == extraction.value[2] == Line(**line(2))
