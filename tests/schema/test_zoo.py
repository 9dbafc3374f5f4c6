# ruff: noqa: DTZ001, S108, UP007, UP045, PYI051, PYI061 - the ways users write types are what is tested
"""Every kind of type comes back from its wire form as it went."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import enum
import ipaddress
import pathlib
import re
import typing
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union

import annotated_types
import pydantic
import pydantic.dataclasses
import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    RootModel,
    Tag,
    alias_generators,
)
from typing_extensions import NotRequired, Required, TypeAliasType, TypedDict

from extract.schema import Schema

T = TypeVar("T")
DAY = dt.date(2024, 2, 29)
NOON = dt.datetime(2024, 2, 29, 12, 0, 1, 5, tzinfo=dt.timezone.utc)
NAIVE = dt.datetime(2024, 2, 29, 12)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Odd(enum.Enum):
    """Values that JSON has no form for."""

    PAIR = (1, 2)
    EXACT = Decimal("1.50")
    NONE = None
    TEXT = "EXACT"
    HALF = 0.5


class StrColor(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


class IntRights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: float = 2.0
    label: str | None = "p"


@dataclasses.dataclass
class Plain:
    a: int
    b: list[str] = dataclasses.field(default_factory=list)
    c: int = dataclasses.field(default=7, init=False)


@pydantic.dataclasses.dataclass
class Checked:
    a: int = Field(ge=0)
    when: dt.date | None = None


class Movie(TypedDict):
    title: str
    year: NotRequired[int]
    note: NotRequired[str | None]


class Loose(TypedDict, total=False):
    title: Required[str]
    stars: dict[str, int]


class Item(BaseModel):
    """One line."""

    name: str = Field(description="As printed.", examples=["Widget"])
    qty: Annotated[int, Field(ge=1)] = 1
    price: Decimal = Decimal("0.00")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    name: str
    lives: int = 9


class Dog(BaseModel):
    name: str
    kind: Literal["dog"]
    toys: list[str] = []


class One(BaseModel):
    x: int


class Two(BaseModel):
    x: int


class Three(BaseModel):
    x: int = 0
    y: str = ""


class Node(BaseModel):
    value: int
    children: list[Node] = []
    parent: Node | None = None
    by_name: dict[str, Node] = {}


class Left(BaseModel):
    right: Right | None = None
    n: int = 0


class Right(BaseModel):
    left: Left | None = None
    lefts: tuple[Left, ...] = ()


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: int | None = None


class Numbers(RootModel[list[int]]):
    pass


class Table(RootModel[dict[str, Item]]):
    pass


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    first: int = Field(alias="First No.")
    second: str = Field(validation_alias="2nd", serialization_alias="zwei")
    third: int = Field(validation_alias=AliasChoices("drei", "third"))


class Deep(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))
    zip: str | None = Field(None, validation_alias=AliasPath("address", "zip"))
    first: int = Field(validation_alias=AliasPath("numbers", 0))
    second: int = Field(validation_alias=AliasChoices(AliasPath("numbers", 1), AliasPath("other", "n")))


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=alias_generators.to_camel)
    first_name: str
    birth_day: dt.date | None = None


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    first_name: str = Field(alias="firstName")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class OpenEmpty(BaseModel):
    model_config = ConfigDict(extra="allow")


class OpenTyped(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    a: int = 3


class Shut(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    a: int = 1


class Nothing(BaseModel):
    pass


class Computed(BaseModel):
    w: int
    _seen: int = pydantic.PrivateAttr(default=3)
    hidden: int = Field(4, exclude=True)

    @pydantic.computed_field
    @property
    def area(self) -> int:
        return self.w * 2


class Defaults(BaseModel):
    a: int = 3
    b: int | None = 5
    c: str | None = None
    d: list[int] = Field(default_factory=lambda: [1])
    e: dict[str, int] | None = Field(default_factory=dict)
    f: Any = None
    g: Any = 7
    h: Item | None = Item(name="x")
    i: Color = Color.RED
    j: str = None  # type: ignore[assignment]


class Validated(BaseModel):
    when: dt.date
    tags: list[str] = []
    size: dict[str, int] = {}

    @pydantic.model_validator(mode="before")
    @classmethod
    def before(cls, data: Any) -> Any:
        if isinstance(data, dict):
            assert not isinstance(data.get("size"), list)
            assert "tags" not in data or data["tags"] is not None
            return dict(data)
        return data

    @pydantic.field_validator("tags", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    @pydantic.field_validator("tags", mode="wrap")
    @classmethod
    def wrap(cls, value: Any, handler: Any) -> Any:
        return handler(value)

    @pydantic.field_validator("when", mode="after")
    @classmethod
    def after(cls, value: dt.date) -> dt.date:
        return value

    @pydantic.model_validator(mode="after")
    def whole(self) -> Validated:
        return self


class Serialized(BaseModel):
    when: dt.date
    amount: Decimal

    @pydantic.field_serializer("when")
    def say(self, value: dt.date) -> str:
        return f"{value:%d.%m.%Y}"

    @pydantic.model_serializer(mode="wrap")
    def add(self, handler: Any) -> Any:
        return {**handler(self), "more": 1}


def german(value: Any) -> Any:
    return dt.datetime.strptime(value, "%d.%m.%Y").date() if isinstance(value, str) else value  # noqa: DTZ007


German = Annotated[dt.date, pydantic.BeforeValidator(german), pydantic.PlainSerializer(lambda d: f"{d:%d.%m.%Y}")]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    when: dt.date
    pair: tuple[int, str]
    tags: set[str]
    by: dict[int, dt.date]
    either: int | str
    id: uuid.UUID
    raw: bytes = b""
    color: Color = Color.RED


class Hidden(BaseModel):
    key: pydantic.SecretStr
    raw: pydantic.SecretBytes = pydantic.SecretBytes(b"x")
    day: pydantic.Secret[dt.date] = pydantic.Secret[dt.date](DAY)


class Seconds(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float", ser_json_bytes="base64", val_json_bytes="base64")
    span: dt.timedelta
    raw: bytes


class EnumValues(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    color: Color
    maybe: Color | None = None


def tag_of(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else value.name
    return "a" if str(name).startswith("a") else "b"


class TagA(BaseModel):
    name: str


class TagB(BaseModel):
    name: str
    b: int = 0


Tagged = Annotated[Annotated[TagA, Tag("a")] | Annotated[TagB, Tag("b")], Discriminator(tag_of)]
Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
Tree = TypeAliasType("Tree", "dict[str, Tree] | list[Tree] | int")


class Inner1(BaseModel):
    kind: Literal["a"]
    sub: Literal["x"]
    n: int


class Inner2(BaseModel):
    sub: Literal["y"]
    kind: Literal["a"]
    m: int


class Inner3(BaseModel):
    kind: Literal["b", "c"]
    m: dict[str, int] = {}


Nested = Annotated[Annotated[Inner1 | Inner2, Field(discriminator="sub")] | Inner3, Field(discriminator="kind")]


class Home(BaseModel):
    pets: list[Pet]
    best: Pet | None = None
    by_name: dict[str, Pet] = {}


class Clash(BaseModel):
    """Keys that look like ours."""

    value: dict[str, int]
    key: str
    additional_properties: int = 1
    model_config = ConfigDict(extra="allow")


ZOO: dict[str, tuple[Any, list[Any]]] = {
    "str": (str, ["", "a\u2028\U0001f600\x00"]),
    "int": (int, [0, -5, 10**40]),
    "float": (float, [0.5, -1e300, float("inf")]),
    "bool": (bool, [True, False]),
    "none": (None, [None]),
    "decimal": (Decimal, [Decimal("1.50"), Decimal("1E+5"), Decimal("-0.000000000000000000000001")]),
    "condecimal": (Annotated[Decimal, Field(max_digits=5, decimal_places=2, ge=0)], [Decimal("1.25")]),
    "fraction": (Fraction, [Fraction(1, 3)]),
    "date": (dt.date, [DAY]),
    "datetime": (dt.datetime, [NOON, NAIVE]),
    "time": (dt.time, [dt.time(1, 2, 3), dt.time(1, 2, 3, 4, tzinfo=dt.timezone.utc)]),
    "timedelta": (dt.timedelta, [dt.timedelta(days=-3, seconds=5, microseconds=7)]),
    "uuid": (uuid.UUID, [uuid.UUID(int=5)]),
    "bytes": (bytes, [b"abc", b"\xff\x00", b"data:;base64,x", "ä".encode()]),
    "path": (pathlib.Path, [pathlib.Path("/tmp/x")]),
    "url": (pydantic.HttpUrl, [pydantic.HttpUrl("https://a.b/c?d=1")]),
    "anyurl": (pydantic.AnyUrl, [pydantic.AnyUrl("ftp://a.b/c")]),
    "dsn": (pydantic.PostgresDsn, [pydantic.PostgresDsn("postgres://u:p@h:5/d")]),
    "ipv4": (ipaddress.IPv4Address, [ipaddress.ip_address("1.2.3.4")]),
    "ipv6": (ipaddress.IPv6Address, [ipaddress.ip_address("::1")]),
    "ipany": (pydantic.IPvAnyAddress, [ipaddress.ip_address("::1"), ipaddress.ip_address("1.2.3.4")]),
    "network": (ipaddress.IPv4Network, [ipaddress.ip_network("1.2.3.0/24")]),
    "pattern": (re.Pattern[str], [re.compile("a+")]),
    "complex": (complex, [1 + 2j]),
    "secret": (pydantic.SecretStr, [pydantic.SecretStr("s")]),
    "bytesize": (pydantic.ByteSize, [pydantic.ByteSize(1024)]),
    "base64": (pydantic.Base64Bytes, [b"abc"]),
    "constr": (Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")], ["abc"]),
    "lookahead": (Annotated[str, Field(pattern=r"^(?:a|b)\d+$")], ["a1"]),
    "conint": (Annotated[int, annotated_types.Interval(gt=0, le=10), annotated_types.MultipleOf(2)], [2, 10]),
    "confloat": (pydantic.PositiveFloat, [1.5]),
    "past": (pydantic.PastDate, [DAY]),
    "aware": (pydantic.AwareDatetime, [NOON]),
    "any": (Any, [None, 1, "x", [1, {"a": [None, 2.5]}], {"k": {}}, "null", "[1]"]),
    "object": (object, ["x", 1]),
    "jsonvalue": (pydantic.JsonValue, [None, {"a": [1]}]),
    "list": (list, [[], [1, "x", None]]),
    "listint": (list[int], [[], [1, 2]]),
    "conlist": (Annotated[list[int], Field(min_length=1, max_length=3)], [[1]]),
    "dict": (dict, [{}, {"a": [1]}]),
    "dictany": (dict[str, Any], [{"a": None, "b": {"c": 1}}]),
    "dictint": (dict[int, str], [{}, {1: "a", -2: "b"}]),
    "dictfloat": (dict[float, str], [{1.5: "a", 2.0: "b"}]),
    "dictbool": (dict[bool, str], [{True: "a", False: "b"}]),
    "dictenum": (dict[Color, int], [{Color.RED: 1}]),
    "dictintenum": (dict[Level, int], [{Level.LOW: 1}]),
    "dictoddenum": (dict[Odd, int], [{Odd.PAIR: 1, Odd.NONE: 2}]),
    "dictlit": (dict[Literal["a", 1], int], [{"a": 1, 1: 2}]),
    "dictdate": (dict[dt.date, int], [{DAY: 1}]),
    "dictuuid": (dict[uuid.UUID, int], [{uuid.UUID(int=1): 1}]),
    "dictdecimal": (dict[Decimal, int], [{Decimal("1.50"): 1}]),
    "dicttuple": (dict[tuple[int, str], Item], [{(1, "a"): Item(name="x")}]),
    "dictunionkey": (dict[int | str, int], [{1: 1, "1": 2}]),
    "dictpoint": (dict[Point, int], [{Point(1): 1}]),
    "dictconstr": (dict[Annotated[str, Field(pattern="^a")], int], [{"ab": 1}]),
    "dictdict": (dict[str, dict[str, dict[int, list[Item]]]], [{"a": {"b": {1: [Item(name="x")]}}}]),
    "dictnone": (dict[None, int], [{None: 1}]),
    "dictmodel": (dict[str, Item], [{"a": Item(name="n", qty=2)}]),
    "conddict": (Annotated[dict[str, int], Field(min_length=1)], [{"a": 1}]),
    "mapping": (typing.Mapping[str, int], [{"a": 1}]),
    "defaultdict": (collections.defaultdict[str, int], [collections.defaultdict(int, {"a": 1})]),
    "ordereddict": (collections.OrderedDict[str, int], [collections.OrderedDict(b=1, a=2)]),
    "counter": (collections.Counter[str], [collections.Counter("aab")]),
    "tuple": (tuple, [(), (1, "a")]),
    "tuplefixed": (tuple[int, str], [(1, "a")]),
    "tuplevar": (tuple[int, ...], [(), (1, 2)]),
    "tupleempty": (tuple[()], [()]),
    "tuplenested": (tuple[tuple[int, dict[str, int]], set[int]], [((1, {"a": 1}), {1, 2})]),
    "namedtuple": (Point, [Point(1), Point(1, 0.5, None)]),
    "listnamed": (list[Point], [[Point(1)]]),
    "set": (set[int], [set(), {1, 2}]),
    "frozenset": (frozenset[str], [frozenset("ab")]),
    "bareset": (set, [{1, "a"}]),
    "deque": (collections.deque[int], [collections.deque([1, 2])]),
    "sequence": (typing.Sequence[int], [[1, 2]]),
    "setmodel": (frozenset[Shut], [frozenset([Shut(), Shut(a=2)])]),
    "optional": (Optional[int], [None, 1]),
    "optmodel": (Optional[Item], [None, Item(name="a")]),
    "union": (Union[int, str], [1, "1", "x"]),
    "unionfloat": (Union[int, float], [1, 1.0, 1.5]),
    "unionbool": (Union[bool, int, str, None], [True, 1, "true", None]),
    "uniondate": (Union[dt.date, str], [DAY, "2024-02-29", "x"]),
    "uniondates": (Union[dt.date, dt.datetime, dt.time], [DAY, NAIVE, dt.time(1)]),
    "unionuuid": (Union[uuid.UUID, int, str], [uuid.UUID(int=1), 1, str(uuid.UUID(int=1))]),
    "unionseq": (Union[list[int], set[int], tuple[int, ...]], [[1], {1}, (1,)]),
    "unionlists": (Union[list[int], list[str]], [[], [1], ["a"]]),
    "uniondict": (Union[dict[str, int], list[int]], [{"a": 1}, [1]]),
    "unionmodels": (Union[One, Two, Three], [One(x=1), Two(x=1), Three(x=1), Three()]),
    "unionplain": (Union[Cat, Dog], [Cat(name="a"), Dog(name="b", kind="dog")]),
    "unionmodeldict": (Union[Item, dict[str, Any]], [Item(name="a"), {"name": "a"}]),
    "uniondecimal": (Union[Decimal, float, str], [Decimal("1.5"), 1.5, "1.5"]),
    "unionnested": (list[One | list[Two | dict[str, Three]]], [[One(x=1), [Two(x=2), {"a": Three()}]]]),
    "unionlit": (Union[Literal["a", "b"], str], ["a", "c"]),
    "unionenum": (Union[Color, str], [Color.RED, "red", "x"]),
    "unionenums": (Union[Color, StrColor], [Color.RED, StrColor.RED]),
    "unionbytes": (Union[bytes, str], [b"a", "a", b"\xff"]),
    "uniontuple": (Union[tuple[int, int], tuple[int, int, int], Point], [(1, 2), (1, 2, 3), Point(1)]),
    "unionnone": (Union[One, None, Two], [None, One(x=1), Two(x=1)]),
    "discriminated": (Pet, [Cat(name="a"), Dog(name="b", kind="dog")]),
    "home": (Home, [Home(pets=[Cat(name="a")], best=Dog(name="b", kind="dog"), by_name={"x": Cat(name="c")})]),
    "nesteddisc": (
        Nested,
        [Inner1(kind="a", sub="x", n=1), Inner2(kind="a", sub="y", m=2), Inner3(kind="c", m={"a": 1})],
    ),
    "callabledisc": (Tagged, [TagA(name="a"), TagB(name="b", b=2)]),
    "listtagged": (list[Tagged], [[TagA(name="a"), TagB(name="b", b=2)]]),
    "literal": (Literal["a", "b"], ["a"]),
    "literalone": (Literal["a"], ["a"]),
    "literalmixed": (Literal["a", 1, True, None], ["a", 1, True, None]),
    "literalclose": (Literal["1", 1], ["1", 1]),
    "literalenum": (Literal[Color.RED, "q"], [Color.RED, "q"]),
    "literalbytes": (Literal[b"x", "x"], [b"x", "x"]),
    "enum": (Color, [Color.RED]),
    "strenum": (StrColor, [StrColor.BLUE]),
    "intenum": (Level, [Level.HIGH]),
    "oddenum": (Odd, list(Odd)),
    "flag": (Rights, [Rights.READ, Rights.READ | Rights.RUN, Rights(0)]),
    "intflag": (IntRights, [IntRights.READ | IntRights.WRITE]),
    "model": (Item, [Item(name="a"), Item(name="b", qty=3, price=Decimal("1.10"))]),
    "listmodel": (list[Item], [[Item(name="a")]]),
    "defaults": (
        Defaults,
        [Defaults(), Defaults(a=1, b=None, c="x", e=None, f=[1], g=None, h=None, i=Color.BLUE, j="x")],
    ),
    "aliased": (Aliased, [Aliased(first=1, second="b", third=3)]),
    "deep": (
        Deep,
        [Deep(address={"city": "X", "zip": "1"}, numbers=[1, 2]), Deep(address={"city": "X"}, numbers=[1, 2])],
    ),
    "camel": (Camel, [Camel(firstName="a", birthDay=DAY)]),
    "byname": (ByName, [ByName(first_name="a")]),
    "open": (Open, [Open(a=1), Open(a=1, b=[1], c={"d": None}, e="text")]),
    "unionopen": (Union[str, OpenEmpty], ["a", OpenEmpty(), OpenEmpty(b=[1])]),
    "twice": (Union[tuple[Home, Item], tuple[Item, Home]], [(Item(name="a"), Home(pets=[Cat(name="a")]))]),
    "opentyped": (OpenTyped, [OpenTyped(), OpenTyped(a=1, z=5)]),
    "shut": (Shut, [Shut(), Shut(a=2)]),
    "nothing": (Nothing, [Nothing()]),
    "computed": (Computed, [Computed(w=2), Computed(w=2, hidden=5)]),
    "validated": (Validated, [Validated(when=DAY), Validated(when=DAY, tags=["a"], size={"a": 1})]),
    "serialized": (Serialized, [Serialized(when=DAY, amount=Decimal("1.10"))]),
    "german": (German, [DAY]),
    "strict": (
        Strict,
        [Strict(when=DAY, pair=(1, "a"), tags={"x"}, by={1: DAY}, either="1", id=uuid.UUID(int=1), raw=b"\xfe")],
    ),
    "hidden": (Hidden, [Hidden(key="k")]),
    "seconds": (Seconds, [Seconds(span=dt.timedelta(seconds=1.5), raw=b"\xff\xfe")]),
    "enumvalues": (EnumValues, [EnumValues(color=Color.RED)]),
    "jsontext": (Json[list[Item]], [[Item(name="a")]]),
    "jsonany": (Json, [{"a": 1}]),
    "jsonfield": (pydantic.create_model("HasJson", j=(Json[dict[str, int]], ...)), []),
    "recursive": (Node, [Node(value=1, children=[Node(value=2)], parent=Node(value=0), by_name={"a": Node(value=9)})]),
    "mutual": (Right, [Right(left=Left(right=Right(lefts=(Left(n=2),))))]),
    "listnode": (list[Node], [[Node(value=1)]]),
    "generic": (Page[Item], [Page[Item](items=[Item(name="a")], next=2)]),
    "genericdeep": (Page[dict[str, Page[int]]], [Page[dict[str, Page[int]]](items=[{"a": Page[int](items=[1])}])]),
    "root": (Numbers, [Numbers([1])]),
    "rootdict": (Table, [Table({"a": Item(name="x")})]),
    "pep695": (Tree, [1, {"a": [1, {"b": 2}]}]),
    "dataclass": (Plain, [Plain(1), Plain(1, ["a"])]),
    "pydataclass": (Checked, [Checked(1, DAY), Checked(0)]),
    "typeddict": (Movie, [{"title": "a"}, {"title": "a", "year": 1, "note": None}, {"title": "a", "note": "x"}]),
    "loose": (Loose, [{"title": "a"}, {"title": "a", "stars": {"x": 1}}]),
    "clash": (Clash, [Clash(value={"a": 1}, key="k", z=2)]),
    "optany": (Optional[Any], [None, 1, "null"]),
    "optopt": (list[dict[str, int | None] | None], [[None, {"a": None}]]),
    "hashable": (typing.Hashable, ["a", 1]),
}


@pytest.mark.parametrize("kind", ZOO)
def test_what_is_encoded_fits_and_comes_back(kind, round_trip):
    """encode(v) obeys the wire schema and decode gives v again."""
    declared, values = ZOO[kind]
    round_trip(Schema.of(declared), *values)
