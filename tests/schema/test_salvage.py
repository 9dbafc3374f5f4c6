"""Good items stay, bad ones are set aside with path, value and issues, and the counts reconcile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import Issue
from extract.schema._salvage import salvage
from extract.schema.coerce import ABSENT, value_at

NUMBER = {"type": "number"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


LINE = _object(qty=NUMBER, tags=_list({"type": "string"}))
ORDER = _object(total=NUMBER, lines=_list(LINE))
VALUE = {
    "total": 3,
    "lines": [{"qty": 1, "tags": ["a", "b"]}, {"qty": "x", "tags": []}, {"qty": 3, "tags": ["c", 9, "d"]}],
}


def _issue(*path: Any, paths: Any = ()) -> Issue:
    return Issue(path, "Should be otherwise", paths=paths)


def test_smallest_item_is_set_aside() -> None:
    """A bad cell takes its row, a bad tag only itself; the rest stays."""
    done = salvage(VALUE, [_issue("lines", 1, "qty"), _issue("lines", 2, "tags", 1)], ORDER)
    assert done.value == {"total": 3, "lines": [{"qty": 1, "tags": ["a", "b"]}, {"qty": 3, "tags": ["c", "d"]}]}
    assert [(q.path, q.value, len(q.issues)) for q in done.quarantined] == [
        (("lines", 1), {"qty": "x", "tags": []}, 1),
        (("lines", 2, "tags", 1), 9, 1),
    ]
    assert (done.kept, done.seen, done.remaining) == (6, 8, ())


def test_paths_lead_there_and_back() -> None:
    """After items went, old paths map to new ones and new ones to old ones."""
    done = salvage(VALUE, [_issue("lines", 0, "qty"), _issue("lines", 2, "tags", 1)], ORDER)
    assert done.new_path(("lines", 2, "tags", 2)) == ("lines", 1, "tags", 1)
    assert done.old_path(("lines", 1, "tags", 1)) == ("lines", 2, "tags", 2)
    assert done.new_path(("lines", 0, "qty")) is None
    assert done.new_path(("total",)) == ("total",)


def test_issue_outside_every_item_remains() -> None:
    """What no item can be blamed for is left to the caller, and nothing is touched."""
    issues = [_issue("total"), _issue(), _issue("total", paths=(("lines", 0, "qty"), ("lines", 2, "qty")))]
    done = salvage(VALUE, issues, ORDER)
    assert done.value is VALUE
    assert (done.remaining, done.quarantined) == (tuple(issues), ())
    assert done.kept == done.seen == 8


def test_issue_about_two_cells_takes_the_row_they_share() -> None:
    """The item that is blamed holds everything the issue names."""
    done = salvage(VALUE, [_issue("lines", 2, "qty", paths=(("lines", 2, "tags", 0),))], ORDER)
    assert [q.path for q in done.quarantined] == [("lines", 2)]


def test_items_inside_a_quarantined_item_go_with_it() -> None:
    """The issues of the inner item are kept with the outer one."""
    done = salvage(VALUE, [_issue("lines", 2, "tags", 1), _issue("lines", 2, "qty")], ORDER)
    assert [(q.path, len(q.issues)) for q in done.quarantined] == [(("lines", 2), 2)]
    assert done.kept + len(done.quarantined) == done.seen == 5


def test_min_items_moves_the_blame_outwards() -> None:
    """Where a list may not get shorter, the next larger item goes, or nothing."""
    schema = _object(lines=_list(_object(tags=_list({"type": "string"}, minItems=2))))
    value = {"lines": [{"tags": ["a", 1]}, {"tags": ["a", "b", 2]}]}
    done = salvage(value, [_issue("lines", 0, "tags", 1), _issue("lines", 1, "tags", 2)], schema)
    assert [q.path for q in done.quarantined] == [("lines", 0), ("lines", 1, "tags", 2)]
    strict = _object(lines=_list(LINE, minItems=3))
    kept = salvage(VALUE, [_issue("lines", 1, "qty")], strict)
    assert (kept.value, len(kept.remaining)) == (VALUE, 1)


def test_places_of_a_tuple_are_no_items() -> None:
    """A pair with a bad half is set aside as a pair."""
    schema = _object(pairs=_list({"type": "array", "prefixItems": [NUMBER, NUMBER], "minItems": 2}))
    done = salvage({"pairs": [[1, 2], [1, "x"]]}, [_issue("pairs", 1, 1)], schema)
    assert [q.path for q in done.quarantined] == [("pairs", 1)]


def test_entries_of_a_map_are_items() -> None:
    """A map's bad entry is set aside under its key; so is an entry written as key and value."""
    schema = _object(prices={"type": "object", "additionalProperties": NUMBER})
    done = salvage({"prices": {"a": 1, "b": "x"}}, [_issue("prices", "b")], schema)
    assert (done.value, done.kept, done.seen) == ({"prices": {"a": 1}}, 1, 2)
    assert [(q.path, q.value) for q in done.quarantined] == [(("prices", "b"), "x")]
    entries = _object(prices=_list(_object(key={"type": "string"}, value=NUMBER)))
    value = {"prices": [{"key": "a", "value": 1}, {"key": "b", "value": "x"}]}
    assert salvage(value, [_issue("prices", 1, "value")], entries).value == {"prices": [{"key": "a", "value": 1}]}


def test_root_list_and_nullable_list() -> None:
    """Lists count wherever they stand."""
    assert salvage([1, "x", 3], [_issue(1)], _list(NUMBER)).value == [1, 3]
    schema = _object(rows={"anyOf": [_list(NUMBER, minItems=2), {"type": "null"}]})
    assert salvage({"rows": [1, "x"]}, [_issue("rows", 1)], schema).remaining


def test_missing_key_blames_its_row() -> None:
    """An issue about a key that is not there is about the row."""
    done = salvage({"total": 1, "lines": [{"tags": []}]}, [_issue("lines", 0, "qty")], ORDER)
    assert [q.path for q in done.quarantined] == [("lines", 0)]


@pytest.mark.parametrize("depth", [5_000])
def test_deep_values_do_not_crash(depth: int) -> None:
    """Depth alone is no reason to fail."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    assert salvage(value, [_issue()], _list({})).seen == depth
    while isinstance(value, list):
        value = value[0]


VALUES = st.fixed_dictionaries(
    {
        "total": st.integers(),
        "lines": st.lists(
            st.fixed_dictionaries({"qty": st.integers(), "tags": st.lists(st.text(max_size=2), max_size=4)}), max_size=5
        ),
    }
)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.data())
def test_counts_reconcile_and_nothing_is_lost(value: Any, data: st.DataObject) -> None:
    """Whatever is blamed: kept + quarantined == seen, survivors stand where the mapping says, the input is untouched."""
    paths = [("total",), ()]
    for i, line in enumerate(value["lines"]):
        paths += [("lines", i), ("lines", i, "qty")] + [("lines", i, "tags", k) for k in range(len(line["tags"]))]
    issues = [_issue(*path) for path in data.draw(st.lists(st.sampled_from(paths), max_size=6))]
    least = data.draw(st.integers(0, 2))
    schema = _object(total=NUMBER, lines=_list(_object(qty=NUMBER, tags=_list({"type": "string"}, minItems=least))))
    before = json.dumps(value)
    done = salvage(value, issues, schema)
    assert done.kept + len(done.quarantined) == done.seen
    assert sum(len(q.issues) for q in done.quarantined) + len(done.remaining) == len(issues)
    assert json.dumps(value) == before
    for quarantined in done.quarantined:
        assert value_at(value, quarantined.path) == quarantined.value
        assert done.new_path(quarantined.path) is None
    for path in paths:
        new = done.new_path(path)
        if new is not None:
            assert done.old_path(new) == path
            old, now = value_at(value, path), value_at(done.value, new)
            assert now is not ABSENT
            assert isinstance(old, (list, dict)) or old == now
