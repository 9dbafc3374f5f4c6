"""Rules across fields: declared once, run over any declared object, naming every field concerned."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError, dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, Field

from extract.errors import SchemaError
from extract.schema._checks import (
    Check,
    check,
    checks_of,
    checksum,
    declares_checks,
    one_of,
    ordered,
    product,
    rule,
    run_checks,
    total,
    unique,
)
from extract.schema._mend import subset


@check(product("amount", of=("qty", "price")))
class Line(BaseModel):
    sku: str
    qty: int | None = 1
    price: Decimal = Decimal(1)
    amount: Decimal | None = None


@check(
    total("total", of="lines[].amount", plus=("tax",)),
    unique("lines[].sku"),
    ordered("issued", "due"),
    checksum("iban", "iban"),
)
class Invoice(BaseModel):
    lines: list[Line] = Field(default_factory=list)
    tax: Decimal | None = None
    total: Decimal | None = None
    issued: dt.date | None = None
    due: dt.date | None = None
    iban: str | None = None


@dataclass
class Period:
    start: dt.date | None
    end: dt.date | None
    notes: list[str] = field(default_factory=list)


def _paths(issues: Any) -> list[list[Any]]:
    return [[issue.path, *issue.paths] for issue in issues]


def _invoice(**changes: Any) -> Invoice:
    lines = [Line(sku="a", qty=2, price=Decimal("1.10"), amount=Decimal("2.20")), Line(sku="b", amount=Decimal(1))]
    return Invoice(**{"lines": lines, "tax": Decimal("0.10"), "total": Decimal("3.30"), **changes})


def test_good_object_has_no_issues() -> None:
    """Rules that hold say nothing."""
    good = _invoice(issued="2024-01-01", due="2024-02-01", iban="DE89 3704 0044 0532 0130 00")
    assert run_checks(good) == ()


def test_broken_total_names_sum_and_addends() -> None:
    """All fields concerned are named, so that just those are asked for again; no value is quoted."""
    (issue,) = run_checks(_invoice(total=Decimal("77.77")))
    assert [issue.path, *issue.paths] == [("total",), ("lines", 0, "amount"), ("lines", 1, "amount"), ("tax",)]
    assert issue.kind == "check-total"
    assert issue.message == "total should be the sum of lines[].amount plus tax"
    assert "77" not in str(issue) + repr(issue)


def test_declared_rules_of_nested_objects_are_found() -> None:
    """A rule on the row runs in every row, with paths from the root."""
    lines = [Line(sku="a", amount=Decimal(1)), Line(sku="b", qty=3, price=Decimal(2), amount=Decimal(7))]
    issues = run_checks([_invoice(lines=lines, total=None)])
    assert _paths(issues) == [[(0, "lines", 1, "amount"), (0, "lines", 1, "qty"), (0, "lines", 1, "price")]]
    assert run_checks({"x": _invoice(lines=lines, total=None)})[0].path == ("x", "lines", 1, "amount")


def test_rules_are_inherited_and_added_to() -> None:
    """A subclass keeps its base's rules and has its own; the base does not get them."""

    @check(one_of("iban", "card"))
    class Paid(Invoice):
        card: str | None = None

    assert [each.kind for each in checks_of(Paid)][-1] == "check-one-of"
    assert len(checks_of(Paid)) == len(checks_of(Invoice)) + 1


def test_aliases_are_the_names_outside() -> None:
    """A field with an alias is named as pydantic's errors name it."""

    @check(ordered("start", "end"))
    class Aliased(BaseModel):
        start: int = Field(alias="From")
        end: int = Field(validation_alias=AliasChoices("To", "Until"))

    class Outer(BaseModel):
        inner: list[Aliased] = Field(alias="Inner")

    value = Outer.model_validate({"Inner": [{"From": 2, "Until": 1}]})
    assert _paths(run_checks(value)) == [[("Inner", 0, "From"), ("Inner", 0, "To")]]


@pytest.mark.parametrize(
    ("declared", "has"),
    [
        (Invoice, True),
        (list[Invoice] | None, True),
        (Annotated[dict[str, Line], "x"], True),
        (Period, False),
        (int, False),
    ],
)
def test_types_without_rules_are_known(declared: Any, *, has: bool) -> None:
    """Whether a type has rules anywhere within shows without a value."""
    assert declares_checks(declared) is has


def test_rules_for_one_call() -> None:
    """Rules may also come with the call, for mappings and dataclasses too."""
    given_rules = (ordered("start", "end"),)
    bad = {"start": dt.date(2024, 2, 1), "end": dt.date(2024, 1, 1)}
    assert _paths(run_checks(bad, given_rules)) == [[("start",), ("end",)]]
    assert _paths(run_checks(Period(**bad), given_rules)) == [[("start",), ("end",)]]


@pytest.mark.parametrize(
    ("rule_", "value", "broken"),
    [
        (total("t", of="xs[].a"), {"t": 0.3, "xs": [{"a": 0.1}, {"a": 0.2}]}, 0),
        (total("t", of="xs[].a", tolerance="0"), {"t": 0.3, "xs": [{"a": 0.1}, {"a": 0.2}]}, 0),
        (total("t", of="xs[].a", tolerance="0"), {"t": "0.30", "xs": [{"a": "0.1"}, {"a": "0.2"}]}, 0),
        (total("t", of="xs[].a"), {"t": 0.4, "xs": [{"a": 0.1}, {"a": 0.2}]}, 1),
        (total("t", of="xs[]"), {"t": 6, "xs": [1, 2, 3]}, 0),
        (total("t", of="xs[]", minus=("d",)), {"t": 5, "xs": [1, 2, 3], "d": 1}, 0),
        (total("t", of="xs[]", minus=("d",)), {"t": 6, "xs": [1, 2, 3], "d": 1}, 1),
        (total("t", of="xs[].a"), {"t": 4, "xs": [{"a": 1}, {"a": None}]}, 0),
        (total("t", of="xs[].a"), {"t": None, "xs": [{"a": 1}]}, 0),
        (total("t", of="xs[].a"), {"t": 4, "xs": []}, 0),
        (total("t", of="xs[].a"), {"t": 4, "xs": None}, 0),
        (total("t", of="xs[].a"), {}, 0),
        (total("gs[].t", of="gs[].xs[].a"), {"gs": [{"t": 1, "xs": [{"a": 1}]}, {"t": 1, "xs": [{"a": 2}]}]}, 1),
        (product("a", of=("b", "c")), {"a": 6, "b": 2, "c": 3}, 0),
        (product("a", of=("b", "c")), {"a": 7, "b": 2, "c": 3}, 1),
        (product("a", of=("b", "c")), {"a": 7, "b": None, "c": 3}, 0),
        (product("xs[].a", of=("xs[].b", "rate")), {"rate": 2, "xs": [{"a": 2, "b": 1}, {"a": 5, "b": 2}]}, 1),
        (ordered("a", "b", "c"), {"a": 1, "b": 3, "c": 2}, 1),
        (ordered("a", "b", "c"), {"a": 3, "b": None, "c": 2}, 1),
        (ordered("a", "b"), {"a": 1, "b": 1}, 0),
        (ordered("a", "b", strictly=True), {"a": 1, "b": 1}, 1),
        (ordered("a", "b"), {"a": 1, "b": "x"}, 0),
        (ordered("a", "b"), {"a": dt.datetime(2024, 1, 1, 9, tzinfo=dt.timezone.utc), "b": dt.date(2024, 1, 1)}, 0),
        (ordered("xs[].a", "xs[].b"), {"xs": [{"a": 1, "b": 2}, {"a": 2, "b": 1}]}, 1),
        (unique("xs[].a"), {"xs": [{"a": 1}, {"a": 2}, {"a": 1}, {"a": None}, {"a": None}]}, 1),
        (unique("xs[]"), {"xs": ["a", "b"]}, 0),
        (unique("xs[]"), {"xs": [[1], [1]]}, 1),
        (unique("gs[].xs[]"), {"gs": [{"xs": [1]}, {"xs": [1]}]}, 0),
        (one_of("a", "b"), {"a": 1, "b": None}, 0),
        (one_of("a", "b"), {"a": 1, "b": 2}, 1),
        (one_of("a", "b"), {}, 1),
        (one_of("a", "b", least=0), {}, 0),
        (one_of("xs[].a", "xs[].b"), {"xs": [{"a": 1}, {"a": 1, "b": 1}]}, 1),
        (rule("a", "b", test=lambda a, b: a < b, message="a below b"), {"a": 2, "b": 1}, 1),
        (rule("a", "b", test=lambda a, b: a < b, message="a below b"), {"a": 2, "b": None}, 0),
        (rule("n", "xs[]", test=lambda n, xs: n == len(xs), message="count"), {"n": 1, "xs": ["a"]}, 0),
        (rule("n", "xs[]", test=lambda n, xs: n == len(xs), message="count"), {"n": 1, "xs": ["a", "b"]}, 1),
    ],
)  # fmt: skip
def test_rules(rule_: Check, value: Any, broken: int) -> None:
    """Each rule over plain mappings: how often it is broken; None leaves it without a verdict."""
    assert len(rule_.run(value)) == broken


@pytest.mark.parametrize(
    ("kind", "text", "valid"),
    [
        ("iban", "DE89370400440532013000", True),
        ("iban", "GB82 WEST 1234 5698 7654 32", True),
        ("iban", "DE89370400440532013001", False),
        ("iban", "nonsense", False),
        ("luhn", "4111 1111 1111 1111", True),
        ("luhn", "4111 1111 1111 1112", False),
        ("luhn", "", False),
        ("isbn", "978-3-16-148410-0", True),
        ("isbn", "0-306-40615-2", True),
        ("isbn", "0-8044-2957-X", True),
        ("isbn", "0-306-40615-3", False),
        ("isbn", "4006381333931", False),
        ("ean", "4006381333931", True),
        ("gtin", "4006381333932", False),
        ("gtin", "73513537", True),
        ("ean", 73513537, True),
        ("lei", "529900T8BM49AURSDO55", True),
        ("lei", "529900T8BM49AURSDO54", False),
        ("vat", "DE136695976", True),
        ("vat", "DE136695977", False),
        ("vat", "IT00743110157", True),
        ("vat", "FR40303265045", True),
        ("vat", "BE0428759497", True),
        ("vat", "LU15027442", True),
        ("vat", "LU15027443", False),
        ("vat", "ATU12345678", True),
        ("vat", "12345", False),
        ("iban", None, True),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00", True),
        ("iban", "IBAN: DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", True),
        ("iban", "IBAN DE89 3704 0044 0532 0130 01", False),
        ("isbn", "ISBN 978-3-16-148410-0", True),
        ("isbn", "ISBN-13: 978\u20113\u201116\u2011148410\u20110", True),
        ("isbn", "ISBN-10 0\u2013306\u201340615\u20132", True),
        ("isbn", "ISBN 978-3-16-148410-1", False),
        ("isbn", "ISBN", False),
        ("gtin", "(01)04006381333931", True),
        ("gtin", "(01) 0400 6381 3339 32", False),
        ("ean", "EAN-13: 4006381333931", True),
        ("ean", "\uff14006381333931", True),
        ("vat", "CHE-123.456.788 MWST", True),
        ("vat", "CHE-123.456.788", True),
        ("vat", "CHE-123.456.789 TVA", False),
        ("vat", "VAT No. DE136695976", True),
        ("vat", "VAT Reg. No.: DE136695976", True),
        ("vat", "USt-IdNr. DE 136 695 976", True),
        ("vat", "USt-IdNr.: DE136695977", False),
        ("vat", "P.IVA IT00743110157", True),
        ("lei", "LEI: 529900T8BM49AURSDO55", True),
    ],
)
def test_checksums(kind: str, text: Any, *, valid: bool) -> None:
    """Check digits of the published examples; a country without a rule here gets no verdict."""
    issues = checksum("x", kind).run({"x": text})
    assert (issues == ()) is valid
    assert all(issue.path == ("x",) for issue in issues)


@pytest.mark.parametrize("name", ["totl", "lines[].amont", "lines.amount", "total[]", "lines[].sku.deeper"])
def test_unknown_names_are_refused_when_declared(name: str) -> None:
    """A slip in a rule shows at import, not after money was spent."""
    with pytest.raises(SchemaError) as caught:

        @check(total(name, of="lines[].amount"))
        class Wrong(Invoice):
            pass

    assert name in str(caught.value)
    assert caught.value.advice


def test_names_follow_unions_annotations_and_dataclasses() -> None:
    """Optional, Annotated, tuples and mappings are looked through; what is not known yet is let pass."""

    @check(unique("notes[]"), ordered("start", "end"))
    @dataclass
    class Longer(Period):
        rows: Annotated[Optional[tuple[Line, ...]], "x"] = None  # noqa: UP045 - the old spelling must work too

    check(unique("rows[].sku"))(Longer)

    class Loose(BaseModel):
        anything: Any = None
        by_name: dict[str, Line] = Field(default_factory=dict)

    check(unique("anything[].x"), total("anything", of="by_name[].amount"))(Loose)
    with pytest.raises(SchemaError):
        check(unique("rows[].skew"))(Longer)


@pytest.mark.parametrize("cls", [int, dict])
def test_class_without_fields_is_refused(cls: Any) -> None:
    """There is nothing a rule could name."""
    with pytest.raises(SchemaError):
        check(unique("a[]"))(cls)


def test_unknown_checksum_is_refused() -> None:
    """The kinds are listed in the advice."""
    with pytest.raises(SchemaError, match="iban"):
        checksum("x", "crc32")


def test_check_is_a_frozen_value() -> None:
    """Rules are values: equal when they say the same, never changed."""
    assert unique("a[]") == unique("a[]")
    with pytest.raises(FrozenInstanceError):
        unique("a[]").kind = "x"  # type: ignore[misc]


def test_issues_of_a_rule_are_mended_field_by_field() -> None:
    """What a rule names is what is asked for again."""
    number = {"type": "number"}
    line = {
        "type": "object",
        "properties": {"sku": {"type": "string"}, "amount": number},
        "required": ["sku", "amount"],
        "additionalProperties": False,
    }
    schema = {
        "type": "object",
        "properties": {"total": number, "note": {"type": "string"}, "lines": {"type": "array", "items": line}},
        "required": ["total", "note", "lines"],
        "additionalProperties": False,
    }  # fmt: skip
    value = {"total": 5, "note": "n" * 200, "lines": [{"sku": "a" * 20, "amount": 1}, {"sku": "b" * 20, "amount": 2}]}
    made = subset(schema, total("total", of="lines[].amount").run(value), value)
    assert made is not None
    assert [each.key for each in made.asked] == ["lines_0_amount", "lines_1_amount", "total"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=20))
def test_sums_are_exact(amounts: list[Decimal]) -> None:
    """Amounts written as floats or texts add up exactly; a cent more than allowed is seen."""
    for write in (float, str, Decimal):
        value = {"t": write(sum(amounts)), "xs": [write(amount) for amount in amounts]}
        assert total("t", of="xs[]", tolerance="0").run(value) == ()
        value["t"] = write(sum(amounts) + Decimal("0.02"))
        assert len(total("t", of="xs[]").run(value)) == 1
