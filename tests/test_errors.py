"""Errors are values with a path and advice, and they never quote the document."""

from __future__ import annotations

import inspect

import pytest

from extract import errors
from extract.errors import (
    EngineError,
    ExtractError,
    Failure,
    Issue,
    RateLimited,
    SchemaError,
    ValidationError,
    show_path,
)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), "$"),
        (("lines", 0, "qty"), "$.lines[0].qty"),
        (("unit price", "ü"), "$['unit price'].ü"),
        ((0, 1), "$[0][1]"),
    ],
)
def test_paths_are_written_the_way_people_read_them(path: errors.Path, shown: str) -> None:
    """Keys by dot where they are words, quoted where they are not; indices in brackets."""
    assert show_path(path) == shown


def test_every_error_is_in_one_tree() -> None:
    """Whoever catches ExtractError catches everything we raise on purpose."""
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]
    assert [c.__name__ for c in classes if not issubclass(c, ExtractError)] == []
    assert {c.__name__ for c in classes} <= set(errors.__all__)


def test_messages_end_with_advice() -> None:
    """What happened and where, then what to do."""
    error = SchemaError("a Callable has no JSON form", path=("hook",), advice="leave the field out")
    assert str(error) == "a Callable has no JSON form @ $.hook\n  → leave the field out"


def test_many_issues_are_counted_not_dumped() -> None:
    """The message stays short; the list is whole; values stay out of both."""
    issues = [Issue(("lines", i), "Input should be a valid integer", "int_parsing", found="secret") for i in range(40)]
    error = ValidationError.of(issues)
    assert len(error.issues) == 40
    assert str(error).endswith("and 35 more")
    assert "secret" not in str(error) + repr(error) + repr(issues)


def test_engine_errors_know_whether_trying_again_helps() -> None:
    """The class decides, a fact may overrule it."""
    assert RateLimited("429").retryable
    assert not RateLimited("quota", retryable=False).retryable
    assert EngineError("x", failure=Failure(status=418, code="teapot", retry_after=2)).retry_after == 2


QUOTES = [
    ("value_error", "Value error, 'Jane Doe' is no code", "Jane Doe", "Value error, '…' is no code"),
    ("value_error", "Value error, JANE DOE is no code", " Jane Doe ", "Value error, … is no code"),
    ("value_error", "Value error, 12.5 exceeds 12", 12.5, "Value error, … exceeds 12"),
    ("assertion_error", "Assertion failed, x is no unit", "x", "Assertion failed, … is no unit"),
    ("value_error", "Value error, 7 and 9 differ in price", {"price": 7, "parts": [9]}, "Value error, … and … differ in price"),
    ("union_tag_invalid", "Input tag 'Jane' is unknown", {"kind": "Jane"}, "Input tag '…' is unknown"),
    ("greater_than", "Input should be greater than 5", 5, "Input should be greater than 5"),
    ("int_parsing", "Input should be an integer", "a", "Input should be an integer"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "message", "found", "shown"), QUOTES)
def test_a_message_does_not_repeat_the_value(kind: str, message: str, found: object, shown: str) -> None:
    """The words of a validator go to the model whole; what people log leaves the document's value out."""
    issue = Issue(("code",), message, kind, found)
    assert str(issue) == f"{shown} @ $.code"
    assert str(ValidationError.of([issue])) == f"1 issue(s): {shown} @ $.code"
    assert issue.message == message


def test_a_value_too_large_to_look_through_shows_no_words_at_all() -> None:
    """The kind still says what it is about."""
    issue = Issue((), "Value error, 'Jane' stands twice", "value_error", ["Jane"] * 30_000)
    assert str(issue) == "Should be otherwise (value_error) @ $"
