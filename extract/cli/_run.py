"""Options in, results written, an exit code out: each document in turn, one failure never costing the others."""

from __future__ import annotations

import os
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from extract.cli._advice import advice_for
from extract.cli._console import stderr
from extract.cli._exit import DONE, FAILED, INTERRUPTED, UNUSABLE
from extract.cli._inputs import find_inputs
from extract.cli._output import Output
from extract.cli._types import compiled, find_type
from extract.errors import ConfigError, Exhausted, ExtractError, InsufficientCredits, ModelRetired, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.console import Console

    from extract.cli._inputs import Source
    from extract.cli._options import RunOptions
    from extract.client import ClientOptions
    from extract.documents import Document
    from extract.exchange import Extraction

__all__ = ["run_all"]

# After one of these no further document would fare better.
_HOPELESS = (Unauthorized, InsufficientCredits, ModelRetired)


def run_all(options: RunOptions) -> int:
    """Extract from every source.

    Returns:
        The exit code; see :mod:`extract.cli._exit`.

    Raises:
        ExtractError: Before the first document, when type, settings or engine are at fault.
    """
    from extract import Client  # noqa: PLC0415 — pydantic and the exchange, only to work

    output = Output.choose(options.output, pretty=options.pretty, record=options.record)
    declared, sources = find_type(options.declared), find_inputs(options.inputs)
    with Client(**_client_options(options)) as client:
        schema = compiled(declared, getattr(client.engine, "dialect", "openai-strict"))
        tally = _Tally(len(sources), stderr())
        with output.opened() as write:
            for source in sources:
                code = _one(source, lambda document: client.run(schema, document), write, tally)
                if code is not None:
                    return tally.close(code)
        return tally.close(FAILED if tally.failed else DONE)


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


def _one(
    source: Source,
    extract: Callable[[Document], Extraction[Any]],
    write: Callable[[str, Extraction[Any]], None],
    tally: _Tally,
) -> int | None:
    try:
        with tally.working(source.name):
            document = source.read()
            done = extract(document)
        write(source.name, done)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ExtractError as error:
        tally.failure(source.name, error)
        cause = error.last if isinstance(error, Exhausted) else error
        return UNUSABLE if isinstance(cause, _HOPELESS) else None
    except OSError:  # the output's own: nobody reads it any more, or the disk is full
        raise
    except Exception as error:  # noqa: BLE001 — code of the user's or a mistake of ours must not cost the others
        tally.crash(source.name, error)
        return None
    tally.success(source.name, done, document.notes)
    return None


class _Tally:
    """Tells on stderr how the job goes: a moving line on a terminal, one plain line a document elsewhere."""

    def __init__(self, total: int, console: Console) -> None:
        self.total, self.console = total, console
        self.done = self.failed = 0
        self.started = time.perf_counter()

    @contextmanager
    def working(self, name: str) -> Generator[None]:
        self.document_started = time.perf_counter()
        if not self.console.is_terminal or os.environ.get("TERM") == "dumb":
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        # Gone before the result is printed: both share the terminal. Our stdout is never diverted to stderr.
        with Progress(*columns, console=self.console, transient=True, redirect_stdout=False) as progress:
            progress.add_task(f"{self._count(1)} {escape(name)}", total=None)
            yield

    def success(self, name: str, done: Extraction[Any], notes: tuple[str, ...]) -> None:
        self.done += 1
        facts = [f"{self._seconds():.1f} s", f"{done.usage.total_tokens} tokens"]
        if done.cost:
            facts.append(f"${done.cost:.6f}")
        for what, count in (
            ("attempts", len(done.attempts) if len(done.attempts) > 1 else 0),
            ("repairs", len(done.repairs)),
            ("quarantined", len(done.quarantined)),
        ):
            if count:
                facts.append(f"{count} {what}")
        self.console.print(f"[green]✓[/] {self._count()} {escape(name)}  [dim]{', '.join(facts)}[/]", highlight=False)
        for note in (*notes, *done.notes):
            self.console.print(f"    note: {escape(note)}", highlight=False)

    def failure(self, name: str, error: ExtractError) -> None:
        self.failed += 1
        told = error.message.removeprefix(f"{name}: ")
        self.console.print(
            f"[red]✗[/] {self._count()} {escape(name)}: {type(error).__name__}: {escape(told)}", highlight=False
        )
        advice = advice_for(error)
        if advice:
            self.console.print(f"    → {escape(advice)}", highlight=False)

    def crash(self, name: str, error: Exception) -> None:
        self.failed += 1
        self.console.print(f"[red]✗[/] {self._count()} {escape(name)}: unexpected error", highlight=False)
        traceback.print_exception(error)

    def close(self, code: int) -> int:
        """Say how it ended, where there was more than one document or one that failed."""
        left = self.total - self.done - self.failed
        if self.total > 1 or left:
            said = f"{self.done} done, {self.failed} failed" + (f", {left} not tried" if left else "")
            why = {INTERRUPTED: "interrupted: ", UNUSABLE: "stopped, the engine cannot be used: "}.get(code, "")
            seconds = time.perf_counter() - self.started
            self.console.print(f"{why}{said} in {seconds:.1f} s", highlight=False)
        return code

    def _count(self, ahead: int = 0) -> str:
        return f"{self.done + self.failed + ahead}/{self.total}"

    def _seconds(self) -> float:
        return time.perf_counter() - self.document_started
