"""What pydantic reads from the wire in one pass is what the codecs make of it, in right answers and in wrong ones."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from extract.errors import ValidationError
from extract.schema import Schema
from tests.schema.test_drawn_types import DRAWN, KINDS, adapter, altered


def outcome(schema: Schema[Any], text: str, strictness: Any) -> tuple[Any, ...]:
    """All that a caller sees of a check."""
    checked = schema.check_json(text, strictness=strictness)
    return checked.ok, repr(checked.value), checked.repairs, checked.issues, checked.wire


def apart(schema: Schema[Any]) -> bool:
    """Take the one pass away from a schema; say whether there was one."""
    had = schema._side.wire_reader() is not None
    schema._read_wire = None
    return had


@DRAWN
@given(st.data())
def test_one_pass_reads_what_the_codecs_read(data: Any) -> None:
    """For drawn types and answers, right or altered at a place: the same value, liberties and issues."""
    kind = data.draw(KINDS)
    declared = adapter(kind.declared)
    assume(declared is not None)
    schema: Schema[Any] = Schema.of(declared)
    by_codec: Schema[Any] = Schema.of(adapter(kind.declared))
    assume(apart(by_codec))
    try:
        right = schema.encode(data.draw(kind.values))
    except (ValidationError, ValueError):
        assume(False)
    for wire in (right, data.draw(altered(right))):
        for strictness in ("exact", "careful", "lenient"):
            text = json.dumps(wire)
            assert outcome(schema, text, strictness) == outcome(by_codec, text, strictness)


class Shelf(BaseModel):
    """Everything that travels in another form and is read in one pass."""

    prices: dict[str, Decimal]
    by_number: dict[int, list[tuple[int, str]]] = {}
    size: tuple[int, int] | None
    counts: Counter[str]
    ordered: OrderedDict[str, bool]
    few: dict[str, int] = Field(min_length=1, max_length=2)
    nested: list[dict[str, dict[str, IPv4Address]]]
    note: str | None = None


class Tree(BaseModel):
    name: str
    below: dict[str, Tree] = {}


class Stamped(BaseModel):
    at: tuple[int, int]

    @field_validator("at")
    @classmethod
    def _in_order(cls, at: tuple[int, int]) -> tuple[int, int]:
        assert at[0] <= at[1], "the first comes first"
        return at


SHELF = Shelf(
    prices={"tea": Decimal("2.50")},
    by_number={7: [(1, "a"), (2, "b")]},
    size=(3, 4),
    counts=Counter("tee"),
    ordered=OrderedDict(b=True, a=False),
    few={"x": 1},
    nested=[{"home": {"lan": IPv4Address("10.0.0.1")}}, {}],
)
TREE = Tree(name="a", below={"b": Tree(name="b"), "c": Tree(name="c", below={"d": Tree(name="d")})})
VALUES = [
    (Shelf, SHELF),
    (Shelf, SHELF.model_copy(update={"size": None, "note": "n"})),
    (list[Shelf], [SHELF, SHELF]),
    (Tree, TREE),
    (list[int], [1, 2]),
    (dict[str, Tree], {"t": TREE}),
    (tuple[int, str, tuple[bool, float]], (1, "a", (True, 0.5))),
    (list[Stamped], [Stamped(at=(1, 2))]),
]


@pytest.mark.parametrize(("declared", "value"), VALUES, ids=[str(i) for i in range(len(VALUES))])
def test_it_is_read_in_one_pass(declared: Any, value: Any) -> None:
    """There is a reader for the type, and its answers come back, with nothing on record."""
    schema: Schema[Any] = Schema.of(declared)
    reader = schema._side.wire_reader()
    assert reader is not None
    text = json.dumps(schema.encode(value))
    assert schema.check_json(text).repairs == ()
    filled = schema.encode(value if value is not SHELF else SHELF.model_copy(update={"note": "n"}))
    assert type(reader(json.dumps(filled))) is type(value)
    assert reader(json.dumps(filled)) == schema.check_json(text).value or value is SHELF
    assert schema.check_json(text).value == value


WRONG = [
    (dict[str, int], '{"value": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]}', "duplicate-key"),
    (dict[str, int], '{"value": [{"key": "a"}]}', None),
    (dict[str, int], '{"value": [{"key": "a", "value": 1, "more": 2}]}', None),
    (tuple[int, str], '{"value": {"item_1": 1}}', None),
    (tuple[int, str], '{"value": {"item_1": 1, "item_2": "a", "item_3": 2}}', None),
    (list[int], "[1, 2]", None),
    (list[int], '{"value": [1, "2"]}', None),
    (list[Stamped], '{"value": [{"at": {"item_1": 2, "item_2": 1}}]}', "assertion_error"),
]


@pytest.mark.parametrize(("declared", "text", "kind"), WRONG, ids=[str(i) for i in range(len(WRONG))])
@pytest.mark.parametrize("strictness", ["exact", "careful", "lenient"])
def test_what_is_not_plainly_right_is_left_to_the_codecs(
    declared: Any, text: str, kind: str | None, strictness: Any
) -> None:
    """They tell what is wrong, where on the wire, and put liberties on record."""
    schema: Schema[Any] = Schema.of(declared)
    by_codec: Schema[Any] = Schema.of(declared, name="other")
    assert apart(by_codec)
    assert outcome(schema, text, strictness) == outcome(by_codec, text, strictness)
    checked = schema.check_json(text, strictness=strictness)
    assert checked.repairs or checked.issues
    if kind is not None:
        assert kind in {issue.kind for issue in checked.issues}
