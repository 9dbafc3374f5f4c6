"""Objects of which some fields are not there yet: they can be looked at, compared, copied, and show no default."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from decimal import Decimal
from typing import Any, ClassVar

import pydantic.dataclasses
import pytest
from pydantic import BaseModel, Field, SecretStr, computed_field

from extract.schema._unfinished import unfinished


class Line(BaseModel):
    made: ClassVar[list[type]] = []
    name: str
    price: Decimal = Decimal(1)
    pin: SecretStr = SecretStr("0")
    note: str = Field(default="none", repr=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Line.made.append(cls)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> Decimal:
        return 2 * self.price


@dataclasses.dataclass
class Plain:
    name: str
    price: Decimal = Decimal(1)
    pin: SecretStr = SecretStr("0")
    note: str = dataclasses.field(default="none", repr=False)

    def __str__(self) -> str:
        return f"{self.name} at {self.price}"


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    name: str
    price: Decimal = Decimal(1)
    pin: SecretStr = SecretStr("0")
    note: str = dataclasses.field(default="none", repr=False)


@pydantic.dataclasses.dataclass
class Checked:
    name: str
    price: Decimal = Decimal(1)
    pin: SecretStr = SecretStr("0")
    note: str = dataclasses.field(default="none", repr=False)


@pytest.mark.parametrize("cls", [Line, Plain, Slotted, Checked])
class TestUnfinished:
    """Models and dataclasses of every kind."""

    def test_absent_fields_are_absent(self, cls: Any) -> None:
        """No default of the class shows through: the answer may say otherwise."""
        made = unfinished(cls, {"name": "tea"})
        assert isinstance(made, cls)
        assert made.name == "tea"
        assert [name for name in ("name", "price", "pin", "note") if hasattr(made, name)] == ["name"]

    def test_it_can_be_looked_at(self, cls: Any) -> None:
        """A repr shows what is there, and nothing that the author keeps out of it."""
        made = unfinished(cls, {"name": "tea", "pin": SecretStr("1234"), "note": "hidden"})
        expected = f"{cls.__name__}(name='tea', pin=SecretStr('**********'), …)"
        assert repr(made) == str(made) == expected
        assert repr([made]) == f"[{expected}]"

    def test_it_can_be_compared_and_copied(self, cls: Any) -> None:
        """Two are equal with the same fields; none equals an object that has all."""
        made = unfinished(cls, {"name": "tea", "note": "x"})
        assert made == unfinished(cls, {"name": "tea", "note": "x"})
        assert made != unfinished(cls, {"name": "tea"})
        assert made != cls(name="tea", note="x")
        for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):  # noqa: S301 - our own
            assert again == made
            assert not hasattr(again, "price")


def test_no_subclass_is_announced() -> None:
    """What a class does with its subclasses is not done with this one."""
    unfinished(Line, {"name": "tea"})
    assert Line.made == []


def test_a_model_dumps_what_is_there() -> None:
    """Computed fields can be left out of a dump, for they may need what is not there."""
    made = unfinished(Line, {"name": "tea"})
    assert made.model_dump(exclude_computed_fields=True) == {"name": "tea"}
    assert made.model_fields_set == {"name"}
