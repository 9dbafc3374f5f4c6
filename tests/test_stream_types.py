"""Partials of every kind of type: always valid to hold, finished fields typed, the last equal to what run gives."""

from __future__ import annotations

import copy
import dataclasses
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import (
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    computed_field,
    field_validator,
)
from typing_extensions import TypedDict

import extract
from extract.schema import Schema
from extract.testing import ScriptedEngine


class Kind(Enum):
    GOODS = "goods"
    WORK = "work"


class Line(BaseModel):
    name: str
    amount: Decimal = Field(ge=0)


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    number: str = Field(alias="orderNumber")
    city: str = Field(validation_alias=AliasPath("address", "city"))
    issued: date = Field(alias="issuedOn")


@dataclasses.dataclass
class Point:
    x: int
    when: date
    tags: list[str] = dataclasses.field(default_factory=list)


class Row(TypedDict):
    sku: str
    due: date


class Pair(NamedTuple):
    left: int
    right: date


class Node(BaseModel):
    name: str
    weight: Decimal
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    born: date


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Names(RootModel[list[str]]):
    pass


class Computed(BaseModel):
    model_config = ConfigDict(frozen=True)
    price: Decimal
    count: int = 1
    kind: Kind = Kind.GOODS
    note: str | None = "none"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> Decimal:
        return self.price * self.count


class Everything(BaseModel):
    lines: list[Line]
    also: Aliased
    point: Point
    rows: list[Row]
    pair: Pair
    tree: Node
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    either: int | Line | None
    prices: dict[str, date]
    names: Names
    tags: set[str]
    computed: Computed
    two: tuple[date, int]
    end: date


LINES = [Line(name=f"item {i}", amount=Decimal(i)) for i in range(3)]
TREE = Node(
    name="root",
    weight=Decimal(1),
    children=[Node(name="a", weight=Decimal(2), children=[Node(name="b", weight=Decimal(3))])],
)
ALIASED = Aliased(orderNumber="A-17", issuedOn=date(2026, 3, 1), address={"city": "Ulm"})  # type: ignore[call-arg]
VALUES: dict[str, tuple[Any, Any]] = {
    "model": (Line, LINES[0]),
    "aliases": (Aliased, ALIASED),
    "dataclass": (Point, Point(1, date(2026, 3, 1), ["a", "b"])),
    "typed dict": (Row, Row(sku="S1", due=date(2026, 3, 1))),
    "named tuple": (Pair, Pair(1, date(2026, 3, 1))),
    "recursive": (Node, TREE),
    "union": (Cat | Dog, Dog(kind="dog", tricks=["sit", "roll"])),
    "tagged union": (Annotated[Cat | Dog, Field(discriminator="kind")], Cat(kind="cat", born=date(2026, 3, 1))),
    "optional": (Line | None, LINES[1]),
    "none": (Line | None, None),
    "list": (list[Line], LINES),
    "list of scalars": (list[date], [date(2026, 3, 1), date(2026, 4, 1)]),
    "list of lists": (list[list[int]], [[1, 2], [], [3]]),
    "dict": (dict[str, Line], {"a": LINES[0], "b": LINES[1]}),
    "tuple": (tuple[int, date], (1, date(2026, 3, 1))),
    "set": (set[str], {"a", "b"}),
    "scalar": (date, date(2026, 3, 1)),
    "text": (str, "some text"),
    "literal": (Literal["a", "b"], "b"),
    "enum": (Kind, Kind.WORK),
    "root model": (Names, Names(["a", "b"])),
    "computed": (Computed, Computed(price=Decimal(2), count=3, kind=Kind.WORK, note=None)),
    "everything": (
        Everything,
        Everything(
            lines=LINES, also=ALIASED, point=Point(1, date(2026, 3, 1), ["a"]), rows=[Row(sku="S1", due=date(2026, 3, 1))],
            pair=Pair(1, date(2026, 3, 1)), tree=TREE, pet=Dog(kind="dog", tricks=[]), either=LINES[2],
            prices={"a": date(2026, 3, 1)}, names=Names(["x", "y"]), tags={"t", "u"}, computed=Computed(price=Decimal(1)),
            two=(date(2026, 3, 1), 2), end=date(2026, 5, 1),
        ),
    ),
}  # fmt: skip


def fields_of(value: Any) -> dict[str, Any]:
    """What is there of a value: its fields by name; empty for a scalar."""
    if isinstance(value, BaseModel):
        return {name: value.__dict__[name] for name in type(value).model_fields if name in value.__dict__}
    if dataclasses.is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if hasattr(value, each.name)}
    return dict(value) if isinstance(value, dict) else {}


def must_be_part_of(part: Any, whole: Any) -> None:
    """Of the whole's type, and equal to it wherever something is there; lists are as long at most."""
    if isinstance(whole, list):
        assert isinstance(part, list)
        assert len(part) <= len(whole)
        for index, item in enumerate(part):
            must_be_part_of(item, whole[index])
    elif isinstance(whole, RootModel):
        if isinstance(part, RootModel):
            must_be_part_of(part.root, whole.root)
    elif fields_of(whole) and not isinstance(whole, dict | tuple):
        assert isinstance(part, type(whole))
        for name, item in fields_of(part).items():
            must_be_part_of(item, fields_of(whole)[name])
    elif isinstance(whole, dict):
        assert isinstance(part, dict)
        for name, item in part.items():
            must_be_part_of(item, whole[name])
    else:
        assert type(part) is type(whole)
        assert part == whole


@pytest.mark.parametrize("piece", [1, 4, 10_000])
@pytest.mark.parametrize("case", VALUES)
def test_partials_are_parts_of_the_whole(watch: Any, case: str, piece: int) -> None:
    """Whatever the type and however the text comes; and none changes after it was given."""
    declared, value = VALUES[case]
    wire = Schema.of(declared).encode(value)
    partials, extraction = watch(ScriptedEngine([wire], piece=piece), "stream", declared)
    assert extraction.value == value
    assert partials[-1].finished
    assert partials[-1].value == value
    seen = []
    for partial in partials:
        held = partial.value
        if held is not None:
            must_be_part_of(held, value)
        assert partial.issues == ()
        seen.append((partial, copy.deepcopy(held), len(partial.complete)))
    counts = [count for _, _, count in seen]
    assert counts == sorted(counts)
    for partial, held, count in seen:
        assert fields_of(partial.value).keys() == fields_of(held).keys()
        must_be_part_of(partial.value, held)
        assert len(partial.complete) == count


@pytest.mark.parametrize("strictness", ["exact", "careful", "lenient"])
def test_the_last_partial_is_what_run_gives(watch: Any, strictness: Any) -> None:
    """Also where something had to be coerced, a default was taken, or a key was written otherwise."""
    wire = {"price": "2,50", "Count": 2, "kind": "WORK", "note": "N/A"}
    policy = extract.Policy(strictness=strictness, reasks=0)
    if strictness == "exact":
        with pytest.raises(extract.Exhausted) as refused:
            extract.Client(engine=ScriptedEngine([wire])).run(Computed, "text", policy=policy)
        with pytest.raises(extract.Exhausted) as caught:
            watch(ScriptedEngine([wire]), "stream", Computed, policy=policy)
        assert caught.value.issues == refused.value.issues
        return
    expected = extract.Client(engine=ScriptedEngine([wire])).run(Computed, "text", policy=policy)
    partials, extraction = watch(ScriptedEngine([wire]), "stream", Computed, policy=policy)
    assert partials[-1].value == expected.value == extraction.value
    assert extraction.repairs == expected.repairs


@pytest.mark.parametrize("case", VALUES)
def test_items_of_every_type_come_typed(watch: Any, case: str) -> None:
    """Each is the value itself, and together they are what run gives."""
    declared, value = VALUES[case]
    many = [value] * 3
    wire = Schema.of(list[declared]).encode(many)  # type: ignore[valid-type]
    items, extraction = watch(ScriptedEngine([wire], piece=5), "stream_items", declared)
    assert items == many
    assert extraction.value == many
    assert all(type(item) is type(value) for item in items)


def test_a_default_that_was_taken_shows_in_the_whole_only(watch: Any) -> None:
    """``null`` for a field with a default: the last partial has the default, none has a null."""
    wire = Schema.of(Computed).encode(Computed(price=Decimal(1)))
    wire = {**wire, "kind": None}  # type: ignore[dict-item]
    partials, extraction = watch(ScriptedEngine([json.dumps(wire)], piece=3), "stream", Computed)
    assert extraction.value.kind is Kind.GOODS
    for partial in partials:
        assert getattr(partial.value, "kind", Kind.GOODS) is Kind.GOODS


class Crashing(BaseModel):
    code: str

    @field_validator("code")
    @classmethod
    def look_up(cls, code: str) -> str:
        return {"A": "A", "B": "B"}[code]


def test_a_validator_that_crashes_is_an_issue_of_a_partial_as_it_is_of_a_run() -> None:
    """Whatever an author's validator raises: the answer is asked for again, and the stream goes on."""
    engine = ScriptedEngine([{"code": "zq"}, {"code": "A"}])
    with extract.Client(engine=engine).stream(Crashing, "d") as stream:
        partials = list(stream)
        told = [issue for partial in partials for issue in partial.issues]
    assert stream.extraction.value == Crashing(code="A")
    assert {issue.kind for issue in told} == {"validator-failed"}
    assert "zq" not in "".join(issue.message for issue in told)


def test_an_item_whose_validator_crashes_comes_as_quarantined() -> None:
    """The items behind it come all the same, and the result sets aside the same one."""
    answer = {"value": [{"code": code} for code in ("A", "zq", "B")]}
    with extract.Client(engine=ScriptedEngine([answer])).stream_items(Crashing, "d") as stream:
        items = list(stream)
    assert [type(item).__name__ for item in items] == ["Crashing", "Quarantined", "Crashing"]
    assert [item.path for item in stream.extraction.quarantined] == [("value", 1)]
    assert stream.extraction.value == [Crashing(code=code) for code in ("A", "B")]


class Booked(BaseModel):
    on: date
    share: float
    kind: Kind

    @field_validator("share")
    @classmethod
    def stay_within(cls, share: float, info: ValidationInfo) -> float:
        if share > (info.context or {"most": 0})["most"]:
            raise ValueError("is more than the context permits")
        return share


class Ledger(BaseModel):
    rows: list[Booked]
    closed: date


AS_WRITTEN = {"on": "31.12.2024", "share": "12,5", "kind": "GOODS"}
BOOKED = {"on": date(2024, 12, 31), "share": 12.5}


def test_finished_parts_get_the_liberties_of_the_whole(watch: Any) -> None:
    """A date as the document writes it is there when it is finished, not only at the end; validators have the context."""
    answer = {"rows": [AS_WRITTEN] * 2, "closed": "1 March 2025"}
    said = {"context": {"most": 50}}
    partials, extraction = watch(ScriptedEngine([json.dumps(answer)], piece=7), "stream", Ledger, **said)
    first = next(each.value for each in partials if each.value and hasattr(each.value.rows[0], "share"))
    assert {name: getattr(first.rows[0], name) for name in BOOKED} == BOOKED
    assert not any(each.issues for each in partials)
    assert partials[-2].value == extraction.value
    assert {each.path for each in extraction.repairs} >= {("rows", 0, "on"), ("rows", 1, "share"), ("closed",)}


def test_items_get_the_liberties_of_the_whole(watch: Any) -> None:
    """An item that can be read is not set aside first; one that cannot is told with the better reason."""
    answer = {"value": [AS_WRITTEN, {**AS_WRITTEN, "on": "03/04/2024"}, {**AS_WRITTEN, "share": 60}]}
    items, extraction = watch(
        ScriptedEngine([json.dumps(answer)], piece=7), "stream_items", Booked, context={"most": 50}
    )
    assert [type(item).__name__ for item in items] == ["Booked", "Quarantined", "Quarantined"]
    assert {name: getattr(items[0], name) for name in BOOKED} == BOOKED
    assert [[issue.kind for issue in item.issues] for item in items[1:]] == [["ambiguous-date"], ["value_error"]]
    assert extraction.value == items[:1]
    assert [each.path for each in extraction.quarantined] == [each.path for each in items[1:]]


def test_parts_get_no_liberties_that_the_policy_forbids(watch: Any) -> None:
    """Read exactly, an item as the document writes it is set aside."""
    policy = extract.Policy(strictness="exact", bad_items="return")
    answer = {"value": [AS_WRITTEN]}
    items, _ = watch(ScriptedEngine([answer]), "stream_items", Booked, policy=policy, context={"most": 50})
    assert [type(item).__name__ for item in items] == ["Quarantined"]


@pytest.mark.parametrize("bad", [{"name": "b", "amount": "1", "more": 7}, {"name": "b", "amount": 1}])
def test_an_item_that_is_not_exactly_right_is_never_given_as_good(watch: Any, bad: Any) -> None:
    """What the result sets aside was set aside while it streamed."""
    policy = extract.Policy(strictness="exact", bad_items="return")
    answer = {"value": [{"name": "a", "amount": "1"}, bad]}
    items, extraction = watch(ScriptedEngine([answer]), "stream_items", Line, policy=policy)
    assert [type(item).__name__ for item in items] == ["Line", "Quarantined"]
    assert (extraction.value, [each.path for each in extraction.quarantined]) == (items[:1], [("value", 1)])
