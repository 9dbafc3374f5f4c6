"""Pieces of a stream in, every value out the moment it is complete; work linear in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from extract.decode import _rows
from extract.decode._cursor import ABSENT
from extract.decode._decode import Decoded, decode
from extract.decode._preamble import Preamble
from extract.decode._runaway import Watch
from extract.decode._strings import unescape, whole_escapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from extract.errors import Path
    from extract.typing import JSON

_WS = r"[ \t\r\n]*"
_KEY = re.compile(rf'{_WS}"([^"\\\x00-\x1f]*)"{_WS}:')
_VALUE = re.compile(
    rf'{_WS}(?:"([^"\\\x00-\x1f]*)"|(-?(?:0|[1-9][0-9]*))(?={_WS}[,}}\]])'
    rf"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?={_WS}[,}}\]])|(true|false|null)|([{{\[]))"
)
_AFTER = re.compile(rf"{_WS}([,}}\]])")
_COLON = re.compile(rf"{_WS}:")
_SPACE = re.compile(_WS)
# What may still become a number or a literal when more arrives.
_UNFINISHED = re.compile(
    r"-?[0-9]{0,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{0,10})?[ \t\r\n]{0,400}\Z"
    r"|t(?:ru?)?\Z|f(?:a(?:ls?)?)?\Z|n(?:ul?)?\Z"
)
_LITERALS: Final[dict[str, JSON]] = {"true": True, "false": False, "null": None}
_NOTHING: Final[tuple[tuple[Path, JSON], ...]] = ()


class Parser:
    """Reads a reply while it is written.

    Words, think-blocks and an opening fence before the value are skipped. Where the text stops
    being JSON the parser stops too: what is complete stays, and :meth:`finish` repairs the rest.

    Args:
        follow: The path of a list: only its items are reported, each when it is complete.
        keep: Whether followed items also stay in :attr:`value`; without it memory stays flat.
        max_depth: Deepest nesting accepted.

    Attributes:
        value: What is complete so far, in the containers that are still open; ``ABSENT`` before the
            value begins. The parser goes on writing into it: copy what you want to keep as it is.
        done: The value's last byte has arrived.
        broken: The text is no strict JSON from here on; nothing more is reported before ``finish``.
    """

    __slots__ = (
        "_events", "_follow", "_frames", "_here", "_in_key", "_index", "_keep", "_key", "_max_depth", "_path",
        "_pieces", "_preamble", "_step", "_string", "_tail", "_watch", "broken", "done", "value",
    )  # fmt: skip

    def __init__(self, *, follow: Path | None = None, keep: bool = True, max_depth: int = 256) -> None:
        self.value: JSON = ABSENT
        self.done = False
        self.broken = False
        self._follow = follow
        self._keep = keep
        self._max_depth = max_depth
        self._pieces: list[str] = []
        self._watch = Watch(self._pieces)
        self._preamble = Preamble()
        self._tail = ""
        self._step = self._begin
        # The string being read, as the pieces of it; None outside of strings.
        self._string: list[str] | None = None
        self._in_key = False
        # The innermost open container, its path, and the key or index being read in it.
        self._here: Any = None
        self._path: Path = ()
        self._key: str | int = 0
        self._frames: list[tuple[Any, Path, str | int]] = []
        self._events: list[tuple[Path, JSON]] = []

    def feed(self, piece: str) -> Sequence[tuple[Path, JSON]]:
        """Take the next piece of the text.

        Returns:
            Every value that this piece completed, innermost first, with its path. A string is complete
            at its closing quote, a number when something follows it, a container at its bracket.
        """
        self._pieces.append(piece)
        watch = self._watch
        watch.length += len(piece)
        if watch.length >= watch.due:
            watch.look()
        string = self._string
        if string is not None:
            at = self._string_end(piece) if '"' in piece else -1
            if at < 0:
                string.append(piece)
                return _NOTHING
            self._events = []
            buffer, at = piece, self._end_string(piece, at)
        else:
            buffer, at = (self._tail + piece if self._tail else piece), 0
            self._events = []
        end = len(buffer)
        while at < end:
            moved = self._step(buffer, at)
            if moved == at:
                break
            at = moved
        self._tail = buffer[at:] if at < end else ""
        return self._events

    @property
    def runaway(self) -> str | None:
        """``whitespace`` or ``repetition`` when the model writes nothing else any more: cut the stream off."""
        return self._watch.verdict

    @property
    def text(self) -> str:
        """Everything fed so far."""
        return "".join(self._pieces)

    @property
    def partial(self) -> tuple[Path, str] | None:
        """The string value being written, with its path and the text so far; None outside of one."""
        if self._string is None or self._in_key:
            return None
        raw = "".join(self._string)
        return (*self._path, self._key), unescape(whole_escapes(raw))[0]

    @property
    def open_paths(self) -> tuple[Path, ...]:
        """The containers that are not closed yet, outermost first; everything else in ``value`` is complete."""
        if self._here is None:
            return ()
        return (*(path for _, path, _ in self._frames[1:]), self._path)

    def complete_paths(self) -> Iterator[Path]:
        """Walk over the paths of everything that is complete."""
        still_open = set(self.open_paths)
        todo: list[tuple[Path, JSON]] = [] if self.value is ABSENT else [((), self.value)]
        while todo:
            path, value = todo.pop()
            if path not in still_open:
                yield path
            if isinstance(value, dict):
                todo += [((*path, key), item) for key, item in value.items()]
            elif isinstance(value, list):
                todo += [((*path, index), item) for index, item in enumerate(value)]

    def finish(self, *, cut_text: Literal["drop", "keep"] = "drop", exact_floats: bool = False) -> Decoded:
        """Decode the whole text, now that it has ended; arguments and errors are those of :func:`decode`.

        Raises:
            DecodeError: No JSON in the text, nested too deep, or garbage.
        """
        return decode(self.text, max_depth=self._max_depth, cut_text=cut_text, exact_floats=exact_floats)

    # -- steps: each reads one thing at ``at`` and says where reading goes on; the same place means: more text --

    def _begin(self, buffer: str, at: int) -> int:
        start = self._preamble.find(buffer, at)
        if start is None:
            return len(buffer)
        if start < 0:
            return -1 - start
        self._step = self._read_value
        return self._read_value(buffer, start)

    def _read_value(self, buffer: str, at: int) -> int:
        if self._here.__class__ is list and len(buffer) - at >= _rows.LEAST:
            found_items, after = _rows.items(buffer, at)
            if found_items:
                self._take_items(found_items)
                return after
        found = _VALUE.match(buffer, at)
        if found is None:
            return self._odd_value(buffer, at)
        kind = found.lastindex
        word = found[kind or 0]
        if kind == 1:
            self._store(word)
        elif kind == 5:  # noqa: PLR2004 - the group's place in the pattern above
            return self._open(word, found.end())
        elif kind == 4:  # noqa: PLR2004
            self._store(_LITERALS[word])
        else:
            return self._number(word, found.end(), whole=kind == 2)  # noqa: PLR2004
        return found.end()

    def _number(self, word: str, after: int, *, whole: bool) -> int:
        try:
            self._store(int(word) if whole else float(word))
        except ValueError:  # more digits than Python reads
            return self._break(after)
        return after

    def _odd_value(self, buffer: str, at: int) -> int:
        gap = _SPACE.match(buffer, at)
        at = gap.end() if gap else at
        char = buffer[at : at + 1]
        if char == '"':
            return self._open_string(buffer, at + 1, in_key=False)
        if not char or _UNFINISHED.match(buffer, at):
            return at
        if char == "]" and isinstance(self._here, list):
            return self._close(at + 1)
        return self._break(len(buffer))

    def _read_key(self, buffer: str, at: int) -> int:
        if len(buffer) - at >= _rows.LEAST:
            pairs, after = _rows.members(buffer, at)
            if pairs:
                self._here.update(pairs)
                if self._follow is None:
                    path = self._path
                    self._events += [((*path, key), value) for key, value in pairs]
                return after
        found = _KEY.match(buffer, at)
        if found is not None:
            self._key = found[1]
            self._step = self._read_value
            return found.end()
        gap = _SPACE.match(buffer, at)
        at = gap.end() if gap else at
        char = buffer[at : at + 1]
        if char == '"':
            return self._open_string(buffer, at + 1, in_key=True)
        if char == "}":
            return self._close(at + 1)
        return at if not char else self._break(len(buffer))

    def _read_colon(self, buffer: str, at: int) -> int:
        found = _COLON.match(buffer, at)
        if found is not None:
            self._step = self._read_value
            return found.end()
        return at if not buffer[at:].strip() else self._break(len(buffer))

    def _read_after(self, buffer: str, at: int) -> int:
        found = _AFTER.match(buffer, at)
        if found is None:
            gap = _SPACE.match(buffer, at)
            past = gap.end() if gap else at
            return past if past == len(buffer) else self._break(len(buffer))
        in_object = isinstance(self._here, dict)
        sign = found[1]
        if sign == ",":
            self._step = self._read_key if in_object else self._read_value
            return found.end()
        return self._close(found.end()) if in_object == (sign == "}") else self._break(len(buffer))

    def _ignore(self, buffer: str, at: int) -> int:  # noqa: ARG002 - a step like the others
        return len(buffer)

    def _break(self, at: int) -> int:
        self.broken = True
        self._step = self._ignore
        return at

    # -- containers and values ---------------------------------------------------------------------

    def _open(self, bracket: str, after: int) -> int:
        if len(self._frames) >= self._max_depth:
            return self._break(after)
        value: Any = {} if bracket == "{" else []
        path: Path = ()
        if self._here is None:
            self.value = value
        else:
            path = (*self._path, self._key)
            self._attach(value)
        self._frames.append((self._here, self._path, self._key))
        self._here, self._path, self._key = value, path, 0
        self._step = self._read_key if bracket == "{" else self._read_value
        return after

    def _take_items(self, items: list[Any]) -> None:
        """Store and report items of the list being read; objects come as tuples of their pairs."""
        inside = self._path
        followed = inside == self._follow
        rows = [dict(item) if item.__class__ is tuple else item for item in items]
        if self._keep or not followed:
            self._here += rows
        first: int = self._key  # type: ignore[assignment]
        self._key = first + len(rows)
        if self._follow is not None and not followed:
            return
        for index, (item, row) in enumerate(zip(items, rows, strict=True), first):
            path = (*inside, index)
            if item.__class__ is tuple and not followed:
                self._events += [((*path, key), value) for key, value in item]
            self._events.append((path, row))

    def _attach(self, value: JSON) -> None:
        if isinstance(self._here, dict):
            self._here[self._key] = value
        elif self._keep or self._path != self._follow:
            self._here.append(value)

    def _close(self, after: int) -> int:
        value, path = self._here, self._path
        self._here, self._path, self._key = self._frames.pop()
        self._report(path, value)
        if self._here is None:
            self.done = True
            self._step = self._ignore
            return after
        if isinstance(self._here, list):
            self._key += 1  # type: ignore[operator]
        self._step = self._read_after
        return after

    def _store(self, value: JSON) -> None:
        here = self._here
        path = (*self._path, self._key)
        if here.__class__ is dict:
            here[self._key] = value
        else:
            if self._keep or self._path != self._follow:
                here.append(value)
            self._key += 1  # type: ignore[operator]
        self._step = self._read_after
        if self._follow is None or self._path == self._follow:
            self._events.append((path, value))

    def _report(self, path: Path, value: JSON) -> None:
        if self._follow is None or (path and path[:-1] == self._follow):
            self._events.append((path, value))

    # -- strings that a piece leaves unfinished, or that hold escapes ---------------------------------

    def _open_string(self, buffer: str, at: int, *, in_key: bool) -> int:
        self._string = []
        self._in_key = in_key
        rest = buffer[at:]
        end = self._string_end(rest)
        if end < 0:
            self._string.append(rest)
            return len(buffer)
        return at + self._end_string(rest, end)

    def _string_end(self, piece: str) -> int:
        """Find the quote in ``piece`` that ends the string being read; -1 without one."""
        at = piece.find('"')
        while at >= 0 and self._is_escaped(piece, at):
            at = piece.find('"', at + 1)
        return at

    def _is_escaped(self, piece: str, at: int) -> bool:
        if at and piece[at - 1] != "\\":
            return False
        run = at - len(piece[:at].rstrip("\\"))
        if run == at:
            for part in reversed(self._string or ()):
                more = len(part) - len(part.rstrip("\\"))
                run += more
                if more < len(part):
                    break
        return run % 2 == 1

    def _end_string(self, piece: str, at: int) -> int:
        raw = "".join((*(self._string or ()), piece[:at]))
        self._string = None
        said = unescape(raw)[0]
        if self._in_key:
            self._key = said
            self._step = self._read_colon
        else:
            self._store(said)
        return at + 1
