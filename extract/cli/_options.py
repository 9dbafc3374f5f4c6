"""The options of ``extract run`` as one value, and how a value object becomes a command's parameters."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 — resolved at run time, by get_type_hints
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Declared", "RunOptions", "taking"]

O = TypeVar("O")  # noqa: E741 — the options


def _positive(given: float | None) -> float | None:
    # A NaN is not positive either.
    if given is not None and not given > 0:
        raise typer.BadParameter("give a number above 0")
    return given


Declared = Annotated[
    str,
    typer.Argument(
        metavar="TYPE",
        help="A ready-made name (invoice), FILE.py:Name, package.module:Name, or a JSON Schema file (.json).",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What ``extract run`` was told; the help texts are the documentation."""

    declared: Declared
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Text, Markdown, HTML, PDF or mail files, folders, patterns, or - for standard input.",
            show_default=False,
        ),
    ]
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write JSON Lines here, not to stdout.")
    ] = None
    engine: Annotated[
        str, typer.Option(metavar="NAME", help="Who answers: runapi, local, local:NAME or local:/path/model.gguf.")
    ] = "runapi"
    model: Annotated[str | None, typer.Option(metavar="ID", help="Any model id the engine knows.")] = None
    instructions: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Your own words to the model; @FILE reads them from a file.")
    ] = None
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The gateway's address.")] = None
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="A provider of Hermes Agent's config.")] = None
    reasks: Annotated[int, typer.Option(metavar="N", min=0, help="How often to ask again about a wrong answer.")] = 2
    max_cost: Annotated[
        float | None, typer.Option(metavar="USD", callback=_positive, help="Limit for each document.")
    ] = None
    max_seconds: Annotated[
        float | None, typer.Option(metavar="SECONDS", callback=_positive, help="Limit for each document.")
    ] = None
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", callback=_positive, help="How long one answer may take.")
    ] = None
    pretty: Annotated[
        bool | None, typer.Option("--pretty/--json", help="Python objects (default on a terminal), or JSON Lines.")
    ] = None
    record: Annotated[bool, typer.Option("--record", help="Add every attempt, repair and cost to each line.")] = False


def taking(options: type[O]) -> Callable[[Callable[[O], None]], Callable[..., None]]:
    """Make a function of one value object a command that takes the object's fields as its parameters."""
    hints = get_type_hints(options, include_extras=True)
    hints = {field.name: hints[field.name] for field in dataclasses.fields(options)}  # type: ignore[arg-type]
    defaults = {
        field.name: inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
        for field in dataclasses.fields(options)  # type: ignore[arg-type]
    }

    def decorate(function: Callable[[O], None]) -> Callable[..., None]:
        def command(**given: Any) -> None:
            function(options(**given))

        command.__name__, command.__doc__ = function.__name__, function.__doc__
        command.__annotations__ = hints
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=hint)
                for name, hint in hints.items()
            ]
        )
        return command

    return decorate
