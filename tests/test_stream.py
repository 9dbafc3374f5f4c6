"""Answers watched while they grow: partials that are always valid to hold, items the moment they end. Both drivers."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

import extract
from extract.errors import ConnectionFailed, Failure
from extract.schema import Quarantined
from extract.testing import Broken, ScriptedEngine


class Line(BaseModel):
    name: str
    amount: Decimal = Field(ge=0)


class Invoice(BaseModel):
    number: str
    issued: date
    lines: list[Line]
    note: str | None = None


GOOD = {
    "number": "A-17",
    "issued": "2026-03-01",
    "lines": [{"name": f"item {i}", "amount": f"{i}.50"} for i in range(5)],
    "note": None,
}


def test_partials_grow_and_stay_true(watch: Any) -> None:
    """Each holds the finished fields, typed; an older one does not change when the value grows on."""
    partials, extraction = watch(ScriptedEngine([GOOD], piece=3), "stream", Invoice)
    assert extraction.value.number == "A-17"
    first = partials[0].value
    assert isinstance(first, Invoice)
    assert first.number == "A-17"
    assert not hasattr(first, "issued")
    assert partials[0].complete == (("number",),)
    second = next(p for p in partials if ("issued",) in p.complete)
    assert second.value.issued == date(2026, 3, 1)
    counts = [len(getattr(p.value, "lines", [])) for p in partials]
    assert counts == sorted(counts)
    assert counts[-1] == 5
    inside = next(p for p in partials if ("lines", 2, "name") in p.complete and ("lines", 2) not in p.complete)
    assert [line.name for line in inside.value.lines] == ["item 0", "item 1", "item 2"]
    assert not hasattr(inside.value.lines[2], "amount")
    assert inside.value.lines[1] == Line(name="item 1", amount=Decimal("1.50"))
    assert partials[-1].finished
    assert partials[-1].value == extraction.value


def test_bad_parts_are_marked_until_they_are_mended(watch: Any) -> None:
    """A finished part that is wrong is left out with its issue; mending comes after the stream, as in run."""
    bad = json.loads(json.dumps(GOOD))
    bad["lines"][1]["amount"] = "-3"

    def mend(request: Any) -> Any:
        (key,) = request.format.schema["properties"]
        return {key: "3"}

    partials, extraction = watch(ScriptedEngine([bad, mend]), "stream", Invoice)
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
    assert extraction.value.lines[1].amount == 3
    last = partials[-2]
    assert ("lines", 1, "amount") in [issue.path for issue in last.issues]
    assert partials[-1].value.lines[1].amount == 3


def test_items_come_as_they_end(watch: Any) -> None:
    """Each list item is validated at once; a bad one is an entry of its own and nothing is lost."""
    items: list[Any] = [{"name": f"item {i}", "amount": str(i)} for i in range(6)]
    items[2]["amount"] = "-1"
    wire = extract.Schema.of(list[Line]).encode([Line(name="x", amount=Decimal(1))])
    (key,) = wire
    seen, extraction = watch(ScriptedEngine([{key: items}], piece=5), "stream_items", Line)
    assert [type(each) for each in seen] == [Line, Line, Quarantined, Line, Line, Line]
    assert seen[2].value == items[2]
    assert [issue.path[-1] for issue in seen[2].issues] == ["amount"]
    assert extraction.value == [each for each in seen if isinstance(each, Line)]
    assert [q.value for q in extraction.quarantined] == [items[2]]


def test_bad_items_can_be_asked_for_again_at_the_end(watch: Any) -> None:
    """With ``bad_items="reask"`` the mended item comes last."""
    (key,) = extract.Schema.of(list[Line]).encode([])
    items = [{"name": "a", "amount": "1"}, {"name": "b", "amount": "-1"}]

    def mend(request: Any) -> Any:
        (asked,) = request.format.schema["properties"]
        return {asked: "2"}

    policy = extract.Policy(bad_items="reask")
    seen, extraction = watch(ScriptedEngine([{key: items}, mend]), "stream_items", Line, policy=policy)
    assert [type(each) for each in seen] == [Line, Quarantined, Line]
    assert seen[2] == Line(name="b", amount=Decimal(2))
    assert [line.name for line in extraction.value] == ["a", "b"]


@pytest.mark.parametrize("per", ["client", "call"])
@pytest.mark.parametrize(
    "said", [{}, {"retries": 1}, {"strictness": "exact"}, {"reasks": 0}, {"tokens": 9_999}], ids=str
)
def test_a_policy_for_another_purpose_leaves_bad_items_alone(per: str, said: dict[str, Any]) -> None:
    """Unless something is said of bad items, streaming items gives them back, and run asks for them again."""
    (key,) = extract.Schema.of(list[Line]).encode([])
    answer = {key: [{"name": "a", "amount": "1"}, {"name": "b", "amount": "-1"}]}
    policy = extract.Policy(**said)
    engine = ScriptedEngine([answer] * 3)
    client = extract.Client(engine=engine, **({"policy": policy} if per == "client" else {}))
    with client.stream_items(Line, "text", **({} if per == "client" else {"policy": policy})) as stream:
        assert [type(each) for each in stream] == [Line, Quarantined]
    assert len(engine.requests) == 1
    if policy.reasks:
        with pytest.raises(extract.Exhausted):
            client.run(list[Line], "text", policy=extract.Policy(reasks=1, **said))
        assert [len(engine.requests), policy.bad_items] == [3, None]


def test_a_broken_stream_goes_on_after_its_last_complete_item(watch: Any) -> None:
    """What a dead stream brought is kept; the rest is asked for."""
    (key,) = extract.Schema.of(list[Line]).encode([])
    items = [{"name": f"item {i}", "amount": "1"} for i in range(6)]
    text = json.dumps({key: items})[:-70]
    dead = Broken(text, ConnectionFailed("the stream broke off", failure=Failure(partial=text)))
    seen, extraction = watch(ScriptedEngine([dead, {key: items[3:]}]), "stream_items", Line)
    assert [line.name for line in seen] == [f"item {i}" for i in range(6)]
    assert extraction.value == seen
    assert [a.kind for a in extraction.attempts] == ["ask", "continue"]


def test_a_stream_that_dies_early_is_retried(watch: Any) -> None:
    """Nothing complete came: the same request again, and the record says so."""
    dead = Broken('{"num', ConnectionFailed("the stream broke off", failure=Failure(partial='{"num')))
    partials, extraction = watch(ScriptedEngine([dead, GOOD]), "stream", Invoice, policy=extract.Policy(backoff=0))
    assert [a.kind for a in extraction.attempts] == ["ask", "retry"]
    assert {p.attempt for p in partials} == {1}


def test_runaway_white_space_is_cut_off(watch: Any) -> None:
    """A model that writes blanks for ever is stopped while streaming, not paid for to the limit."""
    text = '{"number": "A-17", "issued": "2026-03-01", ' + " \n" * 20_000
    engine = ScriptedEngine([text, GOOD], piece=50)
    _, extraction = watch(engine, "stream", Invoice)
    assert extraction.value.number == "A-17"
    assert len(extraction.attempts[0].reply.text) < 10_000
    assert isinstance(extraction.attempts[0].error, extract.Truncated)


def test_what_was_asked_is_told_although_the_stream_was_left() -> None:
    """The attempts before it, and the one that nobody waited for, whose price nobody knows."""
    engine = ScriptedEngine([Broken('{"number": "A-1', ConnectionFailed("cut")), GOOD], piece=5)
    client = extract.Client(engine=engine, policy=extract.Policy(backoff=0))
    with client.stream(Invoice, "doc") as stream:
        assert stream.attempts == ()
        for partial in stream:
            if partial.attempt == 1:
                break
        assert [attempt.kind for attempt in stream.attempts] == ["ask"]
        # What is on its way costs something, and nobody knows yet how much.
        assert (stream.cost, stream.usage.output_tokens) == (None, None)
    assert [attempt.kind for attempt in stream.attempts] == ["ask", "retry"]
    assert stream.cost is None
    assert stream.usage.output_tokens is None
    with pytest.raises(extract.ConfigError, match="has not ended"):
        _ = stream.extraction


def test_what_was_asked_is_told_although_the_async_stream_was_left() -> None:
    """As without async."""

    async def leave() -> Any:
        client = extract.AsyncClient(engine=ScriptedEngine([GOOD], piece=5))
        async with client, client.stream(Invoice, "doc") as stream:
            async for _ in stream:
                break
        return stream

    stream = asyncio.run(leave())
    assert [attempt.kind for attempt in stream.attempts] == ["ask"]
    assert stream.cost is None


def test_a_stream_that_ends_has_the_sums_of_its_result() -> None:
    """The same attempts, the same bill."""
    with extract.Client(engine=ScriptedEngine([GOOD])).stream(Invoice, "doc") as stream:
        assert list(stream)
    assert stream.attempts == stream.extraction.attempts
    assert (stream.usage, stream.cost) == (stream.extraction.usage, stream.extraction.cost)


def test_leaving_early_closes_the_connection() -> None:
    """Closing the stream closes the engine's iterator, and the result says that there is none."""
    closed = []

    class Engine(ScriptedEngine):
        def stream(self, request: Any) -> Any:
            try:
                yield from super().stream(request)
            finally:
                closed.append(True)

    with extract.Client(engine=Engine([GOOD])).stream(Invoice, "text") as stream:
        next(iter(stream))
    assert closed == [True]
    with pytest.raises(extract.ConfigError, match="not ended"):
        _ = stream.extraction


def test_a_stream_fails_as_run_does(watch: Any) -> None:
    """The same errors, with the attempts."""
    with pytest.raises(extract.Exhausted) as caught:
        watch(ScriptedEngine(["nonsense"] * 3), "stream", Invoice)
    assert len(caught.value.attempts) == 3


def test_what_is_read_as_one_appears_when_it_is_whole(watch: Any) -> None:
    """Dictionaries and unions have no parts: no half of one is ever shown."""

    class Cat(BaseModel):
        kind: str
        lives: int

    class Home(BaseModel):
        name: str
        rooms: dict[str, int]
        pet: Cat | str | None
        end: bool

    home = Home(name="x", rooms={"hall": 1, "attic": 2}, pet=Cat(kind="cat", lives=9), end=True)
    wire = extract.Schema.of(Home).encode(home)
    partials, extraction = watch(ScriptedEngine([wire], piece=2), "stream", Home)
    assert extraction.value == home
    for partial in partials:
        assert getattr(partial.value, "rooms", home.rooms) == home.rooms
        assert getattr(partial.value, "pet", home.pet) == home.pet
    assert any(hasattr(p.value, "rooms") and not hasattr(p.value, "pet") for p in partials)


def test_a_part_set_aside_inside_an_item_repeats_no_other_item(watch: Any) -> None:
    """The item comes once, without its bad part, and that one right after it, as in the result."""

    class Tagged(BaseModel):
        name: str
        tags: list[int]

    (key,) = extract.Schema.of(list[Tagged]).encode([])
    rows = [{"name": name, "tags": [1]} for name in "abd"]
    rows.insert(2, {"name": "c", "tags": [1, "zz"]})
    seen, extraction = watch(ScriptedEngine([{key: rows}]), "stream_items", Tagged)
    assert [getattr(each, "name", "quarantined") for each in seen] == ["a", "b", "c", "quarantined", "d"]
    assert seen[2].tags == [1]
    assert (seen[3],) == extraction.quarantined
    assert [str(issue) for issue in seen[3].issues] == [str(issue) for issue in extraction.quarantined[0].issues]
    assert [item.name for item in extraction.value] == ["a", "b", "c", "d"]


class Stay(BaseModel):
    name: str
    nights: int = 1
    day: date | None = None


SPELLED = [
    ({"name": "Ann", "Nights": 3, "day": None}, Stay(name="Ann", nights=3)),
    ({"name": "Ann", "nights": "3", "day": "1 March 2026"}, Stay(name="Ann", nights=3, day=date(2026, 3, 1))),
]


@pytest.mark.parametrize(("wire", "stay"), SPELLED, ids=["key", "values"])
def test_an_item_is_read_as_the_result_is(watch: Any, wire: Any, stay: Stay) -> None:
    """What had to be coerced is coerced in the stream too, before a default stands in for it."""
    items, extraction = watch(ScriptedEngine([{"value": [wire]}]), "stream_items", Stay)
    assert items == extraction.value == [stay]


def test_an_item_that_was_not_written_is_never_given(watch: Any) -> None:
    """Digits for a day are no day in 1970."""
    items, extraction = watch(
        ScriptedEngine([{"value": [{"name": "Ann", "nights": 1, "day": "86400"}]}]), "stream_items", Stay
    )
    assert isinstance(items[0], Quarantined)
    assert extraction.value == []


def test_a_list_without_its_object_keeps_its_places(watch: Any) -> None:
    """An item left out in a bare list is told, and set aside, where it stands in the wire value."""
    items, extraction = watch(
        ScriptedEngine(['[{"name": "a", "nights": 1, "day": null}, {"name": "b", "nights": }]']), "stream_items", Stay
    )
    assert [q.path for q in extraction.quarantined] == [("value", 1)]
    assert len(items) == 2


class Tagged(BaseModel):
    tags: set[str]


def test_an_item_that_holds_one_thing_twice_is_given_once(watch: Any) -> None:
    """What the result sets aside on record is no reason to quarantine the item."""
    items, extraction = watch(ScriptedEngine([{"value": [{"tags": ["a", "b", "a"]}]}]), "stream_items", Tagged)
    assert items == extraction.value == [Tagged(tags={"a", "b"})]
    assert [repair.kind for repair in extraction.repairs] == ["duplicate-item"]


DRAFTS = [
    "First:\n```json\n{draft}\n```\nFinal answer:\n```json\n{final}\n```",
    '{{"number": "A-16", "issued": "2026-03-01", "number": "A-17", "lines": [], "note": null}}',
]


@pytest.mark.parametrize("text", DRAFTS, ids=["two fences", "a key twice"])
def test_what_its_writer_took_back_was_another_answer(watch: Any, text: str) -> None:
    """A partial holds for the answer that it is part of."""
    draft, final = {**GOOD, "number": "A-16"}, {**GOOD, "lines": []}
    said = text.format(draft=json.dumps({**draft, "lines": []}), final=json.dumps(final))
    partials, extraction = watch(ScriptedEngine([said], piece=5), "stream", Invoice)
    assert (extraction.value.number, extraction.value.lines) == ("A-17", [])
    assert [partials[0].value.number, partials[0].attempt] == ["A-16", 0]
    assert [partials[-1].attempt, partials[-1].finished, partials[-1].issues] == [1, True, ()]
    assert ("number",) in partials[-1].complete


@pytest.mark.parametrize("bad_items", ["return", "reask"])
def test_a_mend_goes_on_with_the_same_answer(watch: Any, bad_items: Any) -> None:
    """And so does what is set aside or coerced."""
    bad = json.loads(json.dumps(GOOD))
    bad["lines"][1]["amount"] = "-3"
    bad["Issued"] = bad.pop("issued")

    def mend(request: Any) -> Any:
        return dict.fromkeys(request.format.schema["properties"], "3")

    policy = extract.Policy(bad_items=bad_items)
    partials, extraction = watch(ScriptedEngine([bad, mend], piece=5), "stream", Invoice, policy=policy)
    assert len(extraction.value.lines) == (4 if bad_items == "return" else 5)
    assert {partial.attempt for partial in partials} == {0}
