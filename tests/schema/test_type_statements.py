"""Types in the words of Python 3.12: ``type`` statements and classes with parameters, as what is asked for."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from extract.schema import Schema
from extract.testing import ScriptedEngine

type Numbers = list[int]
type Tree = dict[str, Tree] | list[Tree] | int
type Pair[A, B] = tuple[A, B]
type Chain[T] = list[T | Chain[T]]
type Amount = Annotated[float, Field(ge=0, description="Never less than nothing")]
type Cat = Literal["cat"]


class Box[T](BaseModel):
    held: T
    spare: list[T] = []


class Branch[T](BaseModel):
    leaf: T
    below: list[Branch[T]] = []


class Bounded[N: (int, float)](BaseModel):
    n: N


@dataclasses.dataclass
class Line[T]:
    item: T
    amount: Amount


class Order(BaseModel):
    lines: list[Line[str]]
    numbers: Numbers
    sizes: Pair[int, str] | None = None
    pet: Cat = "cat"


TYPES = {
    "alias": (Numbers, [[], [1, 2]]),
    "recursive alias": (Tree, [5, {"a": [1, {"b": 2}]}, []]),
    "generic alias": (Pair[int, str], [(1, "a")]),
    "recursive generic alias": (Chain[int], [[], [1, [2, [3]]]]),
    "annotated alias": (Amount, [0.5]),
    "alias of an alias": (list[Amount], [[1.0, 0.0]]),
    "optional alias": (Numbers | None, [None, [1]]),
    "generic class": (Box[int], [Box[int](held=1, spare=[2])]),
    "generic class of an alias": (Box[Numbers], [Box[Numbers](held=[1])]),
    "recursive generic class": (Branch[str], [Branch[str](leaf="a", below=[Branch[str](leaf="b")])]),
    "generic class with constraints": (Bounded[float], [Bounded[float](n=0.5)]),
    "generic dataclass": (Line[str], [Line(item="a", amount=1.5)]),
    "all within a model": (Order, [Order(lines=[Line("a", 2.0)], numbers=[1], sizes=(1, "m"))]),
}


@pytest.mark.parametrize("name", TYPES)
def test_values_come_back(name, round_trip):
    """Strict, and what was put in comes out."""
    declared, values = TYPES[name]
    schema = Schema.of(declared)
    assert schema.strict
    round_trip(schema, *values)


@pytest.mark.parametrize("name", TYPES)
def test_a_client_takes_them(name, run):
    """Through either client: the reply in, the value out."""
    declared, values = TYPES[name]
    reply = Schema.of(declared).encode(values[-1])
    engine = ScriptedEngine([reply if isinstance(reply, dict) else {"value": reply}])
    assert run(engine, declared, "text").value == values[-1]


def test_bounds_of_an_alias_hold():
    """What an alias says of its values is checked like what a field says."""
    checked = Schema.of(Line[str]).check({"item": "a", "amount": -1}, strictness="exact")
    assert [issue.path for issue in checked.issues] == [("amount",)]
