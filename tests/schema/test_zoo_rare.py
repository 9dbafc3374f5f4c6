# ruff: noqa: UP007, UP045 - the ways users write types are what is tested
"""Rarer kinds of types come back from their wire form as they went."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import enum
import re
import typing
import zoneinfo
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union

import pydantic
import pytest
from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    RootModel,
    Tag,
    WithJsonSchema,
    WrapValidator,
    create_model,
)
from pydantic_core import core_schema

from extract.schema import Schema

DAY = dt.date(2024, 2, 29)


class Color(enum.Enum):
    RED = "r"
    BLUE = "b"


class Pairs(enum.Enum):
    """Values that JSON has no form for."""

    A = (1, 2)
    B = (3, 4)


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Stone:
    """A class that pydantic knows nothing of, and that JSON has only a text for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stone) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, value: Any) -> Stone:
        if isinstance(value, Stone):
            return value
        if not isinstance(value, str):
            message = "should be a text"
            raise ValueError(message)  # noqa: TRY004 - what pydantic wants
        return cls(value)


class OnlyFromJson(dt.datetime):
    """Takes what stands for it, not its own instances."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(
            lambda seconds: dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(seconds=seconds),
            core_schema.float_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.timestamp()),
        )


class TextInJson(str):
    """A text when read from JSON, an instance when read from Python."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        text = core_schema.str_schema(min_length=1)
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema(
                [
                    core_schema.is_instance_schema(Stone),
                    core_schema.chain_schema([text, core_schema.no_info_plain_validator_function(Stone)]),
                ]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
        )


class WrappedUnion:
    """An author's function around a union, one branch of which has no JSON form."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        kinds = [core_schema.is_instance_schema(Stone), core_schema.bytes_schema(), core_schema.str_schema()]
        return core_schema.no_info_wrap_validator_function(
            lambda value, inner: inner(Stone.of(value)), core_schema.union_schema(kinds)
        )


class Parent(BaseModel):
    a: int


class Child(Parent):
    b: int = 0


class Grandchild(Child):
    c: Optional[int] = None


@dataclasses.dataclass
class Elder:
    a: int


@dataclasses.dataclass
class Younger(Elder):
    b: dict[int, str]


class ByValue(BaseModel):
    model_config = ConfigDict(use_enum_values=True, validate_default=True)
    one: Pairs = Pairs.A
    maybe: Optional[Pairs] = None
    many: list[Pairs] = [Pairs.B]


class Tight(BaseModel):
    """What a model says of texts and bytes holds in unions and dictionaries too."""

    model_config = ConfigDict(str_max_length=5, ser_json_bytes="base64", val_json_bytes="base64")
    either: Union[dt.date, str] = ""
    by: dict[bytes, bytes] = {}
    hidden: pydantic.SecretBytes = pydantic.SecretBytes(b"x")


class RedThing(BaseModel):
    kind: Literal[Color.RED]
    n: int


class BlueThing(BaseModel):
    kind: Literal[Color.BLUE]
    n: int


class Crossed(BaseModel):
    """A path that leads into what another field holds."""

    a: int = Field(validation_alias=AliasPath("p", "a"))
    p: dict[str, int] = {}


class Last(BaseModel):
    a: int = Field(validation_alias=AliasPath("p", -1))


class Sequences(BaseModel):
    """A default that is no list, where any sequence will do."""

    some: typing.Sequence[int] = ()
    more: typing.Mapping[str, Sequences] = {}


class Empty(BaseModel):
    pass


class AlsoEmpty(BaseModel):
    pass


class Words(BaseModel):
    """Names that mean something to JSON Schema."""

    type: str
    properties: dict[str, int] = {}
    required: bool = True
    ref: int = Field(1, alias="$ref")
    defs: int = Field(3, alias="$defs")
    value: Any = None


def by_kind(value: Any) -> str:
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "line"


def shout(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Callable_ = Annotated[
    Union[Annotated[str, Tag("text")], Annotated[Parent, Tag("line")], Annotated[list[int], Tag("list")]],
    Discriminator(by_kind),
]
ByWord = Annotated[Stone, PlainValidator(Stone.of, json_schema_input_type=str)]
OWN = {"type": "array", "items": {"$ref": "#/$defs/Item"}, "$defs": {"Item": {"type": "integer"}}}

RARE: dict[str, tuple[Any, list[Any]]] = {
    "inherited": (
        Union[Parent, Child, Grandchild],
        [Parent(a=1), Child(a=1), Child(a=1, b=2), Grandchild(a=1), Grandchild(a=1, c=3)],
    ),
    "inherited dataclass": (Union[Elder, Younger], [Elder(1), Younger(1, {2: "x"})]),
    "enum by value": (ByValue, [ByValue(), ByValue(one=Pairs.B, maybe=Pairs.A)]),
    "enum as tag": (
        Annotated[Union[RedThing, BlueThing], Field(discriminator="kind")],
        [RedThing(kind=Color.RED, n=1)],
    ),
    "config inside": (
        Tight,
        [Tight(), Tight(either=DAY, hidden=pydantic.SecretBytes(b"\xff")), Tight.model_construct(by={b"k": b"\xfd"})],
    ),
    "secret bytes": (pydantic.SecretBytes, [pydantic.SecretBytes(b"\xff\x00"), pydantic.SecretBytes(b"x")]),
    "secret dates": (dict[str, pydantic.Secret[dt.date]], [{"a": pydantic.Secret[dt.date](DAY)}]),
    "pattern of bytes": (re.Pattern[bytes], [re.compile(b"a+")]),
    "pattern with flags": (Annotated[str, Field(pattern=re.compile("^a", re.IGNORECASE))], ["Abc"]),
    "decimals without bounds": (Annotated[Decimal, Field(allow_inf_nan=True)], [Decimal("Infinity"), Decimal("1.5")]),
    "only from json": (
        Union[OnlyFromJson, dict[str, int]],
        [dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc), {"a": 1}],
    ),
    "text in json": (list[TextInJson], [[Stone("a")]]),
    "wrapped union": (Union[dict[str, int], WrappedUnion, None], [Stone("a"), {"a": 1}, None]),
    "written as text": (dict[str, ByWord], [{"a": Stone("x")}]),
    "seen union": (Annotated[Union[dt.date, str], BeforeValidator(shout)], [DAY, "A"]),
    "wrapped": (Annotated[Union[dt.date, str], WrapValidator(lambda value, inner: inner(value))], [DAY, "A"]),
    "seen dict": (Annotated[dict[int, str], BeforeValidator(dict)], [{1: "a"}]),
    "own schema": (Annotated[list[int], WithJsonSchema(OWN)], [[1]]),
    "number for decimal": (Annotated[Decimal, WithJsonSchema({"type": "number"})], [Decimal("1.5")]),
    "crossed paths": (Crossed, [Crossed(p={"a": 1, "b": 2})]),
    "last of a path": (Last, [Last(p=[1, 2])]),
    "sequences": (Sequences, [Sequences(), Sequences(some=[1], more={"a": Sequences()})]),
    "counter": (collections.Counter, [collections.Counter("aab")]),
    "counter of int": (collections.Counter[int], [collections.Counter([1, 1, 2])]),
    "ordered": (collections.OrderedDict[int, str], [collections.OrderedDict({2: "b", 1: "a"})]),
    "deque": (Annotated[collections.deque[int], Field(max_length=3)], [collections.deque([1, 2])]),
    "zones": (dict[zoneinfo.ZoneInfo, int], [{zoneinfo.ZoneInfo("Europe/Berlin"): 1}]),
    "int flag": (list[Rights], [[Rights.READ | Rights.WRITE, Rights(0)]]),
    "callable tag": (Callable_, ["x", Parent(a=1), [1]]),
    "empties": (Union[Empty, AlsoEmpty, None], [Empty(), AlsoEmpty(), None]),
    "words of schemas": (Words, [Words(type="x"), Words(type="x", value={"a": 1}, properties={"p": 1})]),
    "root of a root": (RootModel[RootModel[int]], [RootModel[RootModel[int]](RootModel[int](5))]),
    "left to right": (Annotated[Union[int, str, float], Field(union_mode="left_to_right")], [1, "a", 2.5]),
    "many in one": (
        Union[
            int, str, None, dt.date, dt.timedelta, Decimal, bytes, Color, list[int], tuple[int, int], set[int], Parent
        ],
        [1, "a", None, DAY, dt.timedelta(1), Decimal(1), b"x", Color.RED, [1], (1, 2), {1}, Parent(a=1)],
    ),
    "unicode names": (create_model("U", größe=(int, 1), x=(str, Field("", alias='ключ "q" \\ /~'))), []),
}


@pytest.mark.parametrize("kind", RARE)
def test_a_rare_kind_comes_back(kind, round_trip):
    """encode(v) obeys the wire schema and decode gives v again."""
    declared, values = RARE[kind]
    round_trip(Schema.of(declared), *values)
