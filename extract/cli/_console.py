"""Where words for people go: stderr, in colour on a terminal, plain elsewhere."""

from __future__ import annotations

from rich.console import Console

__all__ = ["stderr", "stdout"]


def stderr() -> Console:
    """Open a console for everything that is not a result; lines are not wrapped where nobody reads them live."""
    console = Console(stderr=True)
    console.soft_wrap = not console.is_terminal
    return console


def stdout() -> Console:
    """Open a console for results that people read."""
    console = Console()
    console.soft_wrap = not console.is_terminal
    return console
