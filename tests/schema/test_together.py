"""Coercion and declared checks inside a compiled schema: nothing lost to a default, issues with wire paths."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel

from extract.checks import check, product, total
from extract.schema import Schema


@check(product("amount", of=("qty", "price")))
class Line(BaseModel):
    qty: int = 1
    price: Decimal
    amount: Decimal


@check(total("total", of="lines[].amount"))
class Order(BaseModel):
    total: Decimal
    due: dt.date | None = None
    lines: list[Line] = []
    by: dict[str, Line] = {}


def test_key_in_another_spelling_is_not_lost_to_a_default() -> None:
    """The value under the misspelt key wins over the default that would stand in silently."""
    checked = Schema.of(Order).check({"total": "6", "lines": [{"Qty": 3, "price": "2", "amount": "6"}], "by": []})
    assert checked.value is not None
    assert checked.value.lines[0].qty == 3
    assert "key-spelling" in [repair.kind for repair in checked.repairs]


def test_refused_reading_says_why() -> None:
    """An ambiguous date says so instead of being no date."""
    checked = Schema.of(Order).check({"total": "5", "due": "03/04/2024", "lines": [], "by": []})
    assert [(issue.path, issue.kind) for issue in checked.issues] == [(("due",), "ambiguous-date")]


def test_declared_checks_name_wire_paths() -> None:
    """A broken rule is told at its place on the wire; inside a mapping, which is read as one, at the mapping."""
    schema = Schema.of(Order)
    assert schema.checked
    bad = {"qty": 2, "price": "1", "amount": "3"}
    value = schema.decode({"total": "3", "due": None, "lines": [bad], "by": [{"key": "a", "value": bad}]})
    listed, mapped = schema.run_checks(value)
    assert listed.path == ("lines", 0, "amount")
    assert listed.paths == (("lines", 0, "qty"), ("lines", 0, "price"))
    assert mapped.path == ("by",)


def test_unknown_keys_do_not_vanish() -> None:
    """A key that the type does not know is set aside on record, on the fast way too."""
    checked = Schema.of(Line).check_json('{"qty": 1, "price": "1", "amount": "2", "colour": "red"}')
    assert checked.ok
    assert [(r.kind, r.path, r.before) for r in checked.repairs] == [("extra-key", ("colour",), "red")]
    assert not Schema.of(Line).check({"qty": 1, "price": "1", "amount": "2", "x": 1}, strictness="exact").ok
