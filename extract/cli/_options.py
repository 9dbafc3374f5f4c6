"""The options of ``extract run`` as one value, and how a value object becomes a command's parameters."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 — resolved at run time, by get_type_hints
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Command", "Commands", "Declared", "RunOptions", "flag", "taking"]

O = TypeVar("O")  # noqa: E741 — the options


def flag(name: str, *, help: str) -> Any:  # noqa: A002 — typer's word
    """Declare an option without a value; where one would be named, its help has nothing."""
    return typer.Option(name, metavar="", help=help)


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
            metavar="INPUT",
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
        float | None,
        typer.Option(metavar="SECONDS", callback=_positive, help="How long one answer may take; default 600."),
    ] = None
    concurrency: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=256, help="Documents at a time; default 4, 1 for the embedded model."),
    ] = None
    pretty: Annotated[
        bool | None, flag("--pretty/--json", help="Python objects (default on a terminal), or JSON Lines.")
    ] = None
    record: Annotated[bool, flag("--record", help="Add every attempt, repair and cost to each line.")] = False


class _PlainHelp:
    """``--help`` takes no value either."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.metavar = ""
        return option


class Command(_PlainHelp, TyperCommand):
    """A command."""


class Commands(_PlainHelp, TyperGroup):
    """A command with commands."""


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
