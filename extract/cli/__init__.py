"""The command ``extract``: a type and documents in, typed objects out, on the terminal."""

from extract.cli._app import main

__all__ = ["main"]
