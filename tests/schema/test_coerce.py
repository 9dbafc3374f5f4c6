"""Values that do not match the wire schema come to fit it: recorded, never invented, never dropped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract.errors import Issue
from extract.schema.coerce import LIBERTIES, MAX_DEPTH, REFUSALS, Coercer, Refused, coerce, explained, fit_date

Steps = Callable[[Callable[[], Any]], int]

CASES = [
    pytest.param(case, id=f"{path.stem.removeprefix('coerce_')}-{case['name']}")
    for path in sorted((Path(__file__).parents[1] / "cases").glob("coerce_*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]


def _line(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


LINE = _line(
    {
        "sku": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
        "name": {"type": "string"},
        "qty": {"type": "integer", "minimum": 0},
        "price": {"type": "number"},
        "taxed": {"type": "boolean"},
        "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "state": {"type": "string", "enum": ["open", "paid", "in doubt"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
)
TABLE = _line({"lines": {"type": "array", "items": LINE}})


@pytest.mark.parametrize("case", CASES)
def test_coerce_fits_or_refuses(case: dict[str, Any]) -> None:
    """Each case gives the value, the kinds of liberties in order, and the kinds of issues."""
    before = json.dumps(case["value"])
    done = coerce(case["value"], case["schema"], strictness=case.get("strictness", "careful"), typed=True)
    assert done.value == case["gives"]
    assert json.dumps(done.value) == json.dumps(case["gives"])
    assert [repair.kind for repair in done.repairs] == case["repairs"]
    assert [issue.kind for issue in done.issues] == case["issues"]
    assert json.dumps(case["value"]) == before


def test_coerce_twice_changes_nothing_more() -> None:
    """What was fitted once is left alone the second time."""
    for param in CASES:
        case = param.values[0]
        first = coerce(case["value"], case["schema"], strictness=case.get("strictness", "careful"), typed=True)
        if not first.issues:
            again = coerce(first.value, case["schema"], strictness=case.get("strictness", "careful"))
            assert (again.value, again.repairs) == (first.value, ()), case["name"]


def test_every_kind_has_its_sentence() -> None:
    """Kinds are words of the two tables, and each case file speaks only those."""
    seen = {kind for param in CASES for kind in param.values[0]["repairs"]}
    refused = {kind for param in CASES for kind in param.values[0]["issues"]}
    assert seen == set(LIBERTIES)
    assert refused == set(REFUSALS) - {"too-deep"}


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("01/09/2025", "Should be an ISO date, 2025-09-01 or 2025-01-09: day and month may be swapped"),
        ("14 March 71", "Should be an ISO date, 1971-03-14 or 2071-03-14: the century is open"),
    ],
)
def test_a_refused_date_names_the_days_it_may_mean(text: str, offered: str) -> None:
    """Whoever is asked again can choose, instead of copying the same text once more."""
    refused = fit_date(text, "date", {}, lenient=False)
    assert refused == Refused("ambiguous-date", offered)


def test_refusals_speak_where_the_validator_complains() -> None:
    """The message that knows more wins at the same place; what the validator accepts is no issue, lost keys are."""
    found = [Issue(("a",), "Input should be a valid date", kind="date_parsing"), Issue(("b",), "Field required")]
    refused = [
        Issue(("a",), "Should be an ISO date: day and month may be swapped", kind="ambiguous-date"),
        Issue(("c",), "Should be a number", kind="not-a-number"),
        Issue(("d",), "Should be one key", kind="ambiguous-key"),
    ]
    assert [(issue.path, issue.kind) for issue in explained(found, refused)] == [
        (("a",), "ambiguous-date"),
        (("b",), "invalid"),
        (("d",), "ambiguous-key"),
    ]


def test_repairs_say_where_and_what() -> None:
    """A repair has the path in the new value, what stood there and what stands there now."""
    value = {"Lines": [{**_good_line(0), "qty": "3", "extra": {"raw": 1}}]}
    done = coerce(value, TABLE)
    assert [(r.kind, r.path, r.before, r.after) for r in done.repairs] == [
        ("key-spelling", ("lines",), "Lines", "lines"),
        ("number-from-text", ("lines", 0, "qty"), "3", 3),
        ("extra-key", ("lines", 0, "extra"), {"raw": 1}, None),
    ]


def _good_line(i: int) -> dict[str, Any]:
    return {
        "sku": f"AB-{i}", "name": f"thing {i}", "qty": i, "price": i + 0.5, "taxed": i % 2 == 0,
        "due": None if i % 3 else "2024-12-31", "state": "paid", "note": None,
    }  # fmt: skip


def test_valid_value_is_returned_as_the_same_object() -> None:
    """What matches is not copied."""
    value = {"lines": [_good_line(i) for i in range(3)]}
    done = coerce(value, TABLE)
    assert done.value is value
    assert (done.repairs, done.issues) == ((), ())


def test_matching_and_fitting_are_linear(steps: Steps) -> None:
    """Twice the rows take about twice the steps, good ones and bad ones."""
    coercer = Coercer(TABLE)

    def cost(rows: list[Any]) -> int:
        return steps(lambda: coercer.coerce({"lines": rows}))

    good = [_good_line(i) for i in range(200)]
    bad = [{**line, "Qty": "1,5 €", "due": "31.12.2024"} for line in good]
    assert cost(good) < 2.2 * cost(good[:100])
    assert cost(bad) < 2.2 * cost(bad[:100])
    assert cost(good) < cost(bad)


_LISTS_OR_ONE_KEY = {
    "$ref": "#/$defs/A",
    "$defs": {
        "A": {
            "anyOf": [
                {"type": "array", "items": {"$ref": "#/$defs/A"}},
                {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}},
                {"type": "number"},
            ]
        }
    },
}


def _nested(depth: int, kind: str) -> Any:
    value: Any = "1"
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


@pytest.mark.parametrize("kind", ["list", "object"])
def test_each_level_of_a_type_that_holds_itself_costs_about_the_same(kind: str, steps: Steps) -> None:
    """Every level may be covered or not: all the ways together are not tried one by one."""

    def cost(depth: int) -> int:
        value = _nested(depth, kind)
        return steps(lambda: coerce(value, _LISTS_OR_ONE_KEY))

    assert cost(16) < 5 * cost(8)


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH + 5, 10_000, 200_000])
@pytest.mark.parametrize("kind", ["list", "object"])
def test_deep_values_do_not_crash(depth: int, kind: str) -> None:
    """Deep values are fitted while that is safe and refused with an issue beyond."""
    value = _nested(depth, kind)
    done = coerce(value, _LISTS_OR_ONE_KEY)
    if depth > MAX_DEPTH:
        assert done.value is value
        assert [issue.kind for issue in done.issues] == ["too-deep"]
    while isinstance(value, (list, dict)):
        # Freed level by level: Python's own destructor is recursive in places.
        value = value[0] if isinstance(value, list) else value["a"]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"anyOf": [{"$ref": "#"}]},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}},
    ],
)
def test_schema_that_refers_to_nothing_but_itself(schema: dict[str, Any]) -> None:
    """A senseless schema ends in an answer, not in a crash."""
    assert coerce({"a": "1"}, schema).value == {"a": "1"}


def test_alternatives_within_alternatives_stay_cheap(steps: Steps) -> None:
    """Thirty levels of two alternatives each are tried once a place, not 2^30 times."""
    node = {"$ref": "#/$defs/T"}
    schema = {
        **node,
        "$defs": {
            "T": {
                "anyOf": [
                    _line({"left": node, "tag": {"type": "integer"}}),
                    _line({"left": node, "tag": {"type": "string", "format": "date"}}),
                    {"type": "number"},
                ]
            }
        },
    }
    value: Any = "x"
    for _ in range(30):
        value = {"left": value, "tag": "?"}
    assert steps(lambda: coerce(value, schema)) < 1_000_000
    assert coerce(value, schema).issues


def test_official_suite_values_are_left_alone(shared_data: Path) -> None:
    """No schema of the official suite makes it fail, and what the suite calls valid comes back untouched."""
    changed = []
    with gzip.open(shared_data / "json_schema_test_suite.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            group = json.loads(line)
            for test in group["tests"] if isinstance(group["schema"], dict) else []:
                done = coerce(test["data"], group["schema"], strictness="lenient")
                if test["valid"] and done.value is not test["data"]:
                    changed.append((group["file"], group["description"]))
    # A vocabulary that switches validation off, and an old draft that ignores keywords beside a reference.
    assert {file for file, _ in changed} <= KNOWN


KNOWN = {"vocabulary.json", "ref.json"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12) | st.sampled_from(["1,5", "12 %", "31.12.2024", "N/A", "yes", "Paid", "[1]", '{"Qty": "2"}']),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["lines", "Lines", "qty", "Qty", "price", "due", "state", "data", "zz"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JSON_VALUES, st.sampled_from(["careful", "lenient"]))
@example([{"qty": False, "Qty": 0}], "careful")
@example({"lines": [{"sku": 1, "SKU": 1.0}]}, "careful")
def test_nothing_is_invented_and_nothing_is_lost(value: Any, strictness: Any) -> None:
    """Each scalar of the result stands in the input or is the ``after`` of a repair whose ``before`` does."""
    done = coerce(value, TABLE, strictness=strictness)
    known = {repr(scalar) for scalar in _scalars(value)}
    changed = [r for r in done.repairs if r.kind != "wrapped"]
    for repair in changed:
        # JSON in a text brings scalars of its own; the text itself stood in the input.
        known |= {repr(scalar) for scalar in _scalars(repair.after)}
    assert {repr(scalar) for scalar in _scalars(done.value)} <= known
    kept = {repr(s) for s in _scalars(done.value)} | {repr(s) for r in done.repairs for s in _scalars(r.before)}
    assert {repr(scalar) for scalar in _scalars(value)} <= kept


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [s for item in value.values() for s in _scalars(item)]
    if isinstance(value, list):
        return [s for item in value for s in _scalars(item)]
    return [value]


VALID_LINES = st.fixed_dictionaries(
    {
        "sku": st.from_regex(r"\A[A-Z]{2}-[0-9]{1,3}\Z"),
        "name": st.text(max_size=8),
        "qty": st.integers(0, 1000),
        "price": st.floats(allow_nan=False, allow_infinity=False),
        "taxed": st.booleans(),
        "due": st.none() | st.dates().map(lambda d: d.isoformat()),
        "state": st.sampled_from(["open", "paid", "in doubt"]),
        "note": st.none() | st.sampled_from(["N/A", "-", "", "12,5", "true"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALID_LINES, max_size=4), st.sampled_from(["exact", "careful", "lenient"]))
def test_valid_values_are_left_alone(lines: list[Any], strictness: Any) -> None:
    """A value that matches comes back as it is, with no repairs and no issues."""
    value = {"lines": lines}
    done = coerce(value, TABLE, strictness=strictness)
    assert done.value is value
    assert (done.repairs, done.issues) == ((), ())


@settings(max_examples=100, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_written_numbers_read_back(number: Any) -> None:
    """A number written the English, German, Swiss or French way is read back exactly."""
    english = f"{number:,.2f}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    swiss, french = english.replace(",", "'"), german.replace(".", " ")
    for text in (english, german, swiss, french, f"{german} €", f"CHF {swiss}"):
        assert coerce(text, {"type": "number"}).value == float(number), text
