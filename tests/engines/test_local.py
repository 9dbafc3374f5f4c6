"""The embedded model: a request rewritten for it, turns, its server's life; the slow ones run a real model."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, create_model

import extract
from extract.engines import MODELS, LocalEngine, choose
from extract.engines import _llama_process as process_of
from extract.engines._llama_turn import Turn
from extract.engines._local_candidates import narrowed, order_of
from extract.engines._local_request import MAX_TOKENS, adapted, outline
from extract.engines._local_spelling import AMOUNT, ISO, WRITTEN, written
from extract.engines._local_texts import Things
from extract.engines._weights import DEFAULT, is_whole, path_of
from extract.typing import Message, Parameters, Reply, Request, WireFormat

ROOT = Path(__file__).resolve().parents[2]
MODEL = MODELS[DEFAULT]
SPELLINGS = json.loads((ROOT / "tests" / "cases" / "local_spelling.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")


class Invoice(BaseModel):
    number: str
    total: float


class Payment(BaseModel):
    day: date | None
    amount: float
    format: str


class Price(BaseModel):
    gross: float
    net: Decimal
    tip: float | None


SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "issued": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "required": ["number", "issued", "lines"],
    "additionalProperties": False,
    "$defs": {
        "Line": {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "next": {"$ref": "#/$defs/Line"}}}
    },
}


def a_request(**parameters: Any) -> Request:
    return Request(
        model="m",
        messages=(Message("system", "Extract."), Message("user", "Invoice A-17")),
        format=WireFormat("Invoice", SCHEMA, json.dumps(SCHEMA).encode()),
        parameters=Parameters(**parameters),
    )


def test_every_request_is_greedy_seeded_and_limited() -> None:
    """The same document gives the same answer, and a model in a loop comes to an end."""
    ready = adapted(a_request(), None).parameters
    assert (ready.temperature, ready.seed, ready.max_output_tokens) == (0.0, 0, MAX_TOKENS)


def test_what_the_caller_says_wins() -> None:
    """Defaults fill gaps only; what such a model has no use for is left out."""
    ready = adapted(a_request(temperature=0.7, seed=4, max_output_tokens=9, reasoning_effort="low"), None).parameters
    assert (ready.temperature, ready.seed, ready.max_output_tokens, ready.reasoning_effort) == (0.7, 4, 9, None)
    assert adapted(a_request(top_p=0.5), None).parameters.temperature is None


def test_a_grammar_of_the_callers_own_takes_the_schemas_place() -> None:
    """Two constraints at once are refused by the server."""
    ready = adapted(a_request(extra_body={"grammar": 'root ::= "a"'}), None)
    assert ready.format is None
    assert ready.parameters.extra_body == {"grammar": 'root ::= "a"'}


def test_an_outline_is_short_and_ends_for_recursive_schemas() -> None:
    """Names and kinds as people jot them down."""
    shown = outline(SCHEMA)
    assert shown.startswith("{number: string, issued: date|null, lines: [{kind: a|b, next: {")
    assert shown.endswith("}")
    assert len(shown) < 300


def test_turns_are_taken_in_order_by_threads() -> None:
    """First come, first served; nobody is in at the same time."""
    turn, order, inside = Turn(), [], []

    def take(number: int) -> None:
        with turn.taken(5):
            inside.append(number)
            order.append((number, len(inside)))
            time.sleep(0.01)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool, turn.taken():
        for number in range(8):
            pool.submit(take, number)
            time.sleep(0.01)
        assert order == []
    assert order == [(number, 1) for number in range(8)]


def test_a_turn_that_does_not_come_in_time_is_given_up() -> None:
    """Whoever gave up is passed over, in threads and in event loops; the others still get their turn."""
    turn = Turn()
    taken: list[str] = []

    async def waits(limit: float | None) -> None:
        async with turn.taken_async(limit):
            taken.append("async")

    def waits_in_a_thread() -> None:
        with turn.taken(0.01):
            taken.append("thread")

    async def main() -> None:
        with turn.taken():
            with ThreadPoolExecutor(1) as pool, pytest.raises(TimeoutError):
                pool.submit(waits_in_a_thread).result()
            with pytest.raises(TimeoutError):
                await waits(0.01)
            cancelled = asyncio.create_task(waits(None))
            patient = asyncio.create_task(waits(None))
            await asyncio.sleep(0.01)
            cancelled.cancel()
            await asyncio.sleep(0)
        await asyncio.wait_for(patient, 60)

    asyncio.run(main())
    assert taken == ["async"]
    with turn.taken(1):
        pass


def test_whoever_holds_the_turn_does_not_wait_for_himself() -> None:
    """A stream left open, and another request after it: an error at once, in threads and in tasks; others may wait."""
    turn = Turn()

    async def main() -> None:
        async with turn.taken_async():
            with pytest.raises(extract.ConfigError, match="not closed"):
                async with turn.taken_async():
                    pass
            patient = asyncio.create_task(other())
            await asyncio.sleep(0)
        await asyncio.wait_for(patient, 60)

    async def other() -> None:
        async with turn.taken_async():
            pass

    asyncio.run(main())
    with turn.taken(), pytest.raises(extract.ConfigError, match="not closed"), turn.taken():
        pass
    with turn.taken(1):
        pass


def test_missing_weights_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No surprise download: one error that names the command."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    monkeypatch.setenv("EXTRACT_CACHE", str(tmp_path))
    monkeypatch.delenv("EXTRACT_PULL", raising=False)
    with pytest.raises(extract.ConfigError, match="not on this machine") as caught:
        extract.Client(engine="local")
    assert "extract model pull" in caught.value.advice


def test_a_missing_extra_says_how_to_get_it(tmp_path: Path) -> None:
    """Where the server's package is not installed, the error is the command that installs it."""
    code = (
        "import importlib.machinery as m\n"
        "find = m.PathFinder.find_spec\n"
        "hidden = lambda name, *rest: None if name == 'xllamacpp' else find(name, *rest)\n"
        "m.PathFinder.find_spec = hidden\n"
        "import extract\n"
        "try: extract.Client(engine='local')\n"
        "except extract.ConfigError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert "pip install 'typed-extract[local]'" in done.stdout


def test_a_file_that_is_no_model_fails_with_the_servers_own_words(tmp_path: Path) -> None:
    """Only the child can tell; its last lines come with the error."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    engine = choose(f"local:{path}")
    with pytest.raises(extract.ConfigError, match="did not start") as caught:
        engine.send(Request(model="", messages=(Message("user", "x"),)))  # type: ignore[union-attr]
    assert caught.value.advice


@pytest.fixture(scope="module")
def engine() -> Any:
    """An engine over the default model, where it has been pulled."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    if not is_whole(MODEL):
        pytest.skip(f"no weights here: extract model pull {MODEL.name}")
    with LocalEngine(MODEL.name) as made:
        yield made


def ask(text: str = "Invoice A-17, total 12.50", **parameters: Any) -> Request:
    wire = extract.Schema.of(Invoice, dialect="llama-grammar").format
    messages = (Message("system", "Extract the fields."), Message("user", text))
    parameters = {"max_output_tokens": 80, **parameters}
    return Request(model="", messages=messages, format=wire, parameters=Parameters(**parameters))


def children() -> list[process_of.Running]:
    return [shared._running for shared in process_of._SHARED.values() if shared._running is not None]


@pytest.mark.slow
def test_answers_obey_the_schema_and_repeat_themselves(engine: LocalEngine) -> None:
    """Constrained and greedy: twice the same, both of the declared type, with usage and the model's name."""
    first, second = engine.send(ask()), engine.send(ask())
    assert Invoice.model_validate_json(first.text)
    assert first.text == second.text
    assert first.usage is not None
    assert first.usage.output_tokens > 0
    assert first.finish == "stop"


@pytest.mark.slow
def test_streams_give_pieces_and_then_the_reply(engine: LocalEngine) -> None:
    """The pieces joined are the reply's text; the same through both drivers."""

    async def collect() -> list[Any]:
        return [piece async for piece in engine.stream_async(ask())]

    for pieces in (list(engine.stream(ask())), asyncio.run(collect())):
        *texts, reply = pieces
        assert isinstance(reply, Reply)
        assert "".join(texts) == reply.text
        assert Invoice.model_validate_json(reply.text)


@pytest.mark.slow
def test_threads_and_tasks_wait_their_turn(engine: LocalEngine) -> None:
    """Several at once are answered one after another."""

    async def both() -> list[Reply]:
        return await asyncio.gather(*(engine.send_async(ask(f"Invoice B-{n}, total 3")) for n in range(2)))

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda n: engine.send(ask(f"Invoice A-{n}, total 2")), range(2)))
    assert all(Invoice.model_validate_json(reply.text) for reply in [*replies, *asyncio.run(both())])


@pytest.mark.slow
def test_no_proxy_stands_between(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is a process of ours: a proxy for everything else is not asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with LocalEngine(MODEL.name) as other:
        assert other.send(ask()).text


@pytest.mark.slow
def test_an_answer_that_runs_into_its_limit_says_so(engine: LocalEngine) -> None:
    """A cut answer is a reply with finish ``length``."""
    assert engine.send(ask(max_output_tokens=3)).finish == "length"


@pytest.mark.slow
def test_a_time_limit_is_kept_and_the_model_is_free_again(engine: LocalEngine) -> None:
    """Whoever gives up does not block the next."""
    with pytest.raises(extract.TimedOut):
        engine.send(ask("word " * 600, timeout=0.3))
    assert engine.send(ask()).text


@pytest.mark.slow
def test_a_document_that_does_not_fit_is_refused_with_advice(engine: LocalEngine) -> None:
    """Longer than the context: one error, not retried."""
    with pytest.raises(extract.RequestRejected, match="do not fit") as caught:
        engine.send(ask("word " * 20_000))
    assert not caught.value.retryable
    assert "context_tokens" in caught.value.advice


@pytest.mark.slow
def test_a_crash_is_retryable_and_the_server_comes_back(engine: LocalEngine) -> None:
    """The child dies in the middle of an answer; the request fails, the next one is answered."""
    engine.send(ask())
    (running,) = children()
    long = Request(model="", messages=(Message("user", "Tell a long story about a lighthouse."),))
    threading.Timer(1, running.process.kill).start()
    with pytest.raises(extract.ConnectionFailed, match="ended") as caught:
        engine.send(long)
    assert caught.value.retryable
    assert engine.send(ask()).text


@pytest.mark.slow
def test_one_server_serves_all_and_ends_with_the_last(engine: LocalEngine) -> None:
    """Engines of one model share a process; it ends when the last of them leaves, and not before."""
    engine.send(ask())
    (running,) = children()
    with LocalEngine(MODEL.name) as other:
        other.send(ask())
        assert children() == [running]
    assert running.died() is None
    engine.close()
    assert running.died(wait=10) is not None
    assert children() == []
    assert engine.send(ask()).text


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_server_does_not_outlive_a_parent_that_is_killed(engine: LocalEngine) -> None:
    """No farewell was possible: the closed leash alone ends it."""
    code = (
        "import os, sys, extract\n"
        "from extract.engines import LocalEngine, _llama_process as p\n"
        f"engine = LocalEngine({MODEL.name!r})\n"
        "shared = engine._host(extract.Request(model='', messages=())).shared\n"
        "print(shared.running().process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )
    pid = int(done.stdout)
    for _ in range(100):
        if not _alive(pid):
            break
        time.sleep(0.1)
    assert not _alive(pid)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_at_the_terminal_is_the_parents_business(engine: LocalEngine) -> None:
    """Ctrl-C reaches the whole group; a program that goes on after it still has its server."""
    code = (
        "import os, signal, extract\n"
        "from extract.engines import LocalEngine\n"
        f"engine = LocalEngine({MODEL.name!r})\n"
        "shared = engine._host(extract.Request(model='', messages=())).shared\n"
        "first = shared.running()\n"
        "try: os.killpg(0, signal.SIGINT); signal.pause()\n"
        "except KeyboardInterrupt: pass\n"
        "print(first.died(wait=2), shared.running() is first)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=120, start_new_session=True
    )
    assert done.stdout.strip() == "None True"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_starts_its_own_server(engine: LocalEngine) -> None:
    """Even while the parent's server answers; the parent's goes on."""
    engine.send(ask())
    (running,) = children()
    long = replace(ask("Tell a long story."), format=None, parameters=Parameters(max_output_tokens=60))
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(engine.send, long)
        time.sleep(0.5)
        child = os.fork()
        if not child:
            os._exit(0 if Invoice.model_validate_json(engine.send(ask()).text) else 1)
        assert answering.result(120).text
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert running.died() is None
    assert engine.send(ask()).text


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # A zombie nobody collects is dead enough.
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


@pytest.mark.slow
def test_keys_and_documents_stay_out_of_sight(engine: LocalEngine) -> None:
    """Neither the repr of a server nor the process list shows the key."""
    engine.send(ask())
    (running,) = children()
    assert running.key not in repr(running)
    arguments = Path(f"/proc/{running.process.pid}/cmdline")
    if arguments.exists():
        assert running.key not in arguments.read_text()


@pytest.mark.slow
def test_the_main_job_runs_on_it(engine: LocalEngine, run: Any) -> None:
    """Client and AsyncClient alike return a typed object from a real model."""
    extraction = run(LocalEngine(MODEL.name), Invoice, "Invoice A-17, total 12.50 EUR")
    assert isinstance(extraction.value, Invoice)
    assert extraction.attempts


def test_weights_lie_where_the_cache_is() -> None:
    """The table's names are the files' names."""
    assert path_of(MODELS[DEFAULT]).name == f"{DEFAULT}.gguf"


def test_dates_travel_as_patterns_and_nothing_else_is_changed() -> None:
    """The server's own rule for a time demands a zone; a field that happens to be named ``format`` is left alone."""
    wire = extract.Schema.of(Payment, dialect="llama-grammar").format
    ready = adapted(replace(a_request(), format=wire), None).format
    assert ready is not None
    assert ready.schema["properties"] == {
        "day": {"anyOf": [{"type": "string", "pattern": f"^{ISO['date']}$"}, {"type": "null"}]},
        "amount": {"type": "number"},
        "format": {"type": "string"},
    }
    assert json.loads(ready.encoded) == ready.schema


@pytest.mark.parametrize(
    ("text", "commas"),
    [
        ("Netto 1.234,56 EUR", True),
        ("1 234,50", True),
        ("Summe 9,35", True),
        ("15387,08", True),
        ("Total 1,234.56", False),
        ("62,000 to 78,000", False),
        ("12,34,567", False),
        ("2, 3 or 4", False),
    ],
)
def test_amounts_are_copied_from_documents_with_decimal_commas(text: str, *, commas: bool) -> None:
    """There a number, optional or a Decimal, is text as it stands; everywhere else it stays a number."""
    wire = extract.Schema.of(Price, dialect="llama-grammar").format
    asked = replace(a_request(), format=wire, messages=(Message("user", text),))
    ready = adapted(asked, MODEL).format
    assert ready is not None
    kinds = [part["type"] for part in ready.schema["properties"].values() if "type" in part]
    assert kinds == (["string", "string"] if commas else ["number", "string"])
    assert (ready.schema["properties"]["net"].get("pattern") == f"^{AMOUNT['number']}$") == commas
    assert adapted(asked, MODELS["qwen2.5-coder-1.5b"]).format == wire


@pytest.mark.parametrize("text", ["1.234,56", "1 234,56", "1234,56"])
def test_copied_amounts_are_read(text: str) -> None:
    """Whatever the pattern lets through for 1234.56 is that number, also as a Decimal."""
    assert re.fullmatch(AMOUNT["number"], text)
    value = extract.Schema.of(Price, dialect="llama-grammar").check({"gross": text, "net": text, "tip": None}).value
    assert (value.gross, value.net) == (1234.56, Decimal("1234.56"))


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: f"{row['form']} {row['iso']}")
def test_what_a_small_model_may_copy_is_what_the_check_reads(row: dict[str, Any]) -> None:
    """Every way documents write it passes the pattern, and comes out as the same moment."""
    kind = {"date": date, "time": clock, "date-time": datetime}[row["form"]]
    schema = extract.Schema.of(create_model("Moment", when=(kind, ...)), dialect="llama-grammar")
    pattern = re.compile(WRITTEN[row["form"]])
    for text in row["texts"]:
        assert pattern.fullmatch(text), text
        assert schema.check({"when": text}).value.when.isoformat() == row["iso"], text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("form", "text"),
    [("date", "2025-10-14 08:05 (fasting)"), ("time", "07:48 Uhr Kasse 2"), ("time", "30"), ("date", "in two weeks")],
)
def test_a_date_ends_where_it_ends(form: str, text: str) -> None:
    """What stands behind it in the document cannot be glued to it."""
    assert not re.fullmatch(WRITTEN[form], text)


def test_days_are_written_in_bare_figures_only_where_the_document_does() -> None:
    """A small model otherwise turns 2026-07-10 into 10/07/2026, which may mean two days."""
    assert re.fullmatch(written("Date: 18/07/2025")["date"], "18/07/2025")
    named = written("Pick-up: 2026-07-10 10:00, or 12 July 2026")
    assert not re.fullmatch(named["date"], "10/07/2026")
    assert not re.fullmatch(named["date-time"], "10/07/2026 10:00")
    assert all(re.fullmatch(named["date"], text) for text in ("2026-07-10", "12 July 2026"))


def test_amounts_are_written_with_their_sign_where_the_document_does() -> None:
    """Where the sign may not be written, a small model says that there is no amount."""
    pattern = written("Tickets are £12.50, the sofa costs $1,284.00")["decimal"]
    schema = extract.Schema.of(create_model("Cost", cost=(Decimal, ...)), dialect="llama-grammar")
    for text, amount in (("£12.50", "12.50"), ("$1,284.00", "1284.00"), ("70", "70")):
        assert re.fullmatch(pattern, text)
        assert schema.check({"cost": text}).value.cost == Decimal(amount)  # type: ignore[attr-defined]
    assert "decimal" not in written("Tickets are 12.50 GBP")


CANDIDATES = json.loads((ROOT / "tests" / "cases" / "local_candidates.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", CANDIDATES, ids=lambda row: row["why"])
def test_dates_and_times_are_held_to_those_of_the_document(row: dict[str, Any]) -> None:
    """What stands there may be written and is read as that moment; what does not, may not."""
    kind = {"date": date, "time": clock, "date-time": datetime}[row["form"]]
    schema = extract.Schema.of(create_model("Moment", when=(kind, ...)), dialect="llama-grammar")
    base = written(row["document"])
    pattern = narrowed(row["document"], base, order_of(row.get("told", "")))[row["form"]]
    assert (pattern == base[row["form"]]) is row.get("open", False)
    for text, iso in row["may"].items():
        assert re.fullmatch(pattern, text), text
        assert schema.check({"when": text}).value.when.isoformat() == iso, text  # type: ignore[attr-defined]
    assert [text for text in row["not"] if re.fullmatch(pattern, text)] == []


def test_a_field_whose_description_tells_the_order_is_held_to_it() -> None:
    """Also where the field may be null, and the description stands around both branches."""
    kind = create_model("Card", born=(date | None, Field(description="Birthday, MM/DD/YYYY")), made=(date, ...))
    schema = extract.Schema.of(kind, dialect="llama-grammar").wire
    asked = replace(
        a_request(),
        messages=(Message("user", "04/05/1979, 06/07/2026"),),
        format=WireFormat("Card", schema, b"{}", strict=True),
    )
    ready = adapted(asked, MODELS[DEFAULT])
    assert ready.format is not None
    properties = ready.format.schema["properties"]
    assert "1979-04-05" in json.dumps(properties["born"])
    assert "1979-05-04" not in json.dumps(properties["born"])
    assert "1979-05-04" in json.dumps(properties["made"])


TEXTS = json.loads((ROOT / "tests" / "cases" / "local_texts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row["why"])
def test_names_and_addresses_are_held_to_those_of_the_document(row: dict[str, Any]) -> None:
    """By the kind of thing a field's name or description asks for; fields that ask for no such thing stay open."""
    told = {"description": row["told"]} if "told" in row else {}
    may_be_null = {"anyOf": [{"type": "string"}, {"type": "null"}], **told}
    asked = {"type": "object", "properties": {row["name"]: may_be_null}, "required": [row["name"]]}
    ready = adapted(
        replace(
            a_request(), messages=(Message("user", row["document"]),), format=WireFormat("T", asked, b"{}", strict=True)
        ),
        MODELS[DEFAULT],
    )
    assert ready.format is not None
    text, null = ready.format.schema["properties"][row["name"]]["anyOf"]
    assert null == {"type": "null"}
    if row.get("none") or row.get("open"):
        assert text == {"type": "null" if row.get("none") else "string"}
        return
    assert [each for each in row["may"] if not re.fullmatch(text["pattern"], each)] == []
    assert [each for each in row["not"] if re.fullmatch(text["pattern"], each)] == []


def test_no_pattern_escapes_a_solidus() -> None:
    """The server drops a pattern that does, without a word."""
    assert "\\/" not in str(Things("A/S, https://nights.example/tickets").pattern("name"))


LABELLED = [
    ("Issued   3 May 2026\nPayment due   2 June 2026", {"issue_date": "3 May 2026", "due_date": "2 June 2026"}),
    ("Date 2026-02-02\nPayable by 2026-02-16", {"issue_date": "2026-02-02"}),
    ("| Date | 2026-02-02 |\n| Due | 2026-02-16 |", {"issue_date": "2026-02-02"}),
    ("Due 2026-02-02", {"issue_date": "2026-02-02", "due_date": "2026-02-02"}),
    ("Due 2026-02-02\nSent 2026-02-02, paid 2026-02-03", {"issue_date": "2026-02-02"}),
]


@pytest.mark.parametrize(("document", "kept"), LABELLED)
def test_a_date_behind_the_words_of_another_field_is_not_offered(document: str, kept: dict[str, str]) -> None:
    """Unless it stands elsewhere too, or no other would be left."""
    asked = create_model(
        "Paper", issue_date=(date, ...), due_date=(date | None, Field(None, description="Last day to pay"))
    )
    schema = extract.Schema.of(asked, dialect="llama-grammar").wire
    request = replace(
        a_request(), messages=(Message("user", document),), format=WireFormat("P", schema, b"{}", strict=True)
    )
    ready = adapted(request, MODELS[DEFAULT])
    assert ready.format is not None
    for name, text in kept.items():
        place = ready.format.schema["properties"][name]
        assert re.fullmatch(place["anyOf"][0]["pattern"] if "anyOf" in place else place["pattern"], text)
    issued = ready.format.schema["properties"]["issue_date"]["pattern"]
    due = kept.get("due_date", "2026-02-16")
    assert due in kept["issue_date"] or not re.fullmatch(issued, due)


def test_a_long_document_is_searched_once_in_linear_time() -> None:
    """Figures, dots and words that nearly make dates do not make the search go back."""
    document = "1 a 2 de 3.4. 5/ may " * 20_000
    assert narrowed(document, WRITTEN)["date"] == WRITTEN["date"]
    things = Things(document)
    assert all(
        things.pattern(kind) is None or len(str(things.pattern(kind))) < 100_000 for kind in ("name", "town", "phone")
    )


def test_a_larger_model_is_shown_an_outline() -> None:
    """The line stands at the end of the system message; the smaller one does better without."""
    shown = adapted(a_request(), MODELS["qwen2.5-coder-1.5b"]).messages
    assert shown[0].content.startswith("Extract.\nAnswer in JSON: {number")
    assert adapted(a_request(), MODELS[DEFAULT]).messages == a_request().messages


@pytest.mark.slow
def test_everyday_documents_come_out_right(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the fields of twelve everyday documents, asked once, nine in ten are right; other CPUs round otherwise."""
    monkeypatch.syspath_prepend(str(ROOT))
    bench = importlib.import_module("bench.questions.local_quality")
    assert bench.measure(LocalEngine(MODEL.name)) >= 0.87
