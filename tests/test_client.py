"""The front door: what users say, what they get, and what happens when something is wrong. Both drivers."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from numbers import Integral
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field, ValidationInfo, field_validator

import extract
import extract.client
from extract.checks import ordered
from extract.exchange import record
from extract.testing import ScriptedEngine

SECRET = "sk-very-secret-0123456789"


class Kind(Enum):
    GOODS = "goods"
    SERVICES = "services"


class Line(BaseModel):
    name: str
    amount: Decimal = Field(ge=0)


class Invoice(BaseModel):
    """An invoice."""

    number: str
    issued: date
    kind: Kind = Kind.GOODS
    currency: Literal["EUR", "USD"]
    lines: list[Line]
    note: str | None = None


GOOD = {
    "number": "A-17",
    "issued": "2026-03-01",
    "kind": None,
    "currency": "EUR",
    "lines": [{"name": "tea", "amount": "12.5"}],
    "note": None,
}


def test_a_declared_type_comes_back_typed(run: Any) -> None:
    """Nested models, dates, decimals, enums and a default taken, which is on record."""
    extraction = run(ScriptedEngine([GOOD]), Invoice, "Invoice A-17 of 1 March 2026: tea 12.50 EUR")
    value = extraction.value
    assert (value.number, value.issued, value.kind) == ("A-17", date(2026, 3, 1), Kind.GOODS)
    assert value.lines == [Line(name="tea", amount=Decimal("12.5"))]
    assert [(r.kind, r.path) for r in extraction.repairs] == [("default-taken", ("kind",))]


@pytest.mark.parametrize(
    ("declared", "wire", "value"),
    [
        (list[int], None, [1, 2, 3]),
        (Literal["a", "b"], None, "b"),
        (dict[str, date], None, {"x": date(2026, 1, 2)}),
        (Invoice | None, None, None),
        (tuple[int, str], None, (1, "x")),
    ],
    ids=str,
)
def test_any_type_can_be_asked_for(run: Any, declared: Any, wire: Any, value: Any) -> None:
    """The root need not be a model: the wire form is made to fit and undone."""
    wire = extract.Schema.of(declared).encode(value)
    assert run(ScriptedEngine([wire]), declared, "text").value == value


def test_what_is_said_per_call_wins(run: Any) -> None:
    """Model, parameters, instructions, examples and context reach the request and the validators."""

    class Code(BaseModel):
        code: str

        @field_validator("code")
        @classmethod
        def known(cls, value: str, info: ValidationInfo) -> str:
            if value not in info.context["codes"]:
                message = "is not one of our codes"
                raise ValueError(message)
            return value

    engine = ScriptedEngine([{"code": "zz"}, {"code": "ab"}, {"code": "ab"}])
    extraction = run(
        engine,
        Code,
        "the code is ab",
        model="gpt-5.5",
        temperature=0.2,
        max_output_tokens=50,
        reasoning_effort="none",
        extra_headers={"X-Tenant": "7"},
        extra_body={"metadata": {"a": "b"}},
        instructions="Codes have two letters.",
        examples=[("the code is xy", Code.model_construct(code="xy"))],
        context={"codes": {"ab"}},
    )
    assert extraction.value.code == "ab"
    first = engine.requests[0]
    assert first.model == "gpt-5.5"
    assert (first.parameters.temperature, first.parameters.max_output_tokens) == (0.2, 50)
    assert first.parameters.extra_headers == {"X-Tenant": "7"}
    assert "Codes have two letters." in first.messages[0].content
    assert [m.role for m in first.messages] == ["system", "user", "assistant", "user"]
    assert json.loads(first.messages[2].content) == {"code": "xy"}
    assert "is not one of our codes" in engine.requests[1].messages[-1].content


def test_repairs_of_the_text_are_on_record(run: Any) -> None:
    """A fenced, slightly broken reply costs no reask and says what was mended."""
    text = "Here you are:\n```json\n" + json.dumps(GOOD)[:-1] + ",}\n```"
    extraction = run(ScriptedEngine([text]), Invoice, "text")
    assert extraction.value.number == "A-17"
    assert len(extraction.attempts) == 1
    assert len([r for r in extraction.repairs if r.kind != "default-taken"]) >= 2


def test_success_and_failure_leave_the_same_record(run: Any) -> None:
    """Both are described by the record schema; prompts stay out unless asked for."""
    from pathlib import Path

    schema = json.loads((Path(extract.__file__).parent / "schemas" / "records" / "extraction.json").read_text())
    done = run(ScriptedEngine(["nonsense", GOOD]), Invoice, "a private document")
    with pytest.raises(extract.Exhausted) as caught:
        run(ScriptedEngine(["nonsense"] * 3), Invoice, "a private document")
    for outcome in (done, caught.value):
        told = json.loads(json.dumps(record(outcome)))
        jsonschema.validate(told, schema)
        assert "a private document" not in json.dumps(told)
        assert "a private document" in json.dumps(record(outcome, documents=True))
        assert len(told["attempts"]) == len(outcome.attempts)
    assert done.to_dict()["usage"]["output_tokens"] > 0
    assert caught.value.to_dict() == record(caught.value)


def test_documents_and_keys_stay_private(caplog: pytest.LogCaptureFixture) -> None:
    """Neither shows in a repr, an error or a log."""
    caplog.set_level(logging.DEBUG)
    client = extract.Client(api_key=SECRET, base_url="http://127.0.0.1:9/v1", policy=extract.Policy(retries=0))
    with pytest.raises(extract.Exhausted) as caught:
        client.run(Invoice, "a private document", timeout=2)
    shown = [repr(client), repr(client.engine), str(caught.value), repr(caught.value), repr(caught.value.attempts)]
    assert isinstance(caught.value.last, extract.ConnectionFailed)
    for text in [*shown, str(caught.value.last), caplog.text]:
        assert SECRET not in text
        assert "a private document" not in text


def test_no_key_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """One clear error, before anything is asked."""
    for name in ("RUNAPI_API_KEY", "RUNAPI_BASE_URL", "HERMES_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(extract.Unauthorized, match="RUNAPI_API_KEY"):
        extract.Client()


def test_a_wrong_option_is_named() -> None:
    """A misspelt word is an error, not silence."""
    with pytest.raises(extract.ConfigError, match="temprature"):
        extract.Client(engine=ScriptedEngine([]), temprature=1)  # type: ignore[call-arg]
    with pytest.raises(extract.ConfigError, match="modle"):
        extract.Client(engine=ScriptedEngine([])).run(Invoice, "x", modle="m")  # type: ignore[call-arg]
    with pytest.raises(extract.ConfigError, match="no engine"):
        extract.Client(engine="remote")
    with pytest.raises(extract.ConfigError, match="not an engine"):
        extract.Client(engine=object())  # type: ignore[typeddict-item]


WRONG_OPTIONS = [
    ("policy", {"reasks": 1}, "found dict", "an extract.Policy"),
    ("policy", extract.Policy, "found the class Policy", "an extract.Policy"),
    ("checks", ["total"], "checks[0] is str", "a list of rules"),
    ("checks", [ordered("issued", "due"), lambda _: True], "checks[1] is function", "a list of rules"),
    ("checks", ordered("issued", "due"), "found Check", "a list of rules"),
    ("instructions", 5, "found 5", "text"),
    ("model", 5, "found 5", "text"),
    ("model", b"gpt-5.5", "found bytes", "text"),
    ("examples", [("a",)], "examples[0] is a tuple of 1", "pairs"),
    ("examples", [("a", 1, 2)], "examples[0] is a tuple of 3", "pairs"),
    ("examples", [("text", 1), "ab"], "examples[1] is str", "pairs"),
    ("examples", [(5, "a")], "examples[0][0] is int", "pairs"),
    ("examples", {"a": 1}, "found dict", "pairs"),
    ("examples", "ab", "found str", "pairs"),
    ("extra_body", [1], "found list", "a mapping"),
    ("extra_body", {1: 2}, "the key 1", "a mapping"),
    ("extra_headers", "a", "found str", "a mapping"),
    ("extra_headers", {"X-Tenant": 5}, "extra_headers['X-Tenant'] is int", "a mapping"),
    ("timeout", 0, "found 0", "above 0"),
    ("timeout", -1, "found -1", "above 0"),
    ("timeout", "5", "found '5'", "above 0"),
    ("timeout", math.nan, "found nan", "above 0"),
    ("timeout", math.inf, "found inf", "above 0"),
    ("timeout", True, "found True", "above 0"),
    ("temperature", "hot", "found 'hot'", "0 or more"),
    ("temperature", False, "found False", "0 or more"),
    ("top_p", math.nan, "found nan", "0 or more"),
    ("seed", 1.5, "found 1.5", "a whole number"),
    ("max_output_tokens", 0, "found 0", "1 or more"),
    ("max_output_tokens", "50", "found '50'", "1 or more"),
    ("reasoning_effort", 5, "found 5", "text"),
]


@pytest.mark.parametrize("per", ["client", "call"])
@pytest.mark.parametrize(
    ("name", "value", "found", "expected"), WRONG_OPTIONS, ids=[f"{w[0]}-{w[2]}" for w in WRONG_OPTIONS]
)
def test_an_option_of_the_wrong_kind_is_named(
    run: Any, per: str, name: str, value: Any, found: str, expected: str
) -> None:
    """Where it is said: which option, what was found, what was expected, how to write it; nothing is asked."""
    engine = ScriptedEngine([GOOD])
    with pytest.raises(extract.ConfigError) as caught:
        extract.Client(engine=engine, **{name: value}) if per == "client" else run(
            engine, Invoice, "text", **{name: value}
        )
    message = caught.value.message
    assert message.startswith(f"{name}: ")
    assert found in message
    assert expected in message.partition(", expected ")[2]
    assert f"{name}=" in caught.value.advice
    assert engine.requests == ()


class Four:
    """A whole number of another library."""

    def __int__(self) -> int:
        return 4


Integral.register(Four)

KEPT_OPTIONS: list[tuple[str, Callable[[], Any], Any]] = [
    ("temperature", lambda: Fraction(1, 2), 0.5),
    ("temperature", Four, 4),
    ("top_p", lambda: Decimal("0.9"), 0.9),
    ("timeout", lambda: Decimal(3), 3.0),
    ("seed", Four, 4),
    ("max_output_tokens", Four, 4),
]


@pytest.mark.parametrize("per", ["client", "call"])
@pytest.mark.parametrize(("name", "said", "kept"), KEPT_OPTIONS, ids=[f"{o[0]}-{o[2]}" for o in KEPT_OPTIONS])
def test_numbers_of_other_libraries_are_kept_as_pythons_own(per: str, name: str, said: Any, kept: Any) -> None:
    """So that they can be written as JSON."""
    engine = ScriptedEngine([GOOD])
    options = {name: said()}
    of_client, of_call = (options, {}) if per == "client" else ({}, options)
    extract.Client(engine=engine, **of_client).run(Invoice, "text", **of_call)  # type: ignore[typeddict-item]
    found = getattr(engine.requests[0].parameters, name)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize("per", ["client", "call"])
def test_what_can_be_gone_through_once_serves_every_call(per: str) -> None:
    """Generators and other iterables, wherever several may be said; nothing may be empty too."""
    engine = ScriptedEngine([GOOD] * 2)
    right = Invoice.model_validate({**GOOD, "kind": Kind.GOODS})
    options: Any = {"examples": (pair for pair in [("one", right)]), "checks": {}}
    of_client, of_call = (options, {}) if per == "client" else ({}, options)
    client = extract.Client(engine=engine, **of_client)
    for _ in range(2 if per == "client" else 1):
        client.run(Invoice, "text", **of_call)
    assert all(request.messages[1].content == "one" for request in engine.requests)
    assert extract.Policy(models=iter(["a", "b"])).models == ("a", "b")  # type: ignore[arg-type]
    assert extract.Policy(reasks=Four()).reasks == 4  # type: ignore[arg-type]


def test_an_example_may_be_the_json_that_an_answer_could_be(run: Any) -> None:
    """As it stands in a record."""
    wire = extract.Schema.of(Invoice).encode(Invoice.model_validate({**GOOD, "kind": Kind.GOODS}))
    engine = ScriptedEngine([GOOD])
    run(engine, Invoice, "text", examples=[("one", wire)])
    assert json.loads(engine.requests[0].messages[2].content) == wire


@pytest.mark.parametrize("name", sorted(extract.client.OPTIONS))
def test_none_is_an_option_that_was_not_said(run: Any, name: str) -> None:
    """For every option, so that what may be there or not can be handed through."""
    engine = ScriptedEngine([GOOD])
    assert run(engine, Invoice, "text", **{name: None}).value.number == "A-17"
    assert engine.requests[0].parameters == extract.typing.Parameters()


def test_headers_stay_out_of_what_is_said_about_them() -> None:
    """They may hold a key."""
    for headers in (SECRET, {"Authorization": SECRET.encode()}, [SECRET]):
        with pytest.raises(extract.ConfigError) as caught:
            extract.Client(engine=ScriptedEngine([]), extra_headers=headers)  # type: ignore[typeddict-item]
        assert SECRET not in str(caught.value)


WRONG_EXAMPLES = [
    ({"number": "A-17"}, "dict"),
    ("A-17", "str"),
    (None, "None"),
    (Line(name="tea", amount=Decimal(1)), "Line"),
]


@pytest.mark.parametrize(("value", "found"), WRONG_EXAMPLES, ids=[w[1] for w in WRONG_EXAMPLES])
def test_an_example_that_is_not_of_the_type_is_named(run: Any, value: Any, found: str) -> None:
    """Which one it is, what was found, and that an instance is meant."""
    right = Invoice.model_validate({**GOOD, "kind": Kind.GOODS})
    engine = ScriptedEngine([GOOD])
    with pytest.raises(extract.ConfigError) as caught:
        run(engine, Invoice, "text", examples=[("one", right), ("two", value)])
    assert f"examples[1]: {found} cannot be written as Invoice" in caught.value.message
    assert "Invoice" in caught.value.advice
    assert engine.requests == ()


@pytest.mark.parametrize("how", ["run", "stream", "stream_items"])
@pytest.mark.parametrize("document", [Invoice, list[Invoice], Invoice | None, extract.Schema.of(Invoice)], ids=str)
def test_swapped_arguments_are_told(how: str, document: Any) -> None:
    """The declared type comes first."""
    with pytest.raises(extract.ConfigError, match=rf"{how}\(declared, document\)|the declared type comes first"):
        getattr(extract.Client(engine=ScriptedEngine([])), how)("Invoice A-17", document)


@pytest.mark.parametrize("document", [None, 5, ["a"], {"a": 1}, Line(name="tea", amount=Decimal(1))], ids=str)
def test_what_is_no_document_is_told(run: Any, document: Any) -> None:
    """What was found, and what can be given."""
    with pytest.raises(extract.DocumentError, match=f"found {type(document).__name__}, expected") as caught:
        run(ScriptedEngine([]), Invoice, document)
    assert "str" in caught.value.advice


class OnlySync:
    def send(self, request: Any) -> Any: ...


class OnlyAsync:
    async def send_async(self, request: Any) -> Any: ...


WRONG_ENGINES = [
    (extract.Client, ScriptedEngine, "the class ScriptedEngine"),
    (extract.AsyncClient, ScriptedEngine, "the class ScriptedEngine"),
    (extract.Client, None, "None"),
    (extract.Client, OnlyAsync(), "AsyncClient"),
    (extract.AsyncClient, OnlySync(), "Client"),
]


@pytest.mark.parametrize(("kind", "engine", "told"), WRONG_ENGINES, ids=range(len(WRONG_ENGINES)))
def test_what_is_no_engine_for_this_client_is_told(kind: Any, engine: Any, told: str) -> None:
    """A class, nothing, or an engine of the other kind: when the client is made, with the way out."""
    with pytest.raises(extract.ConfigError) as caught:
        kind(engine=engine)
    assert told in str(caught.value)
    assert caught.value.advice


@pytest.mark.parametrize("name", ["api_key", "base_url", "provider"])
def test_keys_and_addresses_are_text(name: str) -> None:
    """And what was given instead is not repeated: it may be a key."""
    with pytest.raises(extract.ConfigError, match=f"{name}: found bytes, expected text") as caught:
        extract.Client(**{name: SECRET.encode()})
    assert SECRET not in str(caught.value)


def test_a_type_that_cannot_be_expressed_is_refused_before_any_call(run: Any) -> None:
    """The path and the way out are named, and the engine is not asked."""

    class Odd(BaseModel):
        fine: int
        hook: Callable[[int], int]

    engine = ScriptedEngine([])
    with pytest.raises(extract.SchemaError, match="hook"):
        run(engine, Odd, "text")
    assert engine.requests == ()


@pytest.mark.parametrize(
    "text",
    ["", " \n", "[" * 10_000, '{"a":' * 10_000, "x" * 10_000_000, "<html><body>502</body></html>", "\ud800", "null"],
    ids=["empty", "blank", "deep-list", "deep-object", "10MB", "html", "surrogate", "null"],
)
def test_hopeless_replies_end_in_one_typed_error(run: Any, text: str) -> None:
    """Whatever comes back, nothing else than our errors gets out, with the attempt on record."""
    with pytest.raises((extract.Exhausted, extract.Truncated)) as caught:
        run(ScriptedEngine([text]), Invoice, "text", policy=extract.Policy(reasks=0, continues=0))
    assert len(caught.value.attempts) == 1
    assert len(str(caught.value)) < 2_000


def test_an_empty_document_is_refused(run: Any, tmp_path: Any) -> None:
    """A file of zero bytes is the document's fault."""
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    with pytest.raises(extract.DocumentError, match="empty"):
        run(ScriptedEngine([]), Invoice, empty)
    with pytest.raises(extract.DocumentError, match=r"missing\.txt"):
        run(ScriptedEngine([]), Invoice, tmp_path / "missing.txt")


BLANK = [
    "",
    "  \n",
    "\u00a0\u2003",
    "\ufeff",
    "\u200b \x00",
    extract.Document(""),
    extract.Document(" \t\n"),
    b" \n",
]


@pytest.mark.parametrize("document", BLANK, ids=range(len(BLANK)))
@pytest.mark.parametrize("how", ["run", "extract", "stream", "stream_items"])
@pytest.mark.parametrize("kind", [extract.Client, extract.AsyncClient], ids=["sync", "async"])
def test_a_blank_document_is_refused_before_anything_is_asked(kind: Any, how: str, document: Any) -> None:
    """Where there is no text, whatever came back would be the model's invention; through every way in."""
    engine = ScriptedEngine([GOOD])
    client = kind(engine=engine)

    async def asked() -> Any:
        outcome = getattr(client, how)(Invoice, document)
        return await outcome if inspect.isawaitable(outcome) else outcome

    with pytest.raises(extract.DocumentError, match="holds no text") as caught:
        asyncio.run(asked())
    assert caught.value.advice
    assert engine.requests == ()


def test_declared_checks_ask_only_for_the_fields_they_name(run: Any) -> None:
    """A sum that does not add up is mended by its fields alone; the rule holds per type and per call."""
    from extract.checks import check, total

    @check(total("total", of="lines[].amount"))
    class Bill(BaseModel):
        number: str
        issued: date
        due: date
        seller: str
        lines: list[Line]
        total: Decimal

    wire = {
        "number": "7",
        "issued": "2026-03-01",
        "due": "2026-02-01",
        "seller": "Tea & Co",
        "lines": [{"name": "tea", "amount": "12.50"}, {"name": "milk", "amount": "2.50"}],
        "total": "16.00",
    }
    right = {"total": "15.00", "due": "2026-04-01", "issued": "2026-03-01"}

    def mend(request: Any) -> Any:
        asked = request.format.schema["properties"]
        amounts = {key: "12.50" if "0" in key else "2.50" for key in asked if "amount" in key}
        return {key: right.get(key, amounts.get(key)) for key in asked}

    engine = ScriptedEngine([wire, mend])
    extraction = run(engine, Bill, "text", checks=[ordered("issued", "due")])
    assert extraction.value.total == Decimal(15)
    assert extraction.value.due == date(2026, 4, 1)
    assert [a.kind for a in extraction.attempts] == ["ask", "mend"]
    assert {i.kind for i in extraction.attempts[0].issues} == {"check-total", "check-ordered"}
    assert "seller" not in json.dumps(engine.requests[1].format.schema["properties"])
