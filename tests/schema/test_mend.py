"""Only the failing places are asked for again: strict, small, spliced back without touching the rest."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import Issue, ValidationError
from extract.schema._mend import Subset, subset

ROOT = Path(__file__).parents[2]


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


NUMBER = {"type": "number"}
TEXT = {"type": "string"}
LINE = _object(
    sku=TEXT,
    name={**TEXT, "description": "As printed."},
    qty={"type": "integer", "minimum": 0, "description": "Pieces."},
    price=NUMBER,
    taxed={"type": "boolean"},
    due={"anyOf": [{**TEXT, "format": "date"}, {"type": "null"}]},
    state={**TEXT, "enum": ["open", "paid"]},
    maker={"$ref": "#/$defs/Maker"},
)
ORDER = {
    **_object(number=TEXT, total=NUMBER, buyer={"$ref": "#/$defs/Party"}, lines={"type": "array", "items": {"$ref": "#/$defs/Line"}}),
    "$defs": {
        "Line": LINE,
        "Maker": _object(name=TEXT, country={**TEXT, "enum": ["FR", "DE"]}),
        "Party": _object(name=TEXT, address={"$ref": "#/$defs/Address"}),
        "Address": _object(street=TEXT, city=TEXT),
    },
}  # fmt: skip


def _line(i: int) -> dict[str, Any]:
    return {
        "sku": f"AB-{i:04}", "name": f"a thing of some kind, number {i}", "qty": i, "price": i * 1.5, "taxed": True,
        "due": None, "state": "paid", "maker": {"name": "Acme", "country": "FR"},
    }  # fmt: skip


def _order(rows: int) -> dict[str, Any]:
    buyer = {"name": "B", "address": {"street": "S 1", "city": "C"}}
    return {"number": "A-17", "total": 10, "buyer": buyer, "lines": [_line(i) for i in range(rows)]}


def _issue(*path: Any, paths: Any = (), message: str = "Should be an integer") -> Issue:
    return Issue(path, message, paths=paths)


def _asked(made: Subset | None) -> list[Any]:
    assert made is not None
    _must_be_strict(made.schema)
    return [each.path for each in made.asked]


def _must_be_strict(schema: Any) -> None:
    """Every reference leads to a definition that is there and is needed; an outside referee looks too, when at hand."""
    text = json.dumps(schema)
    for name in schema.get("$defs", {}):
        assert f'"#/$defs/{name}"' in text
    folder = Path(os.environ.get("EXTRACT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    referee = folder.parent / "tools" / "strict_subset.py"
    if referee.is_file():
        spec = importlib.util.spec_from_file_location("strict_subset", referee)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.violations(schema, name="places")[0] == []


def test_one_cell_is_one_property() -> None:
    """The key is readable, the description says where and what, the type stays."""
    made = subset(ORDER, [_issue("lines", 12, "qty")], _order(20))
    assert _asked(made) == [("lines", 12, "qty")]
    assert made is not None
    assert made.schema["properties"] == {
        "lines_12_qty": {
            "type": "integer", "minimum": 0, "description": "Pieces. ($.lines[12].qty: Should be an integer)"
        }
    }  # fmt: skip
    assert "$defs" not in made.schema


def test_five_cells_in_five_rows_go_together() -> None:
    """One schema asks for all, and a long place is written once."""
    issues = [_issue("lines", i, "state") for i in (1, 3, 5, 7, 9)]
    made = subset(ORDER, issues, _order(20))
    assert _asked(made) == [("lines", i, "state") for i in (1, 3, 5, 7, 9)]


@pytest.mark.parametrize(
    ("issues", "paths"),
    [
        ([_issue("lines", 3)], [("lines", 3)]),
        ([_issue("lines", 3, "qty"), _issue("lines", 3)], [("lines", 3)]),
        ([_issue("lines", 3, "maker", "country")], [("lines", 3, "maker", "country")]),
        ([_issue("lines", 3, "maker")], [("lines", 3, "maker")]),
        ([_issue("lines", 3, "due")], [("lines", 3, "due")]),
        ([_issue("buyer")], [("buyer",)]),
        ([_issue("total"), _issue("total")], [("total",)]),
        ([_issue("total", paths=(("lines", 1, "price"), ("lines", 2, "price")))],
         [("lines", 1, "price"), ("lines", 2, "price"), ("total",)]),
        ([_issue(paths=(("total",), ("number",)))], [("number",), ("total",)]),
        ([_issue("lines", 3, "unknown")], [("lines", 3)]),
        ([_issue("lines", 3, "qty", "deeper")], [("lines", 3, "qty")]),
    ],
)  # fmt: skip
def test_smallest_covering_places(issues: list[Issue], paths: list[Any]) -> None:
    """An object's error asks for the object, overlapping ones collapse, unknown places climb to a known one."""
    assert _asked(subset(ORDER, issues, _order(30))) == paths


def test_missing_key_is_asked_for_by_name() -> None:
    """A key that is not there has a place all the same, and the splice puts it there."""
    value = _order(5)
    del value["lines"][2]["qty"]
    made = subset(ORDER, [_issue("lines", 2, "qty")], value)
    assert _asked(made) == [("lines", 2, "qty")]
    assert made is not None
    assert made.current(value) == {}
    assert made.splice(value, {"lines_2_qty": 2}) == _order(5)


@pytest.mark.parametrize("wrong", [[_issue()], [_issue("nowhere")], [("lines",), ("total",)], [], [_issue("lines")]])
def test_whole_is_asked_where_places_do_not_help(wrong: Any) -> None:
    """The root, an unknown place, nothing, or nearly everything: ask for the whole."""
    assert subset(ORDER, wrong, _order(50)) is None


def test_many_places_keep_keys_apart() -> None:
    """Places whose names come out alike get keys of their own."""
    schema = _object(**{"a b": NUMBER, "a-b": NUMBER, "é": NUMBER, "日": NUMBER, "rest": TEXT})
    made = subset(schema, [("a b",), ("a-b",), ("é",), ("日",)])
    assert made is not None
    assert len({each.key for each in made.asked}) == 4
    assert all(each.key.isascii() and each.key for each in made.asked)
    _must_be_strict(made.schema)


def test_recursive_schema_keeps_its_definitions() -> None:
    """A root that refers to itself finds a home among the definitions."""
    schema = _object(name=TEXT, size=NUMBER, children={"type": "array", "items": {"$ref": "#"}})
    value = {"name": "a", "size": 1, "children": [{"name": "b", "size": 2, "children": []}] * 5}
    made = subset(schema, [_issue("children", 0)], value)
    assert _asked(made) == [("children", 0)]
    assert made is not None
    assert made.schema["properties"]["children_0"]["anyOf"] == [{"$ref": "#/$defs/Whole"}]
    assert _asked(subset(schema, [_issue("children", 1, "size")], value)) == [("children", 1, "size")]


def test_alternative_is_told_by_its_constant() -> None:
    """The value says which branch a place belongs to; without it an unclear place climbs."""
    cat = _object(kind={**TEXT, "const": "cat"}, size={"type": "integer"})
    dog = _object(kind={**TEXT, "const": "dog"}, size=TEXT)
    schema = _object(pets={"type": "array", "items": {"anyOf": [cat, dog]}}, note=TEXT)
    value = {"pets": [{"kind": "dog", "size": 5}, {"kind": "cat", "size": 5}], "note": "x" * 50}
    made = subset(schema, [_issue("pets", 0, "size")], value)
    assert made is not None
    assert made.schema["properties"]["pets_0_size"]["type"] == "string"
    assert _asked(subset(schema, [_issue("pets", 0, "size")])) == [("pets", 0)]


def test_splice_leaves_the_old_value_alone() -> None:
    """The new whole shares what was not asked for; keys the answer lacks keep the old value."""
    value = _order(4)
    before = copy.deepcopy(value)
    made = subset(ORDER, [_issue("lines", 1, "qty"), _issue("lines", 2, "maker")], value)
    assert made is not None
    new: Any = made.splice(value, {"lines_1_qty": 99})
    assert new["lines"][1]["qty"] == 99
    assert new["lines"][0] is value["lines"][0]
    assert new["lines"][2] == before["lines"][2]
    assert value == before


@pytest.mark.parametrize("answer", [None, [], "x"])
def test_splice_refuses_what_is_no_answer(answer: Any) -> None:
    """An answer that is no object is one typed error, and so is a place that went away."""
    made = subset(ORDER, [("lines", 1, "qty")], _order(4))
    assert made is not None
    with pytest.raises(ValidationError):
        made.splice(_order(4), answer)
    with pytest.raises(ValidationError):
        made.splice(_order(1), {"lines_1_qty": 1})


def test_context_is_just_the_rows() -> None:
    """The row of each bad cell, long texts cut, other rows left out."""
    value = _order(300)
    value["lines"][7]["name"] = "n" * 1000
    made = subset(ORDER, [_issue("lines", 7, "qty"), _issue("lines", 7, "price"), _issue("total")], value)
    assert made is not None
    shown: Any = made.context(value)
    assert list(shown) == ["$.lines[7]", "$"]
    assert shown["$.lines[7]"]["sku"] == "AB-0007"
    assert len(shown["$.lines[7]"]["name"]) < 200
    assert shown["$"]["lines"] == "… 300 items"


@pytest.mark.parametrize(("bad", "answer_share", "request_share"), [(1, 0.02, 0.25), (5, 0.02, 0.25)])
def test_cost_follows_the_error(bad: int, answer_share: float, request_share: float) -> None:
    """For 300 rows: answer ≤ 2 %, request ≤ 25 % of asking for the whole with the old answer shown."""
    value = _order(300)
    issues = [_issue("lines", i * 50, "qty") for i in range(bad)]
    made = subset(ORDER, issues, value)
    assert made is not None
    answer = len(json.dumps(made.current(value)))
    request = len(json.dumps(made.schema)) + len(json.dumps(made.context(value)))
    assert answer <= answer_share * len(json.dumps(value))
    assert request <= request_share * (len(json.dumps(ORDER)) + len(json.dumps(value)))


PLACES = [("total",), ("number",), ("buyer",), ("buyer", "name"), ("buyer", "address", "city")] + [
    ("lines", i, *rest) for i in range(6) for rest in ((), ("qty",), ("due",), ("maker",), ("maker", "country"))
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=8))
def test_splicing_what_stands_there_changes_nothing(paths: list[Any]) -> None:
    """splice(value, current(value)) == value, the schema is strict, each path is covered exactly once."""
    value = _order(40)
    made = subset(ORDER, paths, value)
    assert made is not None
    _must_be_strict(made.schema)
    assert made.splice(value, made.current(value)) == value
    asked = [each.path for each in made.asked]
    for path in paths:
        assert sum(path[: len(each)] == each for each in asked) == 1
