"""What the model is told, and how little of the document a mend needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extract.exchange._prompt import excerpt

LONG = "\n".join(f"{n:04d} item number {n} costs {n * 3}.50 EUR" for n in range(400))


def test_an_excerpt_holds_the_rows_place_and_little_else() -> None:
    """The lines about a row are found by the row's values."""
    part = excerpt(LONG, {"row": {"name": "item number 217", "price": 651.5}})
    assert "item number 217 costs 651.50" in part
    assert len(part) < len(LONG) / 10


def test_several_rows_give_several_excerpts() -> None:
    """Places far apart are kept apart, and marked so."""
    part = excerpt(LONG, {"a": {"name": "item number 17"}, "b": {"name": "item number 390"}})
    assert "item number 17 costs" in part
    assert "item number 390 costs" in part
    assert "[…]" in part


def test_without_a_trace_the_whole_document_is_sent() -> None:
    """Better dear than blind."""
    assert excerpt(LONG, {"a": {"name": "nowhere"}}) == LONG
    assert excerpt(LONG, {"a": {"name": None}}) == LONG
    assert excerpt("short", {"a": {"name": "item"}}) == "short"


@given(st.text(max_size=3_000), st.dictionaries(st.text(), st.text()))
def test_an_excerpt_only_ever_quotes(document: str, row: dict[str, str]) -> None:
    """Every piece of it stands in the document."""
    assert all(piece in document for piece in excerpt(document, {"row": row}).split("\n[…]\n"))
