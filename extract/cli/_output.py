"""Results in, lines out: JSON Lines or Python objects, on stdout or in a file that is never half a result."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from extract.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from typing_extensions import Self

    from extract.exchange import Extraction

__all__ = ["Output"]

# The name of a file need not be text; escaped, it is still JSON.
_ESCAPED = "backslashreplace"


class Output:
    """Where results go and in which form.

    Args:
        path: A file for JSON Lines; None for stdout.
        pretty: Python objects for people instead of JSON Lines.
        record: Add the whole record of each extraction to its line.
    """

    def __init__(self, path: Path | None, *, pretty: bool, record: bool) -> None:
        self.path, self.pretty, self.record = path, pretty, record

    @classmethod
    def choose(cls, path: Path | None, *, pretty: bool | None, record: bool) -> Self:
        """Decide the form: objects on a terminal, JSON Lines elsewhere, unless said.

        Raises:
            ConfigError: When Python objects are to go into a file, or the file cannot be written.
        """
        if path is not None and str(path) == "-":
            path = None
        if path is None:
            return cls(None, pretty=sys.stdout.isatty() and not record if pretty is None else pretty, record=record)
        if pretty:
            raise ConfigError("--pretty is for people; a file gets JSON Lines", advice="leave out --pretty or -o")
        _check(path)
        return cls(path, pretty=False, record=record)

    def spare(self, read: Iterable[tuple[str | int, str]]) -> bool:
        """See that the results overwrite nothing that this run reads.

        Args:
            read: Paths, or numbers of open files, and what each is.

        Returns:
            Whether older contents of the file will be replaced.

        Raises:
            ConfigError: When the file is one of them, by whichever name.
        """
        there = _stat(self.path) if self.path is not None else None
        if there is None or not stat.S_ISREG(there.st_mode):
            return False
        for place, what in read:
            other = _stat(place)
            if other is not None and os.path.samestat(there, other):
                raise ConfigError(
                    f"-o {self.path} is {what}: the results would take its place", advice="name another file"
                )
        return there.st_size > 0

    @contextmanager
    def opened(self) -> Generator[Callable[[str, Extraction[Any]], None]]:
        """Yield a function that takes a source's name and its extraction.

        A file is written beside its place, line by line, and moved there at the end, also after an error
        or Ctrl-C: what was done is kept. After a crash the lines are in the file that ends in ``.part``.
        A run that got nothing done leaves an older file as it is.
        """
        if self.path is None:
            yield self._pretty if self.pretty else lambda name, done: self._line(sys.stdout, name, done)
            return
        if self.path.exists() and not self.path.is_file():  # a pipe or a device: nothing to put in its place
            with self.path.open("w", encoding="utf-8", errors=_ESCAPED) as file:
                yield lambda name, done: self._line(file, name, done)
            return
        path = self.path.resolve()  # a link stays a link
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors=_ESCAPED,
            dir=path.parent,
            prefix=f"{path.name}.",
            suffix=".part",
            delete=False,
        ) as file:
            try:
                yield lambda name, done: self._line(file, name, done)
            finally:
                file.flush()
                os.fsync(file.fileno())
                _settle(Path(file.name), path)

    def _line(self, file: IO[str], name: str, done: Extraction[Any]) -> None:
        from pydantic_core import to_jsonable_python  # noqa: PLC0415 — after start-up

        line: dict[str, Any] = {"source": name, "value": to_jsonable_python(done.value)}
        if self.record:
            line["record"] = done.to_dict()
        else:
            cost = done.cost
            line |= {
                "model": done.model,
                "complete": done.complete,
                "repairs": [str(repair) for repair in done.repairs],
                "cost": None if cost is None else f"{cost:f}",
            }
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()

    def _pretty(self, name: str, done: Extraction[Any]) -> None:
        from rich.pretty import Pretty  # noqa: PLC0415

        from extract.cli._console import stdout  # noqa: PLC0415

        console = stdout()
        console.print(f"[bold]{name}[/bold]", highlight=False)
        console.print(Pretty(done.value, indent_guides=False))
        console.print()


def _stat(place: Path | str | int) -> os.stat_result | None:
    try:
        return os.stat(place)  # noqa: PTH116 - of open files too
    except (OSError, ValueError):
        return None


def _check(path: Path) -> None:
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; results go into one file", advice=f"-o {path / 'results.jsonl'}")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise ConfigError(f"{path} cannot be written: there is no folder {folder}", advice="make it first")
    closed = path if path.exists() and not os.access(path, os.W_OK) else folder
    if not os.access(closed, os.W_OK):
        raise ConfigError(f"{path} cannot be written: no permission for {closed}", advice="write it elsewhere")


def _settle(part: Path, path: Path) -> None:
    if not part.stat().st_size:
        # Nothing was done: an earlier run's results must not make way for nothing.
        part.unlink()
        return
    # Temporary files are private; the finished one gets the rights any new file would have.
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o666 & ~mask)
    part.replace(path)
