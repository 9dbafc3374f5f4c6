"""Mending by field, whatever the type: only what is wrong is asked for, and nothing else changes."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

import extract
from extract.errors import Exhausted, Refused, Truncated
from extract.schema import Schema
from extract.testing import ScriptedEngine
from extract.typing import Reply, Request

PLACE = re.compile(r"\$(?:\.\w+|\[\d+\]|\['[^']*'\])*(?=: )")
STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\['([^']*)'\]")


def steps(place: str) -> list[Any]:
    return [int(index) if index else name or key for name, index, key in STEP.findall(place)]


def keys(request: Request) -> list[str]:
    return list(request.format.schema["properties"])  # type: ignore[union-attr]


def paths(request: Request) -> dict[str, list[Any]]:
    """The place that each key of a mend stands for, as its description says."""
    told = {key: node["description"] for key, node in request.format.schema["properties"].items()}  # type: ignore[union-attr]
    return {key: steps(PLACE.search(text)[0]) for key, text in told.items()}  # type: ignore[index]


def at(value: Any, path: list[Any]) -> Any:
    for step in path:
        value = value[step]
    return value


def mender(good: Any) -> Any:
    """A model that knows the right answer and gives just what it is asked for."""
    return lambda request: {key: at(good, path) for key, path in paths(request).items()}


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=1)


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = Field(min_length=1)


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    qty: int = Field(ge=1)
    note: str | None = None


class Node(BaseModel):
    name: str
    weight: int = Field(ge=0)
    children: list[Node] = []


class Aliased(BaseModel):
    number: str = Field(alias="orderNumber")
    amount: int = Field(ge=1, validation_alias=AliasChoices("total", "sum"))
    city: str = Field(min_length=2, validation_alias=AliasPath("address", "city"))


class Span(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    start: int
    end: int

    @model_validator(mode="after")
    def ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        return self


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: Annotated[int, Field(ge=0)]


class Row(TypedDict):
    sku: str
    qty: Annotated[int, Field(ge=1)]


class Pair(NamedTuple):
    left: int
    right: Annotated[int, Field(ge=0)]


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    label: str
    inside: T


class Scores(RootModel[dict[str, Annotated[int, Field(ge=0)]]]):
    pass


class Order(BaseModel):
    """Enough beside the bad place that asking for it alone pays."""

    title: str
    seller: str
    lines: list[Line]
    spans: list[Span]
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    either: Cat | Dog
    prices: dict[str, Annotated[int, Field(ge=0)]]
    days: dict[date, str]
    pair: tuple[Annotated[int, Field(ge=0)], str]
    tags: set[Annotated[str, Field(min_length=2)]]
    tree: Node
    also: Aliased
    point: Point
    rows: list[Row]
    named: Pair
    scores: Scores
    box: Box[Line]
    final: date


GOOD = Order.model_validate(
    {
        "title": "an order of many things", "seller": "Tea & Co",
        "lines": [{"name": f"item {i}", "qty": i + 1} for i in range(6)],
        "spans": [{"name": f"span {i}", "start": i, "end": i + 3} for i in range(3)],
        "pet": {"kind": "dog", "tricks": ["sit", "roll"]}, "either": {"kind": "cat", "lives": 9},
        "prices": {"tea": 3, "milk": 4}, "days": {"2026-03-01": "first", "2026-04-01": "later"}, "pair": (1, "x"),
        "tags": {"aa", "bb", "cc"},
        "tree": {"name": "root", "weight": 1, "children": [{"name": "a", "weight": 2, "children": [{"name": "b", "weight": 3}]}]},
        "also": {"orderNumber": "A-17", "total": 5, "address": {"city": "Ulm"}}, "point": {"x": 1, "y": 2},
        "rows": [{"sku": f"S{i}", "qty": 1} for i in range(4)], "named": (1, 2), "scores": {"a": 1, "b": 2},
        "box": {"label": "l", "inside": {"name": "n", "qty": 2}}, "final": "2026-05-01",
    }
)  # fmt: skip
SCHEMA = Schema.of(Order)
WIRE: Any = SCHEMA.encode(GOOD)

BAD: dict[str, tuple[list[Any], Any]] = {
    "a list item's field": (["lines", 3, "qty"], 0),
    "a branch of a union": (["either", "lives"], 0),
    "a field of the branch that a tag names": (["pet", "tricks"], []),
    "a tag": (["pet", "kind"], "fish"),
    "a map's value": (["prices", 1, "value"], -4),
    "a map's key": (["days", 0, "key"], "some day"),
    "an element of a tuple": (["pair", "item_1"], -1),
    "an element of a set": (["tags", 1], "x"),
    "a recursive node": (["tree", "children", 0, "children", 0, "weight"], -3),
    "an alias": (["also", "orderNumber"], None),
    "one of several aliases": (["also", "total"], 0),
    "a path of aliases": (["also", "city"], ""),
    "a model's own validator in a list": (["spans", 1, "end"], -1),
    "a dataclass": (["point", "y"], -2),
    "a typed dict": (["rows", 2, "qty"], 0),
    "a named tuple": (["named", "right"], -2),
    "a root model": (["scores", 0, "value"], -1),
    "a generic": (["box", "inside", "qty"], 0),
    "a date": (["final"], "the end"),
}


def changed(value: Any, path: list[Any], new: Any) -> Any:
    value = json.loads(json.dumps(value))
    at(value, path[:-1])[path[-1]] = new
    return value


def without(value: Any, places: list[list[Any]]) -> str:
    """The value's bytes but for some places."""
    value = json.loads(json.dumps(value))
    for path in places:
        at(value, path[:-1])[path[-1]] = None
    return json.dumps(value)


@pytest.mark.parametrize("case", BAD)
def test_only_the_bad_place_is_asked_for(run: Any, case: str) -> None:
    """Right in two requests, the second small; every other byte of the answer is as it was."""
    path, wrong = BAD[case]
    bad = changed(WIRE, path, wrong)
    engine = ScriptedEngine([bad, mender(WIRE)])
    extraction = run(engine, Order, "text")
    assert extraction.value == GOOD
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
    asked = list(paths(engine.requests[1]).values())
    assert all(path[: len(place)] == place or place[: len(path) - 1] == path[:-1] for place in asked)
    assert without(extraction.wire, asked) == without(bad, asked)
    first, mend = (request.format.encoded for request in engine.requests)  # type: ignore[union-attr]
    assert len(mend) < len(first) / 2
    answered = engine.requests[1]
    assert len(json.dumps(mender(WIRE)(answered))) < len(json.dumps(WIRE)) / 4


class Stay(BaseModel):
    guest: str
    room: str
    nights: int = Field(ge=1)
    arrival: date
    departure: date
    paid: bool

    @model_validator(mode="after")
    def leaves_later(self) -> Stay:
        if self.departure < self.arrival:
            raise ValueError("leaves before it arrives")
        return self


STAY: dict[str, Any] = {
    "guest": "A. Guest", "room": "12", "nights": 2, "arrival": "2026-03-01", "departure": "2026-03-03", "paid": True,
}  # fmt: skip


def test_a_rule_of_the_whole_is_asked_about_as_a_whole(run: Any) -> None:
    """The smallest object that covers the rule is the root: a reask, told what is wrong."""
    engine = ScriptedEngine([{**STAY, "departure": "2026-02-01"}, STAY])
    extraction = run(engine, Stay, "text")
    assert extraction.wire == STAY
    assert [a.kind for a in extraction.attempts] == ["ask", "reask"]
    assert "leaves before it arrives" in engine.requests[1].messages[-1].content


def test_mending_one_place_may_show_another(run: Any) -> None:
    """A rule that could not be looked at before speaks up after the mend, and is dealt with in turn."""
    engine = ScriptedEngine([{**STAY, "nights": 0, "departure": "2026-02-01"}, {"nights": 2}, STAY])
    extraction = run(engine, Stay, "text")
    assert extraction.wire == STAY
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "reask"]


def test_a_mend_that_is_wrong_again_mends_only_the_rest(run: Any) -> None:
    """Of two places one was mended: the next request asks for the other."""
    bad = changed(changed(WIRE, ["lines", 3, "qty"], 0), ["rows", 2, "qty"], 0)
    engine = ScriptedEngine([bad, {"lines_3_qty": 4, "rows_2_qty": -7}, mender(WIRE)])
    extraction = run(engine, Order, "text")
    assert extraction.value == GOOD
    assert [keys(request) for request in engine.requests[1:]] == [["lines_3_qty", "rows_2_qty"], ["rows_2_qty"]]


@pytest.mark.parametrize("garbage", ["nonsense", "", '"four"'])
def test_a_mend_that_brings_nothing_is_asked_for_again(run: Any, garbage: str) -> None:
    """An unreadable mend does not cost the whole answer: the same places are asked for once more."""
    engine = ScriptedEngine([changed(WIRE, ["lines", 3, "qty"], 0), garbage, mender(WIRE)])
    extraction = run(engine, Order, "text")
    assert extraction.value == GOOD
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "mend"]
    assert keys(engine.requests[2]) == ["lines_3_qty"]


def test_a_refused_mend_leaves_the_whole_to_be_asked_for(run: Any) -> None:
    """The good part is not lost when that does not help either."""
    bad = changed(WIRE, ["lines", 3, "qty"], 0)
    no = Reply(text="", refusal="I will not.")
    extraction = run(ScriptedEngine([bad, no, WIRE]), Order, "text")
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "reask"]
    with pytest.raises(Exhausted) as caught:
        run(ScriptedEngine([bad, no]), Order, "text", policy=extract.Policy(reasks=1))
    assert isinstance(caught.value.last, Refused)
    assert caught.value.partial is not None
    assert [q.path for q in caught.value.partial.quarantined] == [("lines", 3)]


def test_a_key_too_many_and_a_key_too_few(run: Any) -> None:
    """What is forbidden beside the fields is asked about at its object; an optional field left out is no issue."""
    bad = json.loads(json.dumps(WIRE))
    del bad["lines"][2]["note"]
    extraction = run(ScriptedEngine([bad]), Order, "text")
    assert extraction.value == GOOD
    bad["lines"][2]["colour"] = "red"
    extraction = run(ScriptedEngine([bad, mender(WIRE)]), Order, "text")
    assert extraction.value == GOOD
    assert len(extraction.attempts) <= 2


def test_validators_see_the_context_in_mends_too(run: Any) -> None:
    """What the caller handed over decides again about the mended value."""

    class Coded(BaseModel):
        name: str
        city: str
        code: str

        @field_validator("code")
        @classmethod
        def known(cls, value: str, info: ValidationInfo) -> str:
            if value not in info.context["codes"]:
                raise ValueError("is not one of our codes")
            return value

    wire = {"name": "a name of some length", "city": "a city of some length", "code": "zz"}
    engine = ScriptedEngine([wire, {"code": "yy"}, {"code": "ab"}])
    extraction = run(engine, Coded, "text", context={"codes": {"ab"}})
    assert extraction.value.code == "ab"
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "mend"]


ROOTS: dict[str, tuple[Any, Any, list[Any], Any]] = {
    "frozen model": (Span, Span(name="a name of some length", start=1, end=2), ["end"], "soon"),
    "root model": (Scores, Scores({f"key {i}": i for i in range(9)}), ["value", 4, "value"], -1),
    "dataclass": (Point, Point(1_234_567, 2), ["y"], -1),
    "typed dict": (list[Row], [Row(sku=f"S{i}", qty=1) for i in range(5)], ["value", 2, "qty"], 0),
    "named tuple": (list[Pair], [Pair(i, i) for i in range(6)], ["value", 3, "right"], -1),
    "map of lists": (
        dict[str, list[Line]],
        {"k": [Line(name="a", qty=1), Line(name="b", qty=2)]},
        ["value", 0, "value", 1, "qty"],
        0,
    ),
}


@pytest.mark.parametrize("case", ROOTS)
def test_any_root_is_mended(run: Any, case: str) -> None:
    """Whatever the declared type is, the wire has places that can be asked for."""
    declared, good, path, wrong = ROOTS[case]
    wire = Schema.of(declared).encode(good)
    engine = ScriptedEngine([changed(wire, path, wrong), mender(wire)])
    extraction = run(engine, declared, "text")
    assert extraction.value == good
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]


RAW = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "qty": {"type": "integer", "minimum": 1}},
                "required": ["sku", "qty"],
                "additionalProperties": False,
            },
        },
        "limits": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
    },
    "required": ["title", "rows", "limits"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("dialect", ["openai-strict", "json-schema-2020-12", "llama-grammar"])
def test_a_json_schema_is_mended(run: Any, dialect: str) -> None:
    """Without any Python type, in every dialect: list items and values of maps."""
    good = {
        "title": "some title",
        "rows": [{"sku": f"S{i}", "qty": i + 1} for i in range(5)],
        "limits": {"a": 1, "b": 2},
    }
    schema = Schema.of(RAW, dialect=dialect)  # type: ignore[var-annotated]
    wire: Any = schema.encode(good)
    bad = changed(wire, ["rows", 3, "qty"], 0)
    limit = ["limits", "b"] if isinstance(wire["limits"], dict) else ["limits", 1, "value"]
    bad = changed(bad, limit, -1)
    engine = ScriptedEngine([bad, mender(wire)], dialect=dialect)
    extraction = run(engine, schema, "text")
    assert extraction.value == good
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
    assert sorted(paths(engine.requests[1]).values(), key=str) == sorted([["rows", 3, "qty"], limit], key=str)


def test_what_is_told_in_words_is_the_schema_of_the_question(run: Any) -> None:
    """Where no schema can be enforced, a mend's prompt does not ask for the whole form."""
    schema = Schema.of(Order, dialect="json-schema-2020-12")
    assert schema.guidance
    wire: Any = schema.encode(GOOD)
    engine = ScriptedEngine([changed(wire, ["lines", 3, "qty"], 0), mender(wire)], dialect="json-schema-2020-12")
    run(engine, schema, "text")
    first, mend = (request.messages[0].content for request in engine.requests)
    assert '"spans"' in first
    assert '"spans"' not in mend
    assert '"lines_3_qty"' in mend


class Priced(BaseModel):
    name: str
    price: float = Field(ge=0)
    share: float


def test_what_was_repaired_in_a_mended_value_is_no_repair_of_the_answer(run: Any) -> None:
    """It stays with the attempt; what was repaired beside it still stands in the answer."""
    good = {"name": "tea", "price": 1.5, "share": 12.5}
    engine = ScriptedEngine(['{"name": "tea", "price": "-1,50", "share": "12,5"}', mender(good)])
    extraction = run(engine, Priced, "text")
    assert [attempt.kind for attempt in extraction.attempts] == ["ask", "mend"]
    assert {repair.path for repair in extraction.repairs} == {("share",)}
    assert {repair.path for repair in extraction.attempts[0].repairs} == {("price",), ("share",)}


def test_a_place_that_was_repaired_is_forgotten_with_what_it_lies_in(run: Any) -> None:
    """A row that is written anew takes the repairs of its cells with it."""

    class Row(BaseModel):
        price: float

        @model_validator(mode="after")
        def fits(self) -> Row:
            if self.price < 0:
                raise ValueError("a price is not below nothing")
            return self

    class Table(BaseModel):
        title: str
        rows: list[Row]

    good = {"title": "teas", "rows": [{"price": 1.5}, {"price": 2.5}, {"price": 3.5}, {"price": 4.5}]}
    bad = '{"title": "teas", "rows": [{"price": "1,5"}, {"price": "-2,5"}, {"price": 3.5}, {"price": 4.5}]}'
    extraction = run(ScriptedEngine([bad, mender(good)]), Table, "text")
    assert [attempt.kind for attempt in extraction.attempts] == ["ask", "mend"]
    assert {repair.path for repair in extraction.repairs} == {("rows", 0, "price")}


def test_what_a_mend_was_not_asked_for_is_set_aside_on_record(run: Any) -> None:
    """The other places stay as they were."""
    wrong = {"value": [{"n": 1}, {"n": -5}]}
    engine = ScriptedEngine([wrong, {"value_1_n": 5, "value_0_n": 99}])
    done = run(engine, list[Counted], "document")
    assert [each.n for each in done.value] == [1, 5]
    # The key names no place of the whole, so it is told as it came.
    assert ("extra-key", None, {"value_0_n": 99}) in [(each.kind, each.path, each.before) for each in done.repairs]


class Counted(BaseModel):
    n: int = Field(ge=0)


class Address(BaseModel):
    city: str
    zip: str


class Client(BaseModel):
    id: int = Field(gt=0)


class Person(BaseModel):
    age: int = Field(ge=0)
    client_id: int
    client: Client
    address: Address


PERSON = {"age": 3, "client_id": 99, "client": {"id": 7}, "address": {"city": "C", "zip": "1"}}
ANSWERS: list[tuple[list[Any], Any, str]] = [
    (["age"], {"answer": {"age": 3}}, "unwrapped"),
    (["age"], [{"age": 3}], "unwrapped"),
    (["age"], {"corrections": [{"age": 3}]}, "unwrapped"),
    (["age"], 3, "wrapped"),
    (["age"], [3], "wrapped"),
    (["age"], {"answer": 3}, "wrapped"),
    (["age"], PERSON, "extra-key"),
    (["client", "id"], {"client": {"id": 7}}, "unwrapped"),
    (["client", "id"], {"id": 7}, "wrapped"),
    (["client", "id"], PERSON, "unwrapped"),
    (["client", "id"], {"Person": PERSON}, "unwrapped"),
    (["address", "city"], {"address": {"city": "C"}}, "unwrapped"),
]


@pytest.mark.parametrize(("place", "answer", "kind"), ANSWERS, ids=[str(i) for i in range(len(ANSWERS))])
def test_a_mend_is_found_in_whatever_it_is_wrapped(run: Any, place: list[Any], answer: Any, kind: str) -> None:
    """On record; of a whole answer only the place that was asked for is taken."""
    bad = changed(PERSON, place, {"no": 1, "way": 2})
    extraction = run(ScriptedEngine([bad, json.dumps(answer)]), Person, "text")
    assert extraction.wire == PERSON
    assert [attempt.kind for attempt in extraction.attempts] == ["ask", "mend"]
    assert (kind, None) in [(repair.kind, repair.path) for repair in extraction.repairs]


@pytest.mark.parametrize("answer", [{"error": "not found"}, {"note": 3, "age_of": 4}, ["a", "b"], {}, [[]], "unknown"])
def test_what_gives_none_of_the_places_mends_nothing(run: Any, answer: Any) -> None:
    """The last reask is for the whole then, in case that the model cannot answer a part."""
    bad = changed(PERSON, ["address", "city"], {"no": 1, "way": 2})
    extraction = run(ScriptedEngine([bad, json.dumps(answer), PERSON]), Person, "text")
    assert extraction.wire == PERSON
    assert [attempt.kind for attempt in extraction.attempts] == ["ask", "mend", "reask"]


def test_a_mend_taken_exactly_is_taken_as_it_was_asked_for(run: Any) -> None:
    """No wrapper is opened then."""
    policy = extract.Policy(strictness="exact")
    bad = changed(PERSON, ["age"], -3)
    engine = ScriptedEngine([bad, {"answer": {"age": 3}}, PERSON])
    assert [a.kind for a in run(engine, Person, "text", policy=policy).attempts] == ["ask", "mend", "reask"]


def test_no_place_has_the_name_of_another(run: Any) -> None:
    """The whole answer given anew: its client_id is not the client's id."""
    bad = changed(PERSON, ["client", "id"], -7)
    engine = ScriptedEngine([bad, PERSON])
    assert run(engine, Person, "text").value.client.id == 7
    assert keys(engine.requests[1]) == ["client_id_2"]


@pytest.mark.parametrize("text", ["", "```json\n", '{"age"', '{"age": '])
def test_a_mend_of_which_nothing_came_gets_more_room(run: Any, text: str) -> None:
    """As any answer that was cut off does; within what the policy permits."""
    bad = changed(PERSON, ["age"], -3)
    none = Reply(text=text, finish="length")
    engine = ScriptedEngine([bad, none, none, {"age": 3}])
    extraction = run(engine, Person, "text")
    assert extraction.wire == PERSON
    assert [a.kind for a in extraction.attempts] == ["ask", "mend", "mend", "mend"]
    assert engine.requests[3].parameters.max_output_tokens
    with pytest.raises(Truncated):
        run(ScriptedEngine([bad, none, none]), Person, "text", policy=extract.Policy(continues=1))


class Prices(BaseModel):
    words: dict[str, int]
    numbers: dict[int, float]
    note: str


PRICES = {
    "words": [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
    "numbers": [{"key": 1, "value": 1.5}, {"key": 2, "value": 1}],
    "note": "a note that is long enough for the rest to be little beside it",
}


@pytest.mark.parametrize("place", ["words", "numbers"])
def test_a_key_that_stands_twice_is_asked_about_with_its_dictionary(run: Any, place: str) -> None:
    """Asked for the second key alone, a model would have to invent one; the same entry again is set aside."""
    entries = PRICES[place]
    other = {**entries[0], "value": 9}  # type: ignore[dict-item]
    engine = ScriptedEngine([{**PRICES, place: [*entries, other]}, {place: [other, entries[1]]}])  # type: ignore[misc]
    extraction = run(engine, Prices, "text")
    assert keys(engine.requests[1]) == [place]
    assert extraction.wire == {**PRICES, place: [other, entries[1]]}  # type: ignore[index]
    extraction = run(ScriptedEngine([{**PRICES, place: [*entries, entries[0]]}]), Prices, "text")  # type: ignore[misc]
    assert extraction.wire == PRICES
    assert [str(repair) for repair in extraction.repairs] == [f"duplicate-item @ $.{place}[2]"]


def test_a_mend_taken_exactly_is_asked_for_in_plain_words(run: Any) -> None:
    """What is wanted and what stands there, for nothing is turned into anything then."""
    engine = ScriptedEngine([changed(PERSON, ["age"], "3"), {"age": 3}])
    run(engine, Person, "text", policy=extract.Policy(strictness="exact"))
    question = engine.requests[1].messages[-1].content
    assert "- age ($.age): Should be an integer, just as the schema asks for it; here stands a text" in question
