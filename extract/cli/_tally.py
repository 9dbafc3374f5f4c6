"""What becomes of each document in, words on stderr out: how the job goes, and how it went."""

from __future__ import annotations

import os
import time
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from extract.cli._advice import advice_for
from extract.cli._exit import INTERRUPTED, UNUSABLE

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.console import Console

    from extract.errors import ExtractError
    from extract.exchange import Extraction

__all__ = ["Tally"]


class Tally:
    """Tells on stderr how the job goes: a moving line on a terminal, one plain line a document elsewhere."""

    def __init__(self, total: int, console: Console) -> None:
        self.total, self.console = total, console
        self.done = self.failed = 0
        self.started = time.perf_counter()
        self._at_work: dict[str, float] = {}
        self._moving: Progress | None = None

    @contextmanager
    def watched(self) -> Generator[None]:
        """Show what is at work for as long as the job takes, where somebody watches."""
        if not self.console.is_terminal or os.environ.get("TERM") == "dumb":
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        # Our stdout is never diverted to stderr.
        self._moving = Progress(*columns, console=self.console, transient=True, redirect_stdout=False)
        self._moving.add_task("", total=None)
        with self._moving:
            yield

    @contextmanager
    def aside(self) -> Generator[None]:
        """Take the moving line away while a result is printed: both share the terminal."""
        if self._moving is None:
            yield
            return
        self._moving.stop()
        try:
            yield
        finally:
            self._moving.start()

    @contextmanager
    def working(self, name: str) -> Generator[None]:
        """Count the time of one document."""
        self._at_work[name] = time.perf_counter()
        self._move()
        try:
            yield
        finally:
            self._seconds = time.perf_counter() - self._at_work.pop(name)
            self._move()

    def success(self, name: str, done: Extraction[Any], notes: tuple[str, ...]) -> None:
        """Say that a document is done, what it took, and what is to be known of it."""
        self.done += 1
        tokens = done.usage.total_tokens
        facts = [f"{self._seconds:.1f} s", "tokens unknown" if tokens is None else f"{tokens} tokens"]
        if done.cost:
            facts.append(f"${done.cost:.6f}")
        if len(done.attempts) > 1:
            facts.append(f"{len(done.attempts)} attempts")
        if done.repairs:
            facts.append(f"{len(done.repairs)} repair{'s' * (len(done.repairs) > 1)}")
        if done.quarantined:
            facts.append(f"{len(done.quarantined)} quarantined")
        self._say(f"[green]✓[/] {self._count()} {escape(name)}  [dim]{', '.join(facts)}[/]")
        for note in (*notes, *done.notes):
            self._say(f"    note: {escape(note)}")

    def failure(self, name: str, error: ExtractError) -> None:
        """Say why a document failed and what to do."""
        self.failed += 1
        told = error.message.removeprefix(f"{name}: ")
        self._say(f"[red]✗[/] {self._count()} {escape(name)}: {type(error).__name__}: {escape(told)}")
        advice = advice_for(error)
        if advice:
            self._say(f"    → {escape(advice)}")

    def crash(self, name: str, error: Exception) -> None:
        """Show an error nobody foresaw, whole."""
        self.failed += 1
        self._say(f"[red]✗[/] {self._count()} {escape(name)}: unexpected error")
        with self.aside():
            traceback.print_exception(error)

    def close(self, code: int) -> int:
        """Say how it ended, where there was more than one document or one that failed."""
        left = self.total - self.done - self.failed
        if self.total > 1 or left:
            said = f"{self.done} done, {self.failed} failed" + (f", {left} not done" if left else "")
            why = {INTERRUPTED: "interrupted: ", UNUSABLE: "stopped, the engine cannot be used: "}.get(code, "")
            self._say(f"{why}{said} in {time.perf_counter() - self.started:.1f} s")
        return code

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False)

    def _count(self) -> str:
        return f"{self.done + self.failed}/{self.total}"

    def _move(self) -> None:
        if self._moving is not None:
            names = ", ".join(map(escape, self._at_work))
            self._moving.update(self._moving.task_ids[0], description=f"{self._count()} done  {names}")
