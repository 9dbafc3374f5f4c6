"""Options in, results written, an exit code out: a few documents at a time, one failure never costing the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from extract.cli._console import stderr
from extract.cli._exit import DONE, FAILED, INTERRUPTED, UNUSABLE
from extract.cli._inputs import STDIN, find_inputs
from extract.cli._output import Output
from extract.cli._tally import Tally
from extract.cli._types import compiled, declaring, find_type
from extract.errors import ConfigError, Exhausted, ExtractError, InsufficientCredits, ModelRetired, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from extract import AsyncClient, Schema
    from extract.cli._inputs import Source
    from extract.cli._options import RunOptions
    from extract.client import ClientOptions
    from extract.documents import Document
    from extract.exchange import Extraction

__all__ = ["run_all"]

# After one of these no further document would fare better; settings count where the engine complains of them.
_HOPELESS = (Unauthorized, InsufficientCredits, ModelRetired, ConfigError)
_AT_ONCE = 4
"""Documents at a time when nobody said how many: quick, and no gateway takes offence."""


def run_all(options: RunOptions) -> int:
    """Extract from every source.

    Returns:
        The exit code; see :mod:`extract.cli._exit`.

    Raises:
        ExtractError: Before the first document, when type, settings or engine are at fault.
    """
    from extract import AsyncClient  # noqa: PLC0415 — pydantic and the exchange, only to work

    output = Output.choose(options.output, pretty=options.pretty, record=options.record)
    declared, sources = find_type(options.declared), find_inputs(options.inputs)
    if output.spare(_read(options, declared, sources)):
        stderr().print(f"note: replaces {escape(str(output.path))}", highlight=False)
    client = AsyncClient(**_client_options(options))
    schema = compiled(declared, getattr(client.engine, "dialect", "openai-strict"))
    tally = Tally(len(sources), stderr())
    # The embedded model answers one request at a time; what waits for it would only seem slow.
    at_once = options.concurrency or (1 if options.engine.startswith("local") else _AT_ONCE)
    with output.opened() as write, tally.watched():
        try:
            job = _Job(client, schema, write, tally, iter([source.taken_in() for source in sources]))
            asyncio.run(job.work(min(at_once, len(sources))))
        except KeyboardInterrupt:
            return tally.close(INTERRUPTED)
    if job.stopped:
        return tally.close(UNUSABLE)
    return tally.close(FAILED if tally.failed else DONE)


def _read(options: RunOptions, declared: Any, sources: tuple[Source, ...]) -> Iterator[tuple[str | int, str]]:
    """Name every file that this run reads."""
    for source in sources:
        yield (0 if source.name == STDIN else source.name), f"an INPUT ({source.name})"
    for place in declaring(options.declared, declared):
        yield place, f"where TYPE is declared ({options.declared})"
    if options.instructions and options.instructions.startswith("@"):
        yield options.instructions[1:], "what --instructions reads"


def _client_options(options: RunOptions) -> ClientOptions:
    from extract import Policy  # noqa: PLC0415

    policy = Policy(reasks=options.reasks, money=options.max_cost, seconds=options.max_seconds)
    said: ClientOptions = {"engine": options.engine, "policy": policy}
    said |= {"base_url": options.base_url, "provider": options.provider, "timeout": options.timeout}
    if options.model:
        said["model"] = options.model
    if options.instructions:
        said["instructions"] = _instructions(options.instructions)
    return said


def _instructions(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(f"the instructions in {text[1:]} cannot be read", advice="check the path") from error


@dataclass(slots=True)
class _Job:
    """What the workers share: each takes the next source until none is left or going on is of no use."""

    client: AsyncClient
    schema: Schema[Any]
    write: Callable[[str, Extraction[Any]], None]
    tally: Tally
    sources: Iterator[Source]
    stopped: bool = False

    async def work(self, at_once: int) -> None:
        async with self.client:
            await asyncio.gather(*(self._worker() for _ in range(at_once)))

    async def _worker(self) -> None:
        for source in self.sources:
            await self._one(source)
            # Others finish what they are at: it is paid for.
            if self.stopped:
                return

    async def _one(self, source: Source) -> None:
        tally = self.tally
        try:
            with tally.working(source.name):
                document = await asyncio.to_thread(source.read)
                done = await self._ask(document)
            with tally.aside():
                self.write(source.name, done)
        except ExtractError as error:
            tally.failure(source.name, error)
        except OSError:  # the output's own: nobody reads it any more, or the disk is full
            raise
        except Exception as error:  # noqa: BLE001 — code of the user's or a mistake of ours must not cost the others
            tally.crash(source.name, error)
        else:
            tally.success(source.name, done, document.notes)

    async def _ask(self, document: Document) -> Extraction[Any]:
        try:
            return await self.client.run(self.schema, document)
        except ExtractError as error:
            self.stopped |= isinstance(error.last if isinstance(error, Exhausted) else error, _HOPELESS)
            raise
