"""A model whose author wrote its ``__init__`` is read through it, also where its fields are read in our way."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from extract.errors import ValidationError
from extract.schema import DIALECTS, Schema


class Corner(Enum):
    """Its values have no form in JSON."""

    NEAR = (0, 0)
    FAR = (9, 9)


class One(BaseModel):
    value: int


class Other(BaseModel):
    value: int
    more: str = ""


class Made(BaseModel):
    """Every field is one that is read in our way, but the first."""

    name: str = "none"
    meta: dict = {}
    by_number: dict[int, bytes] = Field({}, alias="By number")
    corner: Corner = Field(Corner.NEAR, validation_alias=AliasChoices("Corner!", "corner"))
    either: One | Other | None = None
    below: list[Made] = []
    grown: Annotated[list[bytes], AfterValidator(lambda items: [*items, b"!"])] = []

    def __init__(self, **data: Any) -> None:
        data["name"] = str(data.get("name", "none")).upper()
        super().__init__(**data)

    @model_validator(mode="before")
    @classmethod
    def _looked_at(cls, values: Any) -> Any:
        assert isinstance(values.get("meta", {}), dict)
        return values


class Held(BaseModel):
    """What is read in our way stands a level further down, among fields whose names mean something in pydantic."""

    type: bytes
    ref: dict[int, str] = {}


class Around(BaseModel):
    """The same type stands here twice, below another init."""

    first: Made
    second: Made | None = None
    held: Held = Held(type=b"\xff", ref={1: "a"})

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


VALUES = [
    Made(),
    Made(name="a", meta={"a": [1], "b": None}),
    Made(**{"By number": {1: b"a", 2: b"\xff"}}),
    Made(**{"Corner!": Corner.FAR}),
    Made(either=One(value=1)),
    Made(either=Other(value=1)),
    Made(below=[Made(meta={"x": 1}, below=[Made(either=Other(value=2))])]),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", VALUES)
def test_values_come_back_through_an_init_of_the_authors(value, dialect, round_trip):
    """What the init is handed are values, not the form in which they travel."""
    round_trip(Schema.of(Made, dialect=dialect), value)
    round_trip(Schema.of(list[Made], dialect=dialect), [value])
    round_trip(Schema.of(Around, dialect=dialect), Around(first=value, second=value))


def test_the_authors_functions_are_called_once():
    """Reading a field beforehand leaves them to the model's own validator."""
    wire = {"name": "a", "meta": None, "By number": None, "Corner!": None, "either": None, "below": [], "grown": ["a"]}
    made = Schema.of(Made).decode(wire)
    assert made.grown == [b"a", b"!"]
    assert made.model_fields_set == {"name", "either", "below", "grown"}


def test_a_mistake_below_an_init_is_told_at_its_place():
    """The path is that of the wire value."""
    wire = Schema.of(Made).encode(Made(**{"By number": {1: b"a"}}))
    wire["By number"][0]["key"] = "x"
    with pytest.raises(ValidationError) as caught:
        Schema.of(Made).decode(wire)
    assert [issue.path for issue in caught.value.issues] == [("By number", 0, "key")]


def test_a_default_below_an_init_is_on_record():
    """A key that is left out is a liberty, whoever makes the instance."""

    class Short(BaseModel):
        name: str = "a"
        size: int

        def __init__(self, **data: Any) -> None:
            super().__init__(**data)

    checked = Schema.of(Short).check_json('{"size": 1}')
    assert checked.value == Short(size=1)
    assert [(repair.kind, repair.path) for repair in checked.repairs] == [("default-taken", ("name",))]


def test_configuration_by_name_and_field_validators_hold():
    """An init that takes names is handed names."""

    class Named(BaseModel):
        model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, extra="forbid")
        data: bytes = Field(alias="Data")

        def __init__(self, *, data: bytes) -> None:
            super().__init__(data=data)

        @field_validator("data")
        @classmethod
        def _doubled(cls, data: bytes) -> bytes:
            return data * 2

    assert Schema.of(Named).decode({"Data": "data:;base64,/w=="}).data == b"\xff\xff"
