"""What reprs show: what happened, never what a document or an answer says."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

import extract
from extract.errors import ExtractError, Issue
from extract.testing import ScriptedEngine

DOCUMENT = "Patient Zebedee, card zq-4411"


class Line(BaseModel):
    name: str
    quantity: int = Field(ge=1)


class Order(BaseModel):
    patient: str
    lines: list[Line]
    tags: dict[str, int] = {}


GOOD = {"name": "zq-tea", "quantity": 2}
BAD = {"name": "zq-milk", "quantity": -4711}


def answer(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"patient": "Zebedee", "lines": list(lines), "tags": [{"key": "zq-key", "value": "4"}]}


def run(*answers: Any, bad_items: Any = "return") -> extract.Extraction[Order]:
    policy = extract.Policy(bad_items=bad_items, reasks=0)
    return extract.Client(engine=ScriptedEngine(list(answers)), policy=policy).run(Order, DOCUMENT, model="gpt-5.5")


def leaks(shown: str) -> list[str]:
    return [word for word in ("Zebedee", "zq-", "4711") if word in shown]


def test_an_extraction_is_told_in_one_short_line() -> None:
    """Type, model, counts and cost: neither the value nor the attempts."""
    extraction = run(answer(GOOD, BAD))
    assert repr(extraction) == (
        "Extraction(Order, model='gpt-5.5', attempts=1, repairs=1, quarantined=1, issues=0, complete=False, cost=0.001120)"
    )


def test_what_lies_in_an_extraction_tells_no_values_either() -> None:
    """Attempts, repairs, quarantined items and the verdict, each by itself."""
    extraction = run(answer(GOOD, BAD))
    parts = [extraction, extraction.attempts, extraction.repairs, extraction.quarantined, extraction.checked]
    assert [leaks(repr(part) + str(part)) for part in parts] == [[]] * len(parts)
    assert "$.lines[1]" in repr(extraction.quarantined)


def test_an_attempt_is_told_in_one_short_line() -> None:
    """Why it was made, of whom, and how it ended."""
    (attempt,) = run(answer(GOOD)).attempts
    assert repr(attempt) == "Attempt('ask', model='gpt-5.5', error=None, issues=0, repairs=1, cost=0.000970)"


def test_a_failure_tells_no_values() -> None:
    """The error, its attempts, issues and partial."""
    with pytest.raises(ExtractError) as caught:
        run(answer(GOOD, BAD), bad_items="raise")
    error = caught.value
    parts = [error, error.attempts, getattr(error, "issues", ()), getattr(error, "partial", None)]
    assert [leaks(repr(part) + str(part)) for part in parts] == [[]] * len(parts)
    assert "error=ValidationError" in repr(error.attempts)


def test_an_attempt_keeps_what_a_validator_said_out_of_its_repr() -> None:
    """A rule of the user's own may quote the value; the repr names paths and kinds only."""
    issue = Issue(("total",), "Value error, zq-4711 is too much", "value_error", found="zq-4711")
    assert repr(issue) == "Issue('$.total', 'value_error')"


def test_a_partial_and_a_quarantined_item_of_a_stream_tell_no_values() -> None:
    """Also while the answer grows."""
    client = extract.Client(engine=ScriptedEngine([answer(GOOD), {"value": [GOOD, BAD]}]))
    with client.stream(Order, DOCUMENT) as partials:
        shown = [repr(partial) for partial in partials]
    with client.stream_items(Line, DOCUMENT, policy=extract.Policy(bad_items="return")) as items:
        shown += [repr(item) for item in items if not isinstance(item, Line)]
    assert len(shown) > 2
    assert "Quarantined('$.value[1]', issues=['greater_than_equal'])" in shown
    assert leaks(" ".join(shown)) == []
