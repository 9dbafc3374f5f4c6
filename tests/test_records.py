"""One record for every outcome: each kind of fault, each error class, each way of asking; valid, plain, private."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pydantic import BaseModel

import extract
from extract.errors import (
    BudgetExceeded,
    ConfigError,
    DocumentError,
    Exhausted,
    ExtractError,
    Filtered,
    Issue,
    ModelRetired,
    RateLimited,
    Refused,
    SchemaError,
    Truncated,
    Unauthorized,
    ValidationError,
)
from extract.exchange import record
from extract.testing import FAULTS, ScriptedEngine, StandIn
from extract.typing import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(extract.__file__).parent / "schemas" / "records" / "extraction.json").read_text(encoding="utf-8"))
)
DOCUMENT = "Invoice A-17 for the private person"
HEADER = "a-secret-header-value"
ANSWER = {"number": "A-17", "total": 12.5}


class Invoice(BaseModel):
    number: str
    total: float


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn(answer=ANSWER, retry_after=0.0) as running:
        yield running


def must_be_a_record(outcome: Any, *private: str) -> dict[str, Any]:
    """Valid, made of plain values, in one order, and without what is private; the same each time."""
    told = outcome.to_dict()
    text = json.dumps(told, allow_nan=False)
    SCHEMA.validate(json.loads(text))
    assert list(told) == list(KEYS)
    assert json.dumps(outcome.to_dict()) == json.dumps(told) == json.dumps(record(outcome))
    assert len(told["attempts"]) == len(outcome.attempts)
    for each in (*private, DOCUMENT, HEADER, "Authorization", "Bearer"):
        assert each not in text
    if outcome.attempts:
        assert DOCUMENT in json.dumps(outcome.to_dict(documents=True))
        SCHEMA.validate(outcome.to_dict(documents=True))
    return told


KEYS = (
    "format", "ok", "value", "model", "usage", "cost", "seconds", "error", "issues", "repairs", "quarantined", "notes",
    "attempts",
)  # fmt: skip


async def _run_async(client: extract.AsyncClient, **options: Any) -> Any:
    async with client:
        return await client.run(Invoice, DOCUMENT, **options)


async def _stream_async(client: extract.AsyncClient, **options: Any) -> Any:
    async with client, client.stream(Invoice, DOCUMENT, **options) as stream:
        async for _ in stream:
            pass
    return stream.extraction


def _ask(way: str, server: StandIn, **options: Any) -> Any:
    keys = {"base_url": server.base_url, "api_key": server.api_key}
    if way == "run_async":
        return asyncio.run(_run_async(extract.AsyncClient(**keys), **options))
    if way == "stream_async":
        return asyncio.run(_stream_async(extract.AsyncClient(**keys), **options))
    with extract.Client(**keys) as client:
        if way == "run":
            return client.run(Invoice, DOCUMENT, **options)
        with client.stream(Invoice, DOCUMENT, **options) as stream:
            for _ in stream:
                pass
        return stream.extraction


@pytest.mark.parametrize("way", ["run", "run_async", "stream", "stream_async"])
@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "huge"])
def test_every_fault_leaves_a_record(server: StandIn, kind: str, way: str) -> None:
    """Through real HTTP: what struck is on record, whichever way was asked."""
    options: dict[str, Any] = {
        "policy": extract.Policy(retries=0, reasks=0, continues=0),
        "timeout": 0.3 if kind in ("hang", "timeout", "stall") else 10,
        "extra_headers": {"X-StandIn-Fault": kind, "X-Tenant": HEADER},
    }
    outcome: Any
    try:
        outcome = _ask(way, server, **options)
    except ExtractError as error:
        outcome = error
    told = must_be_a_record(outcome, server.api_key)
    assert told["ok"] is isinstance(outcome, extract.Extraction)
    assert told["attempts"]
    if not told["ok"]:
        assert told["error"]["type"] == type(outcome).__name__
        assert told["attempts"][-1]["error"] is not None


BAD = Reply(text='{"number": "A-17", "total": "many"}', usage=Usage(1, 1))
FAILURES: dict[type[ExtractError], tuple[list[Any], dict[str, Any]]] = {
    Exhausted: ([BAD, BAD, BAD], {}),
    BudgetExceeded: ([BAD], {"policy": extract.Policy(attempts=1)}),
    Refused: ([Reply(text="", refusal="no")], {}),
    Filtered: ([Reply(text='{"nu', finish="content_filter")], {}),
    Truncated: ([Reply(text='{"nu', finish="length")], {"policy": extract.Policy(continues=0)}),
    Unauthorized: ([Unauthorized("no such key")], {}),
    ModelRetired: ([ModelRetired("gone")], {}),
}


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error.__name__)
def test_every_failure_leaves_a_record(run: Any, error: type[ExtractError]) -> None:
    """Class by class; the attempts tell what each reply was wrong about."""
    script, options = FAILURES[error]
    with pytest.raises(error) as caught:
        run(ScriptedEngine(script), Invoice, DOCUMENT, **options)
    told = must_be_a_record(caught.value)
    assert told["ok"] is False
    assert told["value"] is None
    assert told["error"]["type"] == error.__name__


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("x", advice="y"),
        SchemaError("x", path=("a", 0)),
        DocumentError("x", source="y"),
        RateLimited("x"),
        ValidationError.of([Issue(("a", "b c", 0), "wrong")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_before_any_request_has_a_record_too(error: ExtractError) -> None:
    """No attempts, no cost, no model."""
    told = must_be_a_record(error)
    assert (told["attempts"], told["cost"], told["usage"]["input_tokens"]) == ([], "0", 0)


def test_a_record_holds_only_plain_values(run: Any) -> None:
    """What JSON does not know (NaN, decimals, dates in repairs) is told as text."""

    class Measured(BaseModel):
        number: str
        total: float
        amount: Decimal

    schema = extract.Schema.of(Measured, dialect="json-schema-2020-12")
    text = '{"number": "A-17", "total": NaN, "amount": "12,5 %"}'
    outcome: Any
    for script in ([text], [text.replace("NaN", "1e999")], ['{"number": "A-17", "total": "Infinity", "amount": "1"}']):
        try:
            outcome = run(ScriptedEngine(script), schema, DOCUMENT, policy=extract.Policy(reasks=0))
        except ExtractError as error:
            outcome = error
        must_be_a_record(outcome)


def test_quarantined_items_repairs_and_long_ways_are_on_record(run: Any) -> None:
    """Mends, continuations, corrections: the attempts say why each was made."""
    rows = [{"number": f"A-{i}", "total": i} for i in range(4)]
    bad = [*rows[:3], {"number": "A-3", "total": "many"}]
    text = json.dumps({"value": rows})
    script = [Reply(text=text[: text.index("A-3")], finish="length"), {"value": bad[2:]}]
    extraction = run(ScriptedEngine(script), list[Invoice], DOCUMENT, policy=extract.Policy(bad_items="return"))
    told = must_be_a_record(extraction)
    assert [attempt["kind"] for attempt in told["attempts"]] == ["ask", "continue"]
    assert [q["path"] for q in told["quarantined"]] == ["$.value[3]"]
    assert "continued" in [repair["kind"] for repair in told["repairs"]]
