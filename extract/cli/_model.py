"""Embedded models on the command line: fetch, list, remove."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from extract import engines
from extract.cli._console import stderr, stdout
from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["pull", "remove", "show"]

_STEPS = 5  # plain lines a download gets where nobody watches it move


def pull(name: str | None) -> None:
    """Fetch a model's weights; its file's path is the result.

    Raises:
        ConfigError: When there is no such model, or it cannot be fetched.
    """
    with _told(name or "the small model") as progress:
        path = engines.pull(name, progress=progress) if name else engines.pull(progress=progress)
    sys.stdout.write(f"{path}\n")


def show() -> None:
    """List every known model: whether it is here, its size, the memory it takes."""
    here = {weights.name for weights in engines.installed()}
    console = stdout()
    for weights in engines.MODELS.values():
        mark = "[green]✓[/]" if weights.name in here else "[dim]·[/]"
        facts = f"{weights.size / 1e6:6,.0f} MB  {weights.memory / 1e9:.1f} GB of memory  {weights.licence}"
        state = "" if weights.name in here else f"  extract model pull {weights.name}"
        console.print(f"{mark} {escape(weights.name):20} {facts}[dim]{state}[/]", highlight=False)


def remove(name: str) -> None:
    """Delete a model's weights.

    Raises:
        ConfigError: When there is no such model, or it is not here.
    """
    if not engines.remove(name):
        raise ConfigError(f"{name} is not on this machine", advice="extract model list shows what is")
    stderr().print(f"removed {escape(name)}", highlight=False)


@contextmanager
def _told(name: str) -> Generator[Callable[[int, int], None]]:
    console = stderr()
    if not console.is_terminal:
        yield _plain_steps(name)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, redirect_stdout=False) as progress:
        task = progress.add_task(escape(name), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _plain_steps(name: str) -> Callable[[int, int], None]:
    console, said = stderr(), -1

    def tell(done: int, total: int) -> None:
        nonlocal said
        step = _STEPS * done // total if total else 0
        if step > said:
            said = step
            console.print(f"{escape(name)}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", highlight=False)

    return tell
