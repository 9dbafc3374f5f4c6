"""Where reading has come to in a text: the position, what is open, and what goes on record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from extract.decode._omissions import leaves_out
from extract.decode._strict import too_deep
from extract.decode._words import WIDE

if TYPE_CHECKING:
    from extract.decode._repairs import Notes
    from extract.decode._strict import Strict
    from extract.decode._strings import Piece
    from extract.errors import Path
    from extract.typing import JSON


class Step(Protocol):
    """Reads one thing; returns the next step, or None at the value's end."""

    def __call__(self) -> Step | None: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of ``decode`` asked for."""

    max_depth: int = 256
    max_repairs: int = 100_000
    cut_text: Literal["drop", "keep"] = "drop"
    bare_text: bool = False
    exact_floats: bool = False


class Frame:
    """An open container, where it begins, the key or index being read in it, and what closes it."""

    __slots__ = ("closer", "doubled", "key", "left_out", "noted", "start", "value")

    def __init__(self, value: Any, closer: str, start: int, noted: int) -> None:
        self.value = value
        self.closer = closer
        self.start = start
        # How many repairs there were when it began.
        self.noted = noted
        self.key: str | int | None = None
        self.doubled = 0
        self.left_out = False


ABSENT: Final[Any] = object()
_DAMAGE: Final = frozenset((
    "missing-quote", "missing-comma", "missing-colon", "unquoted-text", "stray-text", "inner-quotes", "stray-close",
    "wrong-close", "missing-close", "odd-colon", "odd-comma",
))  # fmt: skip
_FEW = 40
_GAP = re.compile(r"[ \t\r\n]*")
_ODD_SPACE = re.compile("[\\s\x00-\x1f\u180e\u200b-\u200f\u2060\ufeff]+")
_LINE_COMMENT = re.compile(r"//[^\n]*|#(?=[\s#!])[^\n]*")
_BLOCK_COMMENTS: Final = {"/*": "*/", "<!--": "-->"}


# Whole sentences up to the text's end with nothing of JSON in them.
_SENTENCES = re.compile(r"[^\W\d_]+(?:[ ,;'’-]+[^\s{}\[\]\":]+){2,200}?[.?!][^{}\[\]\":]{0,2000}\Z")


class Cursor:
    """A position in a text with the stack of open containers; knows no grammar.

    Args:
        piece: The text.
        notes: Where repairs are put on record.
        strict: Reads what is strict JSON.
        options: What the caller asked for.
    """

    def __init__(self, piece: Piece, notes: Notes, strict: Strict, options: Options) -> None:
        self._piece = piece
        self._text = piece.text
        self._notes = notes
        self._strict = strict
        self._options = options
        self._frames: list[Frame] = []
        self._after_comma = False
        self._fenced = False
        # Before this place, reading a whole stretch of items at once has just failed.
        self._stretch_from = 0
        self.pos = 0
        self.value: JSON = ABSENT
        self.cut: Path | None = None
        self.missing: list[Path] = []

    def _peek(self) -> str:
        """Skip space and comments; return the next character, or nothing where the text ends."""
        text, end = self._text, self._piece.end
        while True:
            gap = _GAP.match(text, self.pos, end)
            self.pos = gap.end() if gap else self.pos
            if self.pos >= end:
                return ""
            char = text[self.pos]
            if char in WIDE:
                self._note("wide-sign", before=char, after=WIDE[char])
                return WIDE[char]
            if char in "/#<":
                past, kind = self._comment_end(), "comment"
            elif char > "~" or char < " ":
                space, kind = _ODD_SPACE.match(text, self.pos, end), "odd-space"
                past = space.end() if space else self.pos
            elif char == "`" and text.startswith("```", self.pos, end):
                self._fenced = True
                return ""
            else:
                return char
            if past == self.pos:
                return char
            skipped = text[self.pos : past]
            if kind == "comment" and self._frames and leaves_out(skipped, "comment"):
                self._left_out(skipped)
            else:
                self._note(kind, before=skipped)
            self.pos = past

    def _left_out(self, words: str) -> None:
        """Put on record that words stand here for values that the text does not give."""
        frame = self._frames[-1]
        between = isinstance(frame.value, list) and frame.key is None
        frame.key = len(frame.value) if between else frame.key
        frame.left_out = frame.key is None or isinstance(frame.value, list)
        self._note("ellipsis", before=words)
        self.missing.append(self._path())
        frame.key = None if between else frame.key

    def _comment_end(self) -> int:
        """Find the end of the comment that starts here; one that is never closed reaches to the text's end."""
        text, start, end = self._text, self.pos, self._piece.end
        for opening, closing in _BLOCK_COMMENTS.items():
            if text.startswith(opening, start, end):
                stop = text.find(closing, start + len(opening), end)
                return stop + len(closing) if stop >= 0 else end
        line = _LINE_COMMENT.match(text, start, end)
        return line.end() if line else start

    def _push(self, value: Any, closer: str, width: int) -> None:
        if len(self._frames) >= self._options.max_depth:
            raise too_deep(self._options.max_depth)
        self._frames.append(Frame(value, closer, self.pos, len(self._notes.made)))
        self.pos += width
        self._after_comma = False

    def _leave(self) -> None:
        """End the innermost container and put what it is into the one around it."""
        frame = self._frames.pop()
        value = frame.value
        if frame.left_out and not value and self._frames and isinstance(self._frames[-1].value, list):
            # An item that is nothing but dots stands for items.
            if isinstance(value, list):
                self.missing[-1] = self._path()
            return
        if frame.closer == ")":
            grouping = len(value) == 1 and not self._after_comma
            self._note("grouping" if grouping else "tuple", before="(", after=None if grouping else "[")
            value = value[0] if grouping else value
        self._attach(value, frame.start)

    def _attach(self, value: JSON, start: int | None = None) -> None:
        """Put a value into the container it stands in; ``start`` is where it began, unless that is here.

        A container comes here when it ends: only then is it known what it is.
        """
        if not self._frames:
            self.value = value
            return
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is None:
            self._note("value-without-key", before=value, offset=start)
            if value and isinstance(value, (dict, list)):
                self._lose(self._path())
        else:
            if frame.key in frame.value:
                # Two rows may have run into one: of what was there twice, one half is gone.
                made = self._notes.made
                torn = any(note.kind in _DAMAGE for note in made[max(frame.noted, len(made) - _FEW) :])
                self._note("duplicate-key", before=frame.value[frame.key], after=value, offset=start)
                if torn and len(self._frames) > 1 and isinstance(self._frames[-2].value, list):
                    self._lose(self._path()[:-1])
            frame.value[frame.key] = value

    def _lose(self, path: Path) -> None:
        """Say that not everything that the text gives stands in the value."""
        if path not in self.missing:
            self.missing.append(path)

    def _end_all(self) -> None:
        """Put every container that is still open into the one around it, as far as it goes."""
        while self._frames:
            frame = self._frames.pop()
            self._attach(frame.value, frame.start)

    def _context(self) -> str:
        if not self._frames:
            return "root"
        frame = self._frames[-1]
        if isinstance(frame.value, dict):
            return "member"
        return "tuple" if frame.closer == ")" else "item"

    def _cut(self, kind: str, before: str, said: str) -> None:
        path = self._path()
        self._note(kind, before=before)
        if kind == "cut-text" and self._options.cut_text == "keep":
            self._attach(said)
        self.cut = path
        self.pos = self._piece.end

    def _text_ends(self) -> Step | None:
        path = self._path()
        if not self._fenced:
            self._note("cut")
            self.cut = path
            return None
        for frame in reversed(self._frames):
            if isinstance(frame.key, str):
                self.missing.append(path)
                self._note("missing-value")
                break
        if self._frames:
            self._note("missing-close", after="".join(frame.closer for frame in reversed(self._frames)))
        return None

    def _turns_to_words(self) -> bool:
        """End everything that is open where the model forgot its brackets and has turned to the reader."""
        if not self._frames[-1].value or not _SENTENCES.match(self._text, self.pos, self._piece.end):
            return False
        self._note("missing-close", after="".join(frame.closer for frame in reversed(self._frames)))
        return True

    def _path(self) -> Path:
        return tuple(frame.key for frame in self._frames if frame.key is not None)

    def _note(self, kind: str, *, before: Any = None, after: Any = None, offset: int | None = None) -> None:
        self._notes.add(kind, self._path(), self.pos if offset is None else offset, before, after)
