"""An answer that is cut off is gone on with: nothing complete is asked for twice, and it always comes to an end."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import extract
from extract.errors import ConnectionFailed, Exhausted, ExtractError, Failure, Truncated
from extract.schema import Schema
from extract.testing import Broken, ScriptedEngine
from extract.typing import Reply, Request, Usage


class Line(BaseModel):
    name: str
    qty: int
    tags: list[str] = []


class Order(BaseModel):
    number: str
    lines: list[Line]
    note: str
    placed: date


class Book(BaseModel):
    """Several lists, lists in lists, maps, and what comes after them."""

    title: str
    orders: list[Order]
    prices: dict[str, float]
    pair: tuple[int, str]
    further: list[int] | None
    end: str


class Node(BaseModel):
    name: str
    children: list[Node]


def order(number: int, lines: int) -> dict[str, Any]:
    rows = [{"name": f"item {number}-{i}", "qty": i, "tags": [f"t{i}", "x"] if i % 2 else []} for i in range(lines)]
    return {"number": f"N{number}", "lines": rows, "note": f"note {number}", "placed": "2026-03-01"}


ORDER = order(7, 9)
BOOK = {
    "title": "all of it",
    "orders": [order(1, 3), order(2, 12), order(3, 0), order(4, 2)],
    "prices": [{"key": f"k{i}", "value": i + 0.5} for i in range(6)],
    "pair": {"item_1": 1, "item_2": "x"},
    "further": [1, 2, 3, 5, 8],
    "end": "fin",
}
TREE = {
    "name": "root",
    "children": [{"name": "a", "children": []}, {"name": "b", "children": [{"name": "c", "children": []}]}],
}
CASES: dict[str, tuple[Any, Any]] = {
    "order": (Order, ORDER),
    "book": (Book, BOOK),
    "list at the root": (list[Line], {"value": ORDER["lines"]}),
    "map at the root": (
        dict[str, Line],
        {"value": [{"key": f"k{i}", "value": {"name": "n", "qty": i, "tags": []}} for i in range(5)]},
    ),
    "tree": (Node, TREE),
    "map of lists": (
        dict[str, list[int]],
        {"value": [{"key": f"k{i}", "value": [i, 10 + i, 20 + i]} for i in range(4)]},
    ),
    "list of lists": (list[list[int]], {"value": [[1, 2, 3], [4, 5], [], [6, 7, 8, 9]]}),
}


class Writer:
    """A model that does as it is asked and stops at its limit, a character a token."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.written = 0

    def __call__(self, request: Request) -> Reply:
        text = json.dumps(self.answer(request))
        room = request.parameters.max_output_tokens or len(text)
        self.written += len(text[:room])
        return Reply(text=text[:room], finish="stop" if len(text) <= room else "length", usage=Usage(1, 1))

    def answer(self, request: Request) -> Any:
        schema = request.format.schema  # type: ignore[union-attr]
        if request.format.name != "continuation":  # type: ignore[union-attr]
            return self.value
        return {key: self.place(node["description"]) for key, node in schema["properties"].items()}

    def place(self, told: str) -> Any:
        (place,) = re.findall(r"(\$[\w.\[\]]*): (?:is still|goes on|only what)", told)
        here = self.value
        for step in re.findall(r"\.(\w+)|\[(\d+)\]", place):
            here = here[int(step[1])] if step[1] else here[step[0]]
        on = re.search(r"goes on after (\d+) complete items", told)
        after = re.search(r"only what comes after \$[^;]*\[(\d+)\]", told)
        if on:
            return here[int(on[1]) - 1 :]
        return here[int(after[1]) + 1 :] if after else here


POLICY = extract.Policy(continues=200)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_wherever_it_is_cut_it_comes_together(case: str, data: st.DataObject) -> None:
    """Any type, any room: the whole value in the end, every reply on record, and little written twice."""
    declared, value = CASES[case]
    text = json.dumps(value)
    room = data.draw(st.integers(1, len(text) + 5))
    engine = ScriptedEngine(Writer(value))
    extraction = extract.Client(engine=engine).run(declared, "text", policy=POLICY, max_output_tokens=room)
    assert extraction.value == Schema.of(declared).decode(value)
    assert extraction.wire == value or Schema.of(declared).decode(extraction.wire) == extraction.value  # type: ignore[arg-type]
    kinds = {attempt.kind for attempt in extraction.attempts}
    assert kinds <= {"ask", "continue", "widen"}


class Careless(Writer):
    """A model that begins lists where it likes, and may answer with the whole all the same."""

    def __init__(self, value: Any, data: st.DataObject) -> None:
        super().__init__(value)
        self.manner = st.sampled_from(["asked", "asked", "start", "last", "whole"])
        self.data = data

    def answer(self, request: Request) -> Any:
        if request.format.name == "continuation" and self.data.draw(self.manner) == "whole":  # type: ignore[union-attr]
            return self.value
        return super().answer(request)

    def place(self, told: str) -> Any:
        asked = super().place(told)
        manner = self.data.draw(self.manner)
        if not isinstance(asked, list) or manner in ("asked", "whole"):
            return asked
        every = super().place(re.sub("goes on after.*|only what comes after.*", "is still", told))
        back = len(every) - len(asked) - 1
        return {"start": every, "last": every[max(back, 0) :]}[manner]


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_however_it_is_gone_on_with_nothing_is_lost_or_doubled(case: str, data: st.DataObject) -> None:
    """Lists from their start, from the last item once more, the whole anew: the right value, or an error."""
    declared, value = CASES[case]
    text = json.dumps(value)
    room = data.draw(st.integers(len(text) // 8, len(text) + 5))
    engine = ScriptedEngine(Careless(value, data))
    with contextlib.suppress(ExtractError):
        found = extract.Client(engine=engine).run(declared, "text", policy=POLICY, max_output_tokens=room).value
        assert found == Schema.of(declared).decode(value)


def test_nothing_complete_is_written_twice() -> None:
    """Ten cuts through 60 rows: what the model writes is the answer once, and a row and a frame for each cut."""
    value = order(1, 60)
    text = json.dumps(value)
    writer = Writer(value)
    extraction = extract.Client(engine=ScriptedEngine(writer)).run(Order, "text", policy=POLICY, max_output_tokens=500)
    assert extraction.value == Schema.of(Order).decode(value)
    cuts = len(extraction.attempts) - 1
    assert cuts >= 5
    assert writer.written <= len(text) + cuts * 150
    assert [a.kind for a in extraction.attempts] == ["ask", *["continue"] * cuts]


def keys(request: Request) -> list[str]:
    return list(request.format.schema["properties"])  # type: ignore[union-attr]


def cut(value: Any, before: str, **said: Any) -> Reply:
    text = json.dumps(value)
    return Reply(text=text[: text.index(before)], finish="length", usage=Usage(10, 10), **said)


def test_only_what_comes_after_a_complete_list_is_asked_for(run: Any) -> None:
    """Cut in the field after the list: the rows are not written again."""
    engine = ScriptedEngine([cut(ORDER, "ote 7"), {"note": "note 7", "placed": "2026-03-01"}])
    extraction = run(engine, Order, "text")
    assert extraction.wire == ORDER
    assert keys(engine.requests[1]) == ["note", "placed"]
    assert [a.kind for a in extraction.attempts] == ["ask", "continue"]


def test_missing_brackets_alone_cost_nothing(run: Any) -> None:
    """Everything is there but the closing bracket: no further request, and the record says so."""
    text = json.dumps(ORDER)[:-1]
    extraction = run(ScriptedEngine([Reply(text=text, finish="length")]), Order, "text")
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask"]
    assert extraction.repairs


def test_a_continuation_cut_before_it_adds_anything_goes_on_from_the_earlier_base(run: Any) -> None:
    """What was complete stays so; the next try gets more room, and nothing is asked for anew."""
    more = {"lines": ORDER["lines"][3:], "note": "note 7", "placed": "2026-03-01"}
    script = [
        cut(ORDER, "item 7-4"),
        Reply(text='{"lines": [{"name"', finish="length"),
        Reply(text="", finish="length"),
        more,
    ]
    engine = ScriptedEngine(script)
    extraction = run(engine, Order, "text")
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "widen", "widen"]
    assert [keys(request) for request in engine.requests[1:]] == [["lines", "note", "placed"]] * 3
    rooms = [request.parameters.max_output_tokens for request in engine.requests[2:]]
    assert rooms == [4_096, 8_192]


def test_an_inner_list_goes_on_before_the_outer_one(run: Any) -> None:
    """Rows inside an item that was cut in two are kept too."""
    engine = ScriptedEngine([cut(BOOK, "item 2-7"), Writer(BOOK)])
    extraction = run(engine, Book, "text")
    assert extraction.wire == BOOK
    assert keys(engine.requests[1])[:4] == ["orders_1_lines", "orders_1_note", "orders_1_placed", "orders"]
    assert "item 2-6" in engine.requests[1].messages[-1].content
    assert "item 2-5" not in engine.requests[1].messages[-1].content


def test_a_model_that_never_gets_on_is_given_up(run: Any) -> None:
    """The same nothing again and again: more room each time, then a typed error within the policy."""
    stuck = [cut(ORDER, "item 7-4"), *[Reply(text='{"lines": [{"na', finish="length")] * 9]
    engine = ScriptedEngine(stuck)
    with pytest.raises(Truncated) as caught:
        run(engine, Order, "text", policy=extract.Policy(continues=4))
    assert [a.kind for a in caught.value.attempts] == ["ask", "continue", "widen", "widen", "widen"]


def test_a_long_text_cut_in_the_middle_gets_more_room(run: Any) -> None:
    """The finished fields are kept; the text, which cannot be gone on with, is asked for with a higher limit."""
    value = {**ORDER, "lines": [], "note": "long " * 400}
    text = json.dumps(value)[:1_000]
    engine = ScriptedEngine([Reply(text=text, finish="length"), {"note": value["note"], "placed": "2026-03-01"}])
    extraction = run(engine, Order, "text", max_output_tokens=250)
    assert extraction.value.note == value["note"]
    assert engine.requests[1].parameters.max_output_tokens == 500
    assert "lines" not in keys(engine.requests[1])


def test_a_continuation_that_does_not_fit_is_asked_for_once_more(run: Any) -> None:
    """The rows that are complete are not paid for again; a second time the whole is."""
    good = {"lines": ORDER["lines"][3:], "note": "note 7", "placed": "2026-03-01"}
    wrong = {**good, "lines": ORDER["lines"][5:]}
    engine = ScriptedEngine([cut(ORDER, "item 7-4"), wrong, good])
    extraction = run(engine, Order, "text")
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "continue"]
    assert [i.kind for i in extraction.attempts[1].issues] == ["seam"]
    extraction = run(ScriptedEngine([cut(ORDER, "item 7-4"), wrong, wrong, ORDER]), Order, "text")
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "continue", "reask"]


WRAPPED: list[tuple[Any, str]] = [
    ({"answer": {"lines": ORDER["lines"][3:], "note": "note 7", "placed": "2026-03-01"}}, "unwrapped"),
    ([{"lines": ORDER["lines"][3:], "note": "note 7", "placed": "2026-03-01"}], "unwrapped"),
    ({"Order": ORDER}, "unwrapped"),
    (ORDER, "extra-key"),
]


@pytest.mark.parametrize(("answer", "kind"), WRAPPED, ids=["object", "list", "whole in an object", "whole"])
def test_a_continuation_is_found_in_whatever_it_is_wrapped(run: Any, answer: Any, kind: str) -> None:
    """On record, as is what was not asked for."""
    extraction = run(ScriptedEngine([cut(ORDER, "item 7-4"), json.dumps(answer)]), Order, "text")
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask", "continue"]
    assert kind in {repair.kind for repair in extraction.repairs}


def test_a_map_goes_on_after_its_last_complete_entry(run: Any) -> None:
    """Where the wire has maps (no strict dialect), they are gone on with like lists."""
    wire = {f"k{i}": {"name": "n", "qty": i, "tags": []} for i in range(6)}
    schema = Schema.of(dict[str, Line], dialect="json-schema-2020-12")
    assert schema.wire["type"] == "object"

    def more(request: Request) -> Any:
        (key,) = keys(request)
        return {key: dict(list(wire.items())[2:])}

    extraction = run(ScriptedEngine([cut(wire, '"k3"'), more], dialect="json-schema-2020-12"), schema, "text")
    assert extraction.wire == wire


def test_a_list_at_the_root_goes_on(run: Any) -> None:
    """Also where the root itself is the list and the continuation is given as one."""
    rows = ORDER["lines"]
    schema = Schema.of(list[Line], dialect="json-schema-2020-12")
    engine = ScriptedEngine([cut(rows, "item 7-4"), Reply(text=json.dumps(rows[3:])[:-30], finish="length"), rows[7:]])
    extraction = run(engine, schema, "text")
    assert extraction.wire == rows
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "continue"]


def test_a_dead_stream_is_gone_on_with_where_items_are_complete(watch: Any) -> None:
    """Also when it dies without a word why, also in a continuation, also after its last bracket."""

    def dead(value: Any, before: str | None) -> Broken:
        text = json.dumps(value)
        text = text if before is None else text[: text.index(before)]
        return Broken(text, ConnectionFailed("the stream broke off", failure=Failure(partial=text)))

    tail = {"note": "note 7", "placed": "2026-03-01"}
    script = [
        dead(ORDER, "item 7-4"),
        dead({"lines": ORDER["lines"][3:], **tail}, "item 7-8"),
        {"lines": ORDER["lines"][7:], **tail},
    ]
    _, extraction = watch(ScriptedEngine(script), "stream", Order)
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "continue"]
    _, extraction = watch(ScriptedEngine([dead(ORDER, None)]), "stream", Order)
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask"]


def test_a_mend_that_is_cut_keeps_what_it_brought(run: Any) -> None:
    """Two cells are wrong, one is mended before the cut: only the other is asked for again, with more room."""
    bad = json.loads(json.dumps(ORDER))
    bad["lines"][2]["qty"] = "many"
    bad["lines"][6]["qty"] = "few"
    engine = ScriptedEngine([bad, Reply(text='{"lines_2_qty": 2, "lines_6', finish="length"), {"lines_6_qty": 6}])
    extraction = run(engine, Order, "text")
    assert extraction.wire == ORDER
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "mend"]
    assert keys(engine.requests[2]) == ["lines_6_qty"]


def test_the_rest_of_one_part_is_asked_for_alone(run: Any) -> None:
    """A type that is asked for in parts: a part that is cut is gone on with, and joined with the others."""
    from tests.exchange.test_parts import FIELDS, Wide, answer

    first = list(range(5_000))
    text = json.dumps({f"f{n:04}": n for n in first})
    engine = ScriptedEngine([Reply(text=text[: text.index('"f4000"')], finish="length"), answer, answer])
    extraction = run(engine, Wide, "text")
    assert extraction.value.model_dump() == {f"f{n:04}": n for n in range(FIELDS)}
    assert [a.kind for a in extraction.attempts] == ["ask", "continue", "part"]
    assert len(keys(engine.requests[1])) <= 1_001


def test_a_cut_answer_is_never_a_short_success() -> None:
    """However the list was cut, without leave to go on the answer is an error."""
    text = json.dumps(ORDER)
    for end in range(len(text) - 1):
        engine = ScriptedEngine([Reply(text=text[:end], finish="length")])
        with pytest.raises((Truncated, Exhausted)):
            extract.Client(engine=engine).run(Order, "text", policy=extract.Policy(continues=0, reasks=0))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_a_model_answers_one_of_our_errors_comes_or_a_checked_value(data: st.DataObject) -> None:
    """Pieces of right answers, of other answers and of nothing, cut or not: no other error, no endless way."""
    declared, value = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    other = CASES[data.draw(st.sampled_from(sorted(CASES)))][1]
    writer = Writer(value)

    def obedient(request: Request) -> Any:
        try:
            return writer.answer(request)
        except (IndexError, KeyError):  # earlier answers have brought it to a place that the right value has not
            return value

    def answer(request: Request) -> Reply:
        source = data.draw(st.sampled_from([obedient, lambda _: value, lambda _: other, lambda _: [value, other]]))
        text = json.dumps(source(request))
        start = data.draw(st.sampled_from([0, 0, 0, 1, 9]))
        end = data.draw(st.integers(0, len(text)))
        finish = data.draw(st.sampled_from(["length", "length", "stop"]))
        return Reply(text=text[start:end] if finish == "length" else text[start:], finish=finish)

    engine = ScriptedEngine(answer)
    policy = extract.Policy(continues=6, reasks=3)
    try:
        extraction = extract.Client(engine=engine).run(declared, "text", policy=policy)
    except extract.ExtractError as error:
        assert error.attempts  # noqa: PT017 - either outcome is one
    else:
        assert Schema.of(declared).check(extraction.wire).value == extraction.value  # type: ignore[arg-type]
    assert len(engine.requests) <= 1 + policy.continues + policy.reasks


class Medicine(BaseModel):
    name: str
    dose: int


FIRST, SECOND = {"name": "a", "dose": 1}, {"name": "insulin", "dose": 40}


@pytest.mark.parametrize("begun", ['{"name":"insulin","dose":40', '{"name":"ins', "{"])
def test_an_item_that_had_begun_is_never_forgotten(run: Any, begun: str) -> None:
    """A continuation with nothing but the seam is asked for again, and then the whole is."""
    cut = Reply(text=f'{{"value":[{json.dumps(FIRST)},{begun}', finish="length")
    seam, both = {"value": [FIRST]}, {"value": [FIRST, SECOND]}
    expected = [Medicine(**FIRST), Medicine(**SECOND)]  # type: ignore[arg-type]
    for replies, kinds in (
        ([cut, both], ["ask", "continue"]),
        ([cut, seam, both], ["ask", "continue", "continue"]),
        ([cut, seam, seam, both], ["ask", "continue", "continue", "reask"]),
    ):
        extraction = run(ScriptedEngine(replies), list[Medicine], "text")
        assert extraction.value == expected
        assert [each.kind for each in extraction.attempts] == kinds
    with pytest.raises(Exhausted):
        run(ScriptedEngine([cut, seam, seam]), list[Medicine], "text", policy=extract.Policy(reasks=0))
