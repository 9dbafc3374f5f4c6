"""A model's configuration holds in the places that are read in our way, and only inside that model."""

from __future__ import annotations

from pydantic import BaseModel

from extract.schema import Schema


class Loud(BaseModel, str_to_upper=True):
    """Texts come out in capitals."""

    type: str = ""
    by_number: dict[int, str] = {}
    either: list[str] | tuple[str, ...] | None = None
    both: set[str] = set()


class Outer(BaseModel, str_strip_whitespace=True):
    """Texts come out without blanks around them; what is inside has a configuration of its own."""

    inner: Loud
    by_number: dict[int, str] = {}
    either: list[str] | tuple[str, ...] | None = None


def test_every_place_is_read_by_the_configuration_of_its_own_model():
    """Entries, labelled branches and sets of the inner model are in capitals; those of the outer one are stripped."""
    entries = [{"key": 1, "value": " a "}]
    inner = {"type": " a ", "by_number": entries, "either": {"list": [" a "]}, "both": [" a "]}
    back = Schema.of(Outer).decode({"inner": inner, "by_number": entries, "either": {"list": [" a "]}})
    assert back.inner == Loud.model_construct(type=" A ", by_number={1: " A "}, either=[" A "], both={" A "})
    assert (back.by_number, back.either) == ({1: "a"}, ["a"])


def test_a_branch_is_chosen_by_the_configuration_of_its_own_model(round_trip):
    """Writing asks each branch alone, as the model would."""
    round_trip(Schema.of(Outer), Outer(inner=Loud(either=("a",), both={"b"}), either=["a"]))
