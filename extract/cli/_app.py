"""Which commands there are, what each takes, and what becomes of errors. The work is elsewhere, loaded when needed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from extract.cli._encoding import speak_plainly
from extract.cli._exit import FAILED, INTERRUPTED, UNUSABLE, USAGE
from extract.cli._options import Command, Commands, Declared, RunOptions, flag, taking
from extract.errors import EngineError, ExtractError

__all__ = ["main"]

_EPILOG = (
    "Exit codes: 0 all done · 1 some documents failed · 2 wrong usage, type or settings · "
    "3 the engine cannot be used (key, credits, model) · 130 interrupted"
)

app = typer.Typer(
    name="extract",
    cls=Commands,
    help="Typed objects out of documents.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
models = typer.Typer(name="model", cls=Commands, help="Fetch, list and remove embedded models.", no_args_is_help=True)
app.add_typer(models)


def main() -> None:
    """Run the command; every error of ours is one message with its advice, never a traceback."""
    speak_plainly()
    try:
        app()
    except ExtractError as error:
        _say(error)
        # An engine that was never asked (no key was found) is a matter of settings.
        asked = isinstance(error, EngineError) and error.status is not None
        sys.exit(UNUSABLE if asked else USAGE)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: the results cannot be written: {error.strerror or error}\n")
            sys.exit(FAILED)
        # Whoever read our output has gone (``| head``); nothing is left to say, also not at interpreter exit.
        sys.stdout = None
        sys.exit(FAILED)


def _say(error: ExtractError) -> None:
    from extract.cli._advice import advice_for  # noqa: PLC0415
    from extract.cli._console import stderr  # noqa: PLC0415 — rich, only when there is something to say

    console = stderr()
    console.print(f"[bold red]error:[/] {_plain(error.message)}", highlight=False)
    advice = advice_for(error)
    if advice:
        console.print(f"  → {_plain(advice)}", highlight=False)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, flag("--version", help="Print the version and stop.")] = False) -> None:  # noqa: FBT002
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415 — half of the start-up time otherwise

        typer.echo(f"extract {installed('typed-extract')}")
        raise typer.Exit


@app.command(cls=Command, epilog=_EPILOG)
@taking(RunOptions)
def run(options: RunOptions) -> None:
    """Extract TYPE from each INPUT: one result a document, on stdout or in a file; all else goes to stderr."""
    from extract.cli._run import run_all  # noqa: PLC0415 — every command loads only what it needs

    sys.exit(run_all(options))


@app.command(cls=Command)
def schema(
    declared: Declared,
    dialect: Annotated[str, typer.Option(metavar="NAME", help="Which subset of JSON Schema.")] = "openai-strict",
    explain: Annotated[bool, flag("--explain", help="Say what was changed to fit the dialect.")] = False,  # noqa: FBT002
    check: Annotated[  # noqa: FBT002
        bool, flag("--check", help="For CI: a verdict instead of the schema; exit with 1 if TYPE does not fit.")
    ] = False,
) -> None:
    """Print the wire schema of TYPE: what the model is held to."""
    from extract.cli._schema import show_schema  # noqa: PLC0415
    from extract.cli._types import find_type  # noqa: PLC0415

    sys.exit(show_schema(find_type(declared), dialect=dialect, explain=explain, check=check))


@app.command(cls=Command)
def doctor(
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="The gateway's address.")] = None,
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="A provider of Hermes Agent's config.")] = None,
    offline: Annotated[bool, flag("--offline", help="Do not try to reach the gateway.")] = False,  # noqa: FBT002
) -> None:
    """Say what is installed, configured and reachable; exit with 1 if no engine can be used."""
    from extract.cli._doctor import examine  # noqa: PLC0415

    sys.exit(examine(base_url=base_url, provider=provider, offline=offline))


@models.command("pull", cls=Command)
def model_pull(
    name: Annotated[str | None, typer.Argument(help="Which model; default the small one.", show_default=False)] = None,
) -> None:
    """Download a model's weights and check them; goes on where a broken download stopped."""
    from extract.cli._model import pull  # noqa: PLC0415

    pull(name)


@models.command("list", cls=Command)
def model_list() -> None:
    """List the models that can be fetched and those that are here."""
    from extract.cli._model import show  # noqa: PLC0415

    show()


@models.command("remove", cls=Command)
def model_remove(name: Annotated[str, typer.Argument(help="Which model.", show_default=False)]) -> None:
    """Delete a model's weights."""
    from extract.cli._model import remove  # noqa: PLC0415

    remove(name)
