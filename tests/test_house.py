"""The house rules that a machine can hold: sizes, faces, lazy imports, the short way of the datum."""

from __future__ import annotations

import ast
import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.testing import StandIn

PACKAGE = Path(extract.__file__).resolve().parent
FILES = sorted(p for p in PACKAGE.rglob("*.py") if "schemas" not in p.relative_to(PACKAGE).parts)
FACES = [".".join(("extract", *p.parent.relative_to(PACKAGE).parts)) for p in FILES if p.name == "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_functions_stay_short_and_take_few_parameters(path: Path) -> None:
    """A function has at most 40 lines of code (its docstring aside) and 6 parameters."""
    too_big = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            has_doc = ast.get_docstring(node) is not None
            start = node.body[1].lineno if has_doc and len(node.body) > 1 else node.body[0].lineno
            lines = (node.end_lineno or start) - start + 1
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parameters = len([a for a in taken if a.arg not in ("self", "cls")])
            if lines > 40 or parameters > 6:
                too_big.append(f"{node.name}:{node.lineno} has {lines} lines, {parameters} parameters")
    assert too_big == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_answer_one_question(path: Path) -> None:
    """A file says in its first line what it is for and stays under 400 lines."""
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("name", FACES)
def test_faces_export_what_they_say(name: str) -> None:
    """Every name in ``__all__`` is there, and the list is sorted and without doubles."""
    module = importlib.import_module(name)
    names = list(module.__all__)
    assert [n for n in names if not hasattr(module, n)] == []
    assert len(names) == len(set(names))


def test_face_and_table_name_the_same_things() -> None:
    """What type checkers see, what loads lazily and ``__all__`` are one list."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    seen = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("extract.")
        for alias in node.names
    }
    assert seen == set(extract.__all__) == set(extract._MODULE_OF)


def test_importing_loads_no_sdk() -> None:
    """``import extract`` and even building a schema must not pay for an SDK."""
    code = (
        "import sys, extract\n"
        "from pydantic import BaseModel\n"
        "class A(BaseModel):\n    x: int\n"
        "extract.Schema.of(A)\n"
        "print([m for m in ('openai', 'instructor', 'httpx2', 'httpx', 'aiohttp', 'jsonschema') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


class Line(BaseModel):
    name: str
    price: float


class Order(BaseModel):
    number: str
    lines: list[Line]


def test_one_plain_extraction_takes_the_short_way(stand_in: StandIn) -> None:
    """One plain extraction, over real HTTP, passes at most 15 of our functions in at most 8 of our files, 5 deep."""
    with extract.Client(base_url=stand_in.base_url, api_key=stand_in.api_key) as client:
        client.run(Order, "Order A-17: tea 2.50")
        with traced() as way:
            client.run(Order, "Order A-17: tea 2.50")
    assert_short(way)


def test_one_plain_extraction_takes_the_short_way_awaited(stand_in: StandIn) -> None:
    """The same, asynchronously."""

    async def ask() -> Way:
        async with extract.AsyncClient(base_url=stand_in.base_url, api_key=stand_in.api_key) as client:
            await client.run(Order, "Order A-17: tea 2.50")
            with traced() as way:
                await client.run(Order, "Order A-17: tea 2.50")
        return way

    assert_short(asyncio.run(ask()))


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@dataclass
class Way:
    """What of our code was passed: (file, function, line) of each function, and how deep they stood in one another."""

    functions: set[tuple[str, str, int]] = field(default_factory=set)
    depth: int = 0


@contextmanager
def traced() -> Iterator[Way]:
    """Watch this thread; the testing kit and what dataclasses write themselves are not on the way."""
    way = Way()

    def trace(frame: Any, event: str, _arg: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(str(PACKAGE)) and "/testing/" not in file:
            way.functions.add((file, frame.f_code.co_name, frame.f_code.co_firstlineno))
            depth, up = 0, frame
            while up is not None:
                depth += up.f_code.co_filename.startswith(str(PACKAGE))
                up = up.f_back
            way.depth = max(way.depth, depth)

    sys.setprofile(trace)
    try:
        yield way
    finally:
        sys.setprofile(None)


def assert_short(way: Way) -> None:
    assert 10 <= len(way.functions) <= 15, sorted(way.functions)
    assert len({file for file, _, _ in way.functions}) <= 8
    assert way.depth <= 5
