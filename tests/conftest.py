"""Every behaviour is tested through both drivers: ``run`` is the sync client in one run, the async one in the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import extract

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Any:
    """Call ``Client.run`` or ``AsyncClient.run`` with the same words: ``run(engine, declared, document, **options)``."""
    if request.param == "sync":

        def call(engine: Any, declared: Any, document: Any, **options: Any) -> Any:
            with extract.Client(engine=engine) as client:
                return client.run(declared, document, **options)

        return call

    def call_async(engine: Any, declared: Any, document: Any, **options: Any) -> Any:
        async def main() -> Any:
            async with extract.AsyncClient(engine=engine) as client:
                return await client.run(declared, document, **options)

        return asyncio.run(main())

    return call_async


@pytest.fixture(params=["sync", "async"])
def watch(request: pytest.FixtureRequest) -> Any:
    """``watch(engine, "stream" | "stream_items", declared, **options)`` → (everything it gave, the extraction)."""

    def call(engine: Any, how: str, declared: Any, **options: Any) -> Any:
        if request.param == "sync":
            with getattr(extract.Client(engine=engine), how)(declared, "text", **options) as stream:
                return list(stream), stream.extraction

        async def main() -> Any:
            async with getattr(extract.AsyncClient(engine=engine), how)(declared, "text", **options) as stream:
                return [each async for each in stream], stream.extraction

        return asyncio.run(main())

    return call


@pytest.fixture(scope="session")
def steps() -> Any:
    """Count the functions a call passes, Python's and C's: what can be held against a bound on every machine alike."""

    def counted(call: Any) -> int:
        count = 0

        def seen(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        with contextlib.suppress(extract.errors.ExtractError):
            call()  # what is made on first use is no part of the work
        before = sys.getprofile()
        sys.setprofile(seen)
        try:
            with contextlib.suppress(extract.errors.ExtractError):
                call()
        finally:
            sys.setprofile(before)
        return count

    return counted


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of outside data, which is not part of this repository; tests that need it are skipped without it."""
    folder = Path(os.environ.get("EXTRACT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no outside data at {folder}; set EXTRACT_SHARED_DATA")
    return folder
