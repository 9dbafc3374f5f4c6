"""The command line, over real HTTP: what goes to which stream, what is kept when something fails, and exit codes."""

from __future__ import annotations

import ast
import http.server
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from extract.cli import main
from extract.cli._advice import _WORDS as OWN_WORDS
from extract.testing import Fault, StandIn

ROOT = Path(__file__).parents[1]
PYTHON = re.compile(r"\b(api_key|provider|timeout)=|(Policy|Limits|Client|Engine)\(|\.(reply|attempts|partial)\b")
TYPES = """
from pydantic import BaseModel, field_serializer

class Note(BaseModel):
    text: str

class Touchy(BaseModel):
    text: str

    @field_serializer("text")
    def explode(self, text):
        raise KeyError("a serializer's own mistake")

NUMBERS = list[int]
BOUND = 5
"""


class Ran(SimpleNamespace):
    """Exit code and both streams of one run of the command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def gateway() -> Iterator[StandIn]:
    """A stand-in that answers ``{"text": <the document>}``."""
    with StandIn(answer=lambda body: {"text": body["messages"][-1]["content"]}) as server:
        yield server


@pytest.fixture
def run(
    gateway: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run the command in a folder with three notes and some types."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(f"note {name}")
    (tmp_path / "types_here.py").write_text(TYPES)
    monkeypatch.delitem(sys.modules, "types_here", raising=False)  # an earlier test's, from another folder
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNAPI_API_KEY", gateway.api_key)
    monkeypatch.setenv("RUNAPI_BASE_URL", gateway.base_url)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")

    def command(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["extract", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(code=ended.value.code or 0, out=said.out, err=said.err)

    return command


def test_results_on_stdout_all_else_on_stderr(run: Callable[..., Ran]) -> None:
    """One JSON line a document on stdout; how it went, on stderr."""
    ran = run("run", "types_here.py:Note", "a.txt", "b.txt", "--concurrency", "1")
    assert ran.code == 0
    assert [(line["source"], line["value"]) for line in ran.lines] == [
        ("a.txt", {"text": "note a"}),
        ("b.txt", {"text": "note b"}),
    ]
    assert ran.lines[0]["complete"] is True
    assert ran.lines[0]["model"].startswith("gpt-5.4-mini")
    assert "2 done, 0 failed" in ran.err


def test_pretty_prints_python_objects(run: Callable[..., Ran]) -> None:
    """For people: the typed object itself."""
    ran = run("run", "types_here.py:Note", "a.txt", "--pretty")
    assert "Note(" in ran.out
    assert "text='note a'" in ran.out


def test_record_adds_the_whole_story(run: Callable[..., Ran]) -> None:
    """With --record each line holds the attempts, and never the key."""
    ran = run("run", "types_here.py:Note", "a.txt", "--record")
    [line] = ran.lines
    assert line["record"]["attempts"][0]["kind"] == "ask"
    assert os.environ["RUNAPI_API_KEY"] not in ran.out + ran.err


def test_the_third_of_five_fails_and_the_others_are_kept(run: Callable[..., Ran]) -> None:
    """A failure is a line on stderr with its reason and advice, and exit code 1; nothing done is lost."""
    Path("empty.txt").write_bytes(b"")
    ran = run("run", "types_here.py:Note", "a.txt", "empty.txt", "nowhere.txt", "b.txt", "c.txt")
    assert ran.code == 1
    assert sorted(line["source"] for line in ran.lines) == ["a.txt", "b.txt", "c.txt"]
    assert "empty.txt: DocumentError: is empty (zero bytes)" in ran.err
    assert "nowhere.txt: DocumentError: does not exist" in ran.err
    assert "3 done, 2 failed" in ran.err


def test_a_mistake_in_the_users_code_costs_one_document(run: Callable[..., Ran]) -> None:
    """An exception nobody foresaw is shown whole, and the run goes on."""
    ran = run("run", "types_here.py:Touchy", "a.txt", "b.txt")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("a serializer's own mistake") >= 2
    assert "0 done, 2 failed" in ran.err


def test_a_file_appears_whole(run: Callable[..., Ran]) -> None:
    """-o writes the lines to a file, and leaves nothing else behind."""
    Path("out.jsonl").write_text("old")
    ran = run("run", "types_here.py:Note", "a.txt", "nowhere.txt", "b.txt", "-o", "out.jsonl")
    assert (ran.code, ran.out) == (1, "")
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert sorted(line["source"] for line in lines) == ["a.txt", "b.txt"]
    assert list(Path().glob("*.part")) == []


def test_a_run_that_got_nothing_done_leaves_an_older_file(run: Callable[..., Ran]) -> None:
    """Results of an earlier run do not make way for nothing."""
    Path("out.jsonl").write_text("old")
    assert run("run", "types_here.py:Note", "nowhere.txt", "-o", "out.jsonl").code == 1
    assert Path("out.jsonl").read_text() == "old"
    assert list(Path().glob("*.part")) == []


def test_ctrl_c_keeps_what_was_done(run: Callable[..., Ran], gateway: StandIn) -> None:
    """Exit code 130, no traceback, and the file holds the documents that were done."""
    asked, over = threading.Event(), threading.Event()

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        if body["messages"][-1]["content"] != "note a":
            asked.set()
            over.wait(60)
        return {"text": "a"}

    gateway.answer = answer
    arguments = [sys.executable, "-m", "extract", "run", "types_here.py:Note", "a.txt", "b.txt", "-o", "out.jsonl"]
    arguments += ["--concurrency", "1"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a suite run in the background ignores it
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=env, preexec_fn=heard) as command:
        assert command.stderr is not None
        first = command.stderr.readline()
        assert asked.wait(60)
        command.send_signal(signal.SIGINT)
        rest = command.stderr.read()
    over.set()
    assert "1/2 a.txt" in first
    assert command.returncode == 130
    assert "interrupted: 1 done, 0 failed, 1 not done" in rest
    assert "Traceback" not in rest
    assert [json.loads(line)["source"] for line in Path("out.jsonl").read_text().splitlines()] == ["a.txt"]


def test_what_cannot_be_written_is_said_before_anything_is_asked(run: Callable[..., Ran], gateway: StandIn) -> None:
    """A missing folder, or a folder itself, is found out before money is spent, and named."""
    Path("inbox").mkdir()
    for place, said in (
        ("nowhere/out.jsonl", "there is no folder"),
        ("inbox", "is a folder"),
        ("a.txt/x", "no folder"),
    ):
        ran = run("run", "types_here.py:Note", "a.txt", "-o", place)
        assert (ran.code, said in ran.err) == (2, True)
    assert gateway.requests == ()


READ_HERE = [
    ("itself", ("types_here.py:Note", "a.txt"), "a.txt", "an INPUT"),
    ("another spelling", ("types_here.py:Note", "inbox/../a.txt"), "./a.txt", "an INPUT"),
    ("a link to it", ("types_here.py:Note", "a.txt"), "link.txt", "an INPUT"),
    ("a hard link to it", ("types_here.py:Note", "a.txt"), "hard.jsonl", "an INPUT"),
    ("an input that is a link", ("types_here.py:Note", "link.txt"), "a.txt", "an INPUT"),
    ("in a folder", ("types_here.py:Note", "b.txt", "inbox"), "inbox/x.md", "an INPUT"),
    ("in a pattern", ("types_here.py:Note", "*.txt"), "c.txt", "an INPUT"),
    ("the type's file", ("types_here.py:Note", "a.txt"), "types_here.py", "TYPE"),
    ("the type's module", ("types_here:Note", "a.txt"), "../{here}/types_here.py", "TYPE"),
    ("where a type is from", ("again.py:Note", "a.txt"), "types_here.py", "TYPE"),
    ("the file that passes it on", ("again.py:Note", "a.txt"), "again.py", "TYPE"),
    ("the schema", ("note.json", "a.txt"), "note.json", "TYPE"),
    ("the instructions", ("types_here.py:Note", "a.txt", "--instructions", "@b.txt"), "b.txt", "--instructions"),
]


@pytest.mark.parametrize("case", READ_HERE, ids=[each[0] for each in READ_HERE])
def test_what_is_read_is_not_written_over(run: Callable[..., Ran], gateway: StandIn, case: tuple[Any, ...]) -> None:
    """By whichever name: said before anything is asked, and every file is as it was."""
    _, arguments, output, said = case
    Path("inbox").mkdir()
    Path("inbox/x.md").write_text("x")
    Path("link.txt").symlink_to("a.txt")
    Path("hard.jsonl").hardlink_to("a.txt")
    Path("again.py").write_text("from types_here import Note")
    Path("note.json").write_text('{"type": "object", "properties": {"text": {"type": "string"}}}')
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    ran = run("run", *arguments, "-o", output.format(here=Path.cwd().name))
    assert ran.code == 2
    assert said in ran.err
    assert "→" in ran.err
    assert gateway.requests == ()
    assert {path: path.read_bytes() for path in before} == before


def test_replaced_results_are_mentioned(run: Callable[..., Ran]) -> None:
    """Older results make way, and stderr says so; where there are none, or an empty file, nothing is said."""
    Path("inbox").mkdir()
    Path("inbox/x.md").write_text("x")
    for expected in (False, True):
        ran = run("run", "types_here.py:Note", "inbox", "-o", "inbox/out.jsonl")
        assert (ran.code, "replaces" in ran.err) == (0, expected), ran.err
    Path("empty.jsonl").touch()
    assert "replaces" not in run("run", "types_here.py:Note", "a.txt", "-o", "empty.jsonl").err
    assert "replaces" not in run("run", "types_here.py:Note", "a.txt", "-o", os.devnull).err


def test_a_refused_key_stops_the_run(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """No further document would fare better: exit code 3, and what to do."""
    monkeypatch.setenv("RUNAPI_API_KEY", "wrong-key-123")
    ran = run("run", "types_here.py:Note", "a.txt", "b.txt", "--concurrency", "1")
    assert (ran.code, ran.out) == (3, "")
    assert "1 failed, 1 not done" in ran.err
    assert "RUNAPI_API_KEY" in ran.err
    assert "wrong-key-123" not in ran.err


def test_without_a_key_one_message_says_what_to_set(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """No key: nothing is tried."""
    monkeypatch.delenv("RUNAPI_API_KEY")
    ran = run("run", "types_here.py:Note", "a.txt")
    assert ran.code == 2
    assert "set RUNAPI_API_KEY" in ran.err
    assert "Traceback" not in ran.err


ADVICE = [
    ("no key", {"RUNAPI_API_KEY": None}, (), None, "set RUNAPI_API_KEY"),
    ("no provider's config", {}, ("--provider", "x"), None, "HERMES_HOME"),
    ("wrong key", {"RUNAPI_API_KEY": "wrong-key-123"}, (), None, "extract doctor"),
    ("unknown engine", {}, ("--engine", "oracle"), None, "local:NAME"),
    ("out of time", {}, ("--max-seconds", "0.3"), "hang", "--max-seconds"),
    (
        "out of time while it fails",
        {"RUNAPI_BASE_URL": "http://127.0.0.1:9/v1"},
        ("--max-seconds", "0.3"),
        None,
        "nothing listens at http://127.0.0.1:9/v1: check its host and port; or raise --max-seconds",
    ),
    (
        "a page",
        {},
        ("--max-seconds", "0.3"),
        "200-html",
        "a page is there and no API; RunAPI's ends in /v1; or raise --max-seconds",
    ),
    ("refused as it is", {}, (), "422", "the model and the options"),
    ("too dear", {}, ("--max-cost", "0.0000001"), None, "--max-cost"),
    ("price unknown", {}, ("--max-cost", "1", "--model", "nobody-knows-it"), None, "--model"),
    ("refused", {}, (), "refusal", "--instructions"),
    ("cut off", {}, ("--model", "gpt-5.5"), "length", "gives longer answers"),
    ("never right", {}, ("--reasks", "0"), "no-json", "--reasks"),
    ("not positive", {}, ("--max-cost", "0"), None, "above 0"),
    ("no such page", {}, (), "404", "/v1"),
]


@pytest.mark.parametrize("case", ADVICE, ids=[each[0] for each in ADVICE])
def test_advice_is_in_the_commands_own_words(
    run: Callable[..., Ran], gateway: StandIn, monkeypatch: pytest.MonkeyPatch, case: tuple[Any, ...]
) -> None:
    """Options and variables are named as they are typed; nothing is said in Python."""
    _, env, options, fault, said = case
    for name, value in env.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    if fault:
        gateway.answer = lambda _: Fault(fault)
    ran = run("run", "types_here.py:Note", "a.txt", *options)
    assert ran.code != 0
    assert said in ran.err
    assert not PYTHON.search(ran.err)


def test_no_advice_for_programmers_reaches_the_terminal() -> None:
    """An error whose advice speaks of Python is of a kind that the command has words of its own for."""
    covered = {kind.__name__ for kind in OWN_WORDS} | {"SchemaError"}  # a declared type is Python
    left = [
        (path.name, call.lineno)
        for package in ("documents", "engines", "exchange")
        for path in (ROOT / "extract" / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id not in covered
        for given in call.keywords
        if given.arg == "advice" and PYTHON.search(ast.unparse(given.value))
    ]
    assert left == []


def test_done_documents_survive_a_gateway_that_dies(run: Callable[..., Ran], gateway: StandIn) -> None:
    """Answers that were paid for are on stdout before the next document is asked about."""
    gateway.script([{"text": "kept"}, Fault("402")])
    ran = run("run", "types_here.py:Note", "a.txt", "b.txt", "c.txt", "--concurrency", "1")
    assert ran.code == 3
    assert [line["value"] for line in ran.lines] == [{"text": "kept"}]
    assert "1 done, 1 failed, 1 not done" in ran.err


def test_standard_input(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads the document from stdin, once."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    [line] = run("run", "types_here.py:Note", "-").lines
    assert (line["source"], line["value"]) == ("-", {"text": "piped"})
    assert run("run", "types_here.py:Note", "-", "-").code == 2


def test_ctrl_c_while_standard_input_is_awaited(run: Callable[..., Ran]) -> None:
    """Nobody has to type an end of file first."""
    arguments = [sys.executable, "-m", "extract", "run", "types_here.py:Note", "a.txt", "-", "--concurrency", "1"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    Path("types_here.py").write_text(f"import sys\nsys.stderr.write('ready\\n')\nsys.stderr.flush()\n{TYPES}")
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, env=env, preexec_fn=heard, **pipes) as command:
        assert command.stderr is not None
        assert command.stderr.readline() == "ready\n"
        time.sleep(1)
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=30) == 130
        assert "Traceback" not in command.stderr.read()


def test_folders_and_patterns(run: Callable[..., Ran]) -> None:
    """A folder gives its documents, a pattern its matches; what is named twice is one document."""
    Path("inbox").mkdir()
    Path("inbox/x.md").write_text("x")
    Path("inbox/skip.bin").write_bytes(b"\0")
    assert [line["source"] for line in run("run", "types_here.py:Note", "inbox").lines] == ["inbox/x.md"]
    twice = run("run", "types_here.py:Note", "[ab].txt", "./a.txt", "b.txt", "--concurrency", "1")
    assert [line["source"] for line in twice.lines] == ["a.txt", "b.txt"]


def test_an_empty_folder_costs_the_others_nothing(run: Callable[..., Ran]) -> None:
    """It is a failed line among inputs that hold something; where nothing is left to read, it is wrong usage."""
    Path("void").mkdir()
    ran = run("run", "types_here.py:Note", "void", "a.txt", "*.nope")
    assert (ran.code, [line["source"] for line in ran.lines]) == (1, ["a.txt"])
    assert "void: DocumentError: the folder holds no document" in ran.err
    assert "*.nope: DocumentError: no file matches" in ran.err
    for nothing in (["void"], ["*.nope"], ["void", "*.nope"]):
        ran = run("run", "types_here.py:Note", *nothing)
        assert (ran.code, all(name in ran.err for name in nothing)) == (2, True)


PLACES = [((), 2), (("--concurrency", "1"), 0)]


@pytest.mark.parametrize(("options", "place"), PLACES, ids=["several", "one"])
def test_a_result_is_written_as_soon_as_it_is_there(
    run: Callable[..., Ran], gateway: StandIn, options: tuple[str, ...], place: int
) -> None:
    """Several documents are at work at a time, unless one is wanted: the first, which has to wait, comes last."""
    waits = [Fault("429", retry_after=1.5)]

    def answer(body: dict[str, Any]) -> Any:
        text = body["messages"][-1]["content"]
        return waits.pop() if text == "note a" and waits else {"text": text}

    gateway.answer = answer
    ran = run("run", "types_here.py:Note", "a.txt", "b.txt", "c.txt", *options)
    told = [line["source"] for line in ran.lines]
    assert (ran.code, sorted(told), told.index("a.txt")) == (0, ["a.txt", "b.txt", "c.txt"], place)


def test_a_device_is_written_to_and_a_link_stays_one(run: Callable[..., Ran]) -> None:
    """Nothing is put in the place of what is no file."""
    Path("out.jsonl").touch()
    Path("link.jsonl").symlink_to("out.jsonl")
    assert run("run", "types_here.py:Note", "a.txt", "-o", "link.jsonl").code == 0
    assert Path("link.jsonl").is_symlink()
    assert json.loads(Path("out.jsonl").read_text())["source"] == "a.txt"
    assert run("run", "types_here.py:Note", "a.txt", "-o", os.devnull).code == 0
    assert not Path(os.devnull).is_file()


def test_instructions_reach_the_model(run: Callable[..., Ran], gateway: StandIn) -> None:
    """As text, or from a file."""
    Path("how.txt").write_text("keep the case")
    run("run", "types_here.py:Note", "a.txt", "--instructions", "in French")
    run("run", "types_here.py:Note", "a.txt", "--instructions", "@how.txt", "--model", "gpt-5.5")
    first, second = [request.body for request in gateway.requests if request.path.endswith("completions")]
    assert "in French" in first["messages"][0]["content"]
    assert "keep the case" in second["messages"][0]["content"]
    assert second["model"] == "gpt-5.5"
    assert run("run", "types_here.py:Note", "a.txt", "--instructions", "@nowhere").code == 2


def test_what_a_types_file_prints_is_no_result(run: Callable[..., Ran]) -> None:
    """Code that speaks while it is imported speaks on stderr."""
    Path("chatty.py").write_text(f"print('a word of its own')\n{TYPES}")
    ran = run("run", "chatty.py:Note", "a.txt")
    assert [line["source"] for line in ran.lines] == ["a.txt"]
    assert "a word of its own" in ran.err


FOUND = [
    ("invoice", "due_date"),
    ("business-card", "job_title"),
    ("types_here.py:Note", "text"),
    ("types_here:Note", "text"),
    ("note.json", "text"),
]


@pytest.mark.parametrize(("declared", "field"), FOUND, ids=[f[0] for f in FOUND])
def test_every_way_to_name_a_type(run: Callable[..., Ran], declared: str, field: str) -> None:
    """A ready-made name, a file, a module and a JSON Schema all lead to a wire schema."""
    Path("note.json").write_text('{"type": "object", "properties": {"text": {"type": "string"}}}')
    ran = run("schema", declared)
    assert ran.code == 0
    assert field in json.loads(ran.out)["properties"]


MISSED = [
    ("invoyce", "did you mean invoice?"),
    (":Note", "names no type"),
    ("types_here.py:", "names no type"),
    ("types_here.py:field_serializer", "is no type: found a value of type function"),
    ("types_here.py:BOUND", "is no type: found a value of type int"),
    ("leaves.py:Note", "line 2: SystemExit"),
    ("types_here.py", "types_here.py:Note"),
    ("types_here.py:Nope", "Note"),
    ("nowhere.py:Note", "not a file"),
    ("no.such.module:Note", "ModuleNotFoundError"),
    ("broken.py:Note", "SyntaxError"),
    ("nowhere.json", "does not exist"),
    ("list.json", "no JSON object"),
    ("text.json", "not JSON"),
]


@pytest.mark.parametrize(("declared", "said"), MISSED, ids=[m[0] for m in MISSED])
def test_a_type_that_cannot_be_had_says_what_there_is(run: Callable[..., Ran], declared: str, said: str) -> None:
    """Exit code 2, one message with a way on, no traceback, nothing asked."""
    Path("broken.py").write_text("def (")
    Path("leaves.py").write_text("import sys\nsys.exit(0)")
    Path("list.json").write_text("[1]")
    Path("text.json").write_text("hello")
    ran = run("run", declared, "a.txt")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "→" in ran.err
    assert "Traceback" not in ran.err


SHAPES = """
import functools, operator
from typing import Literal
from pydantic import BaseModel, Field, create_model
from extract import Schema

class Short(BaseModel):
    text: str = Field(min_length=3)

class Unknown:
    pass

class Holder(BaseModel, arbitrary_types_allowed=True):
    it: Unknown

Wide = create_model("Wide", **{f"field_{n}": (int, ...) for n in range(5_200)})
MADE = Schema.of(Short)
"""
CHECKED = [
    ("invoice", (), 0, "✓ Invoice fits openai-strict: strict; depth 1 of 10, properties 19 of 5,000"),
    ("invoice", ("--dialect", "json-schema-2020-12"), 0, "✓ Invoice fits json-schema-2020-12: a hint only"),
    ("shapes.py:Short", (), 0, "note: $.text: minLength is told in the description and enforced here"),
    ("shapes.py:MADE", (), 0, "✓ Short fits"),
    ("shapes.py:Wide", (), 1, "✗ Wide: properties 5,200 exceeds the limit of 5,000, so it is asked in 2 questions"),
    ("shapes.py:Holder", (), 1, "no JSON form"),
    ("free.json", (), 1, "✗ free: not strict"),
    ("broken.json", (), 1, "✗ "),
    ("near.json", (), 0, "✓ near fits openai-strict"),
    ("shapes.py:Nope", (), 2, ""),
    ("invoice", ("--dialect", "latin"), 2, ""),
]


@pytest.mark.parametrize("case", CHECKED, ids=[f"{each[0]} {' '.join(each[1])}" for each in CHECKED])
def test_check_is_a_verdict_for_ci(run: Callable[..., Ran], case: tuple[str, tuple[str, ...], int, str]) -> None:
    """0 and the use of every limit; 1 and what does not fit; 2 where there is nothing to check."""
    declared, options, code, said = case
    Path("shapes.py").write_text(SHAPES)
    Path("free.json").write_text('{"$dynamicRef": "#it", "$defs": {"it": {"$dynamicAnchor": "it"}}}')
    Path("broken.json").write_text('{"type": "no-such-type"}')
    Path("near.json").write_text('{"type": "object", "properties": {"a": {"$ref": "part.json"}}}')
    Path("part.json").write_text('{"type": "string"}')
    ran = run("schema", declared, "--check", *options)
    assert (ran.code, said in ran.out) == (code, True), ran.out + ran.err
    assert bool(ran.err) == (code == 2)


def test_an_explanation_and_a_verdict_can_be_had_together(run: Callable[..., Ran]) -> None:
    """--explain speaks in words, also where nothing was rewritten; --check adds its verdict."""
    ran = run("schema", "types_here.py:Note", "--explain", "--check")
    assert ran.code == 0
    assert "nothing was rewritten" in ran.out
    assert "✓ Note fits" in ran.out.splitlines()[-1]


def test_doctor_says_where_the_key_is_from_and_never_shows_it(run: Callable[..., Ran], gateway: StandIn) -> None:
    """With a gateway that answers and takes the key, an engine can be used."""
    ran = run("doctor")
    assert ran.code == 0
    assert "key: present, from environment" in ran.out
    assert "reachable: yes (200), and it takes the key" in ran.out
    assert gateway.api_key not in ran.out + ran.err


DOCTOR = [
    ("a page", {"faults": {"200-html": 1}}, None, 1, "no OpenAI-compatible API (an HTML page)"),
    ("nothing", {"faults": {"200-empty": 1}}, None, 1, "no OpenAI-compatible API (an empty body)"),
    ("JSON of another kind", {"faults": {"200-list": 1}}, None, 1, "no OpenAI-compatible API (JSON of another kind)"),
    ("key refused", {}, "wrong-key-123", 1, "the key is refused (401)"),
    ("key not allowed", {"faults": {"403": 1}}, None, 1, "the key is refused (403)"),
    ("no credits", {"faults": {"402": 1}}, None, 1, "no credits (402)"),
    ("out of order", {"faults": {"503": 1}}, None, 1, "it answers with 503"),
    ("too many requests", {"faults": {"429": 1}}, None, 0, "reachable: yes (429)"),
    ("broken off", {"faults": {"reset-mid-body": 1}}, None, 1, "reachable: no"),
    ("well", {}, None, 0, "reachable: yes (200), and it takes the key"),
]


@pytest.mark.parametrize("case", DOCTOR, ids=[each[0] for each in DOCTOR])
def test_doctor_looks_at_what_answers(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    """Not only that something does; no model is asked."""
    _, settings, key, code, said = case
    monkeypatch.setattr("extract.engines.installed", list)  # weights on this machine would do as well
    with StandIn(**settings) as other:
        monkeypatch.setenv("RUNAPI_BASE_URL", other.base_url)
        monkeypatch.setenv("RUNAPI_API_KEY", key or other.api_key)
        ran = run("doctor")
        asked = [seen for seen in other.requests if seen.status == 200 and seen.method == "POST" and not seen.fault]
    assert (ran.code, said in ran.out) == (code, True), ran.out
    assert asked == []
    assert "wrong-key-123" not in ran.out + ran.err


class OpenList(http.server.BaseHTTPRequestHandler):
    """A gateway that shows its models to all, and looks at keys only where it is asked."""

    listed: bytes | None = b'{"object": "list", "data": []}'

    def do_GET(self) -> None:
        self.answer(404 if self.listed is None else 200, self.listed or b"<html>no such page</html>")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        right = self.headers["authorization"] == "Bearer right"
        self.answer(400 if right else 401, b'{"error": {"message": "no"}}')

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


class NoList(OpenList):
    """One that lists no models."""

    listed = None


@pytest.mark.parametrize(("key", "said"), [("wrong", "the key is refused (401)"), ("right", "takes the key")])
@pytest.mark.parametrize("kind", [OpenList, NoList])
def test_doctor_finds_out_about_the_key(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, kind: Any, key: str, said: str
) -> None:
    """Also where the list of models is open to all, or there is none: an empty question is refused in different words."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("RUNAPI_API_KEY", key)
        ran = run("doctor", "--base-url", f"http://127.0.0.1:{server.server_port}/v1")
        server.shutdown()
    assert said in ran.out


def test_doctor_states_plainly_what_is_missing(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and an address where nobody answers."""
    monkeypatch.delenv("RUNAPI_API_KEY")
    monkeypatch.setenv("RUNAPI_BASE_URL", "http://127.0.0.1:9/v1")
    ran = run("doctor")
    assert "key: none found" in ran.out
    assert "reachable: no" in ran.out
    assert "nothing listens at http://127.0.0.1:9/v1" in ran.out
    assert "not tried" in run("doctor", "--offline").out


def test_help_is_quick_and_loads_no_sdk() -> None:
    """--help must not pay for pydantic's models, engines or an SDK."""
    code = (
        "import sys; sys.argv = ['extract', '--help']\n"
        "from extract.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('openai', 'instructor', 'pydantic', 'extract.client') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"
    for command in ("run", "schema", "doctor", "model"):
        assert command in done.stdout


def test_any_locale_will_do(run: Callable[..., Ran], gateway: StandIn) -> None:
    """Results are UTF-8 whatever the locale says; signs it cannot show are plain ones, and a name may be no text."""
    gateway.answer = {"text": "Łódź ✓"}
    strange = os.fsdecode(b"b\xff.txt")
    Path(strange).write_text("note")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "extract", "run", "types_here.py:Note", "a.txt", strange, "nowhere.txt"]
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert done.returncode == 1
    assert sorted(line["source"] for line in lines) == ["a.txt", strange]
    assert lines[0]["value"] == {"text": "Łódź ✓"}
    assert "-> check the path" in done.stderr.decode("ascii")
    assert "+ 1/3" in done.stderr.decode("ascii") or "x 1/3" in done.stderr.decode("ascii")
