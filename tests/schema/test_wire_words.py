"""What is wrong is told in the words of the wire: the model wrote objects and entries, no tuples and dictionaries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from extract.schema import Schema


class Held(BaseModel):
    """Shapes that travel as others."""

    pair: tuple[int, str] | None = None
    counts: dict[str, int] = {}
    pairs: dict[int, tuple[int, int]] = {}
    either: list[int] | dict[str, int] | None = None
    both: dict[str, int] | int = 0


ENTRIES = "Should be a list of entries, each an object with the keys key and value"
PAIR = "Should be an object with the keys 'item_1', 'item_2'"
GOOD: dict[str, Any] = {"pair": None, "counts": [], "pairs": [], "either": None, "both": 0}
ONE = {"key": "a", "value": 1}
TOLD: list[tuple[str, Any, list[str]]] = [
    ("pair", "x", [f"{PAIR} @ $.pair"]),
    ("pair", {"item_1": 1}, ["Should be there @ $.pair.item_2"]),
    ("pair", [1, [2]], [f"{PAIR} @ $.pair"]),
    ("pair", [1, "a", 3], [f"{PAIR} @ $.pair"]),
    ("counts", "x", [f"{ENTRIES} @ $.counts"]),
    ("counts", [ONE, {"key": "b"}], ["Should be there @ $.counts[1].value"]),
    ("counts", [ONE, "b"], ["Should be an object with the keys 'key', 'value' @ $.counts[1]"]),
    ("pairs", "x", [f"{ENTRIES} @ $.pairs"]),
    (
        "pairs",
        [{"key": 1, "value": {"item_1": 1, "item_2": 2}}, {"key": 2, "value": {"item_2": 1}}],
        ["Should be there @ $.pairs[1].value.item_1"],
    ),
    ("either", "x", ["Should be an object with just one of the keys 'list', 'object' @ $.either"]),
    ("both", [ONE, {"value": 2}], ["Should be there @ $.both[1].key"]),
]


@pytest.mark.parametrize("strictness", ["exact", "careful"])
@pytest.mark.parametrize(("key", "given", "told"), TOLD, ids=[str(i) for i in range(len(TOLD))])
def test_a_wrong_shape_is_told_in_the_words_of_the_wire(key: str, given: Any, told: list[str], strictness: Any) -> None:
    """And only the part that is wrong is blamed."""
    schema = Schema.of(Held)
    assert schema.check(GOOD).ok
    wire = {**GOOD, key: given}
    for checked in (
        schema.check(wire, strictness=strictness),
        schema.check_json(json.dumps(wire), strictness=strictness),
    ):
        assert [str(issue) for issue in checked.issues if issue.path[:1] == (key,)][: len(told)] == told
        assert len(checked.issues) <= len(told) + (key == "both")


def test_a_part_of_a_dictionary_is_not_blamed_at_a_place_that_is_not_there() -> None:
    """Read exactly, an object in the place of entries is wrong as a whole."""
    checked = Schema.of(Held).check({**GOOD, "counts": {"a": 1, "b": "x"}}, strictness="exact")
    assert [str(issue) for issue in checked.issues] == [f"{ENTRIES} @ $.counts"]
