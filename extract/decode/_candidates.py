"""Text in, every place of it that holds JSON out, read and grouped, in the order of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extract.decode._cursor import ABSENT, Options
from extract.decode._omissions import NO_WORDS, leaves_out
from extract.decode._reader import Reader
from extract.decode._repairs import Notes
from extract.decode._strict import Strict
from extract.decode._strings import Piece
from extract.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.errors import Path
    from extract.typing import JSON, Repair

_ANY = "\"'`´“”„‘’「」『』＂"
_THINK = r"(?:think|thinking|thought|reasoning|reflection|scratchpad|analysis)"
_OPEN_THOUGHT = re.compile(rf"\s*<{_THINK}>", re.IGNORECASE)
_THOUGHT_ENDS = re.compile(rf"</{_THINK}>\s*", re.IGNORECASE)
_FENCE = r"(?P<fence>(?<![`])`{3,}[ \t]*(?P<language>[\w+-]*)[ \t]*)"
# In prose a bracket opens JSON only when something of JSON follows it.
_OBJECT = rf"[{{｛](?=\s*(?:[{_ANY}}}\\/#&,\[{{]|[\w$.-]{{1,100}}\s*(?:[\"']\s*)?[:：]|\.\.\.|\Z))"
_LIST = rf"\[(?=\s*(?:[{_ANY}\]\[{{(\d\-+/,]|\.\d|true\b|false\b|null\b|True\b|False\b|None\b|NaN\b|\.\.\.|\Z))"
_START = re.compile(rf"{_FENCE}|(?P<json>{_OBJECT}|{_LIST})")
_MEMBERS = re.compile(rf"\s*[\"“][^{_ANY}\n]{{0,200}}[\"”]\s*:\s*(?=[\"“\[{{\dtfn-])")
_TUPLE = re.compile(rf"\s*(?=\(\s*(?:[{_ANY}(\[{{]|-?\d|True\b|False\b|None\b))")
_BETWEEN = re.compile(r"(?:[\s,;}\])]|\.\.\.|//[^\n]*\n|/\*[\s\S]*?\*/|#[^\n]*\n|<!--[\s\S]*?-->)*")
_SPACE = re.compile(r"\s*")
_FEW_WORDS = 120
# What says nothing between two values.
_NOTHING = " \t\r\n,;"
# Values that stand apart after which the text counts as garbage.
_MOST_APART = 20_000
# How often a place in prose may be read to the text's end and then given up.
_SECOND_THOUGHTS = 20
_DATA_LANGUAGES = frozenset(
    (
        "",
        "json",
        "json5",
        "jsonc",
        "jsonl",
        "ndjson",
        "js",
        "javascript",
        "ts",
        "typescript",
        "python",
        "py",
        "yaml",
        "text",
    )
)
_DOUBTFUL = frozenset(("unquoted-text", "stray-text", "missing-colon", "value-without-key", "missing-quote"))


@dataclass(slots=True)
class Candidate:
    """One value of the text, where it stands, and how it was come by."""

    value: JSON
    start: int
    end: int
    repairs: Sequence[Repair] = ()
    cut: Path | None = None
    missing: tuple[Path, ...] = ()
    fenced: bool = False
    thought: bool = False
    run: int = field(default=0)
    # What stands between this value and the one it is taken together with, where that is more than space.
    gap: str = ""

    @property
    def weight(self) -> float:
        """How much this looks like the answer: its size, doubled in a fence, less where much had to be guessed."""
        doubt = sum(repair.kind in _DOUBTFUL for repair in self.repairs)
        return (self.end - self.start) * (2 if self.fenced else 1) / (1 + doubt)


class Finder:
    """Walks over a text from one candidate to the next.

    Attributes:
        found: The candidates, in the order of the text.
        answer: Where thinking aloud ends and the answer begins.
    """

    def __init__(self, text: str, options: Options) -> None:
        self._text = text
        self._options = options
        self._strict = Strict(text, max_depth=options.max_depth, exact_floats=options.exact_floats)
        self._notes = Notes(options.max_repairs)
        self._second_thoughts = _SECOND_THOUGHTS
        self.found: list[Candidate] = []
        self.answer = 0

    def candidates(self, *, strict: bool = True) -> list[Candidate]:
        """Read every candidate of the text.

        Args:
            strict: Let the standard library read what is strict JSON.

        Raises:
            DecodeError: Too deep, or too many repairs.
        """
        if not strict:
            self._strict.stop()
        self.answer = self._end_of_thought()
        if self.answer:
            self._walk(0, self.answer, thought=True)
        self._walk(self.answer, len(self._text), thought=False)
        return self.found

    def _end_of_thought(self) -> int:
        """Find where thinking aloud ends: after its closing tag, when the text does not begin with JSON."""
        text = self._text
        opened = _OPEN_THOUGHT.match(text)
        if opened:
            closed = _THOUGHT_ENDS.search(text, opened.end())
            return closed.end() if closed else 0
        if text.lstrip()[:1] in ("{", "["):
            return 0
        end = 0
        for closed in _THOUGHT_ENDS.finditer(text):
            end = closed.end()
        return end

    def _walk(self, start: int, end: int, *, thought: bool) -> None:
        piece = Piece(self._text, end)
        at, fence = start, ""
        at = self._lenient(piece, at, fenced=False, thought=thought)
        while True:
            sign = _START.search(self._text, at, end)
            if sign is None:
                return
            if sign.group("fence"):
                opens = not fence
                self._notes.add("fence", None, sign.start())
                fence = sign.group("language").lower() or "json" if opens else ""
                at = sign.end()
                if opens and fence in _DATA_LANGUAGES:
                    at = self._lenient(piece, at, fenced=True, thought=thought)
                continue
            at = self._read(piece, sign.start(), fenced=fence in _DATA_LANGUAGES and bool(fence), thought=thought)

    def _lenient(self, piece: Piece, at: int, *, fenced: bool, thought: bool) -> int:
        """Where a text or a fence begins, believe in JSON more easily than in the middle of prose."""
        text = self._text
        space = _SPACE.match(text, at, piece.end)
        begin = space.end() if space else at
        if _MEMBERS.match(text, begin, piece.end):
            return self._read(piece, begin, fenced=fenced, thought=thought, members=True)
        if begin < piece.end and (text[begin] in "{[｛［" or _TUPLE.match(text, begin, piece.end)):
            return self._read(piece, begin, fenced=fenced, thought=thought)
        return at

    def _read(self, piece: Piece, start: int, *, fenced: bool, thought: bool, members: bool = False) -> int:
        before = len(self._notes.made)
        piece.fenced = fenced
        reader = Reader(piece, self._notes, self._strict, self._options)
        if members:
            reader.read_members(start)
        else:
            reader.read(start)
        repairs = self._notes.made[before:]
        if self._was_prose(reader, repairs, start, piece.end):
            del self._notes.made[before:]
            return start + 1
        if reader.value is not ABSENT:
            self._keep(
                Candidate(reader.value, start, reader.pos, repairs, reader.cut, tuple(reader.missing), fenced, thought)
            )
        return max(reader.pos, start + 1)

    def _was_prose(self, reader: Reader, repairs: Sequence[Repair], start: int, end: int) -> bool:
        """See whether what was read to the text's end was a bracket of prose that swallowed the answer."""
        if reader.cut is None or not self._second_thoughts or not self._text[:start].strip():
            return False
        if not any(repair.kind in _DOUBTFUL for repair in repairs) or not _START.search(self._text, start + 1, end):
            return False
        self._second_thoughts -= 1
        return True

    def _keep(self, candidate: Candidate) -> None:
        if self.found:
            last = self.found[-1]
            between = _BETWEEN.match(self._text, last.end, candidate.start)
            adjoins = (between is not None and between.end() == candidate.start) or self._are_left_out(last, candidate)
            adjoins = adjoins and last.thought == candidate.thought
            candidate.run = last.run if adjoins else last.run + 1
            gap = self._text[last.end : candidate.start] if adjoins else ""
            if gap.strip(_NOTHING):
                candidate.gap = gap
            # Each further value is a liberty too: garbage of a million empty lists has its limit.
            self._notes.add("concatenated" if adjoins else "other-candidate", None, candidate.start)
            if candidate.run >= _MOST_APART:
                raise DecodeError(
                    f"the text holds more than {_MOST_APART} values that stand apart",
                    advice="Treat the reply as garbage and ask again: which of them is the answer cannot be told.",
                )
        self.found.append(candidate)

    def _are_left_out(self, last: Candidate, candidate: Candidate) -> bool:
        """Whether a few words between two values say that there are more of the kind."""
        words = self._text[last.end : min(candidate.start, last.end + _FEW_WORDS)]
        return len(words) < _FEW_WORDS and leaves_out(words.strip(NO_WORDS), "item")


def choose(found: Sequence[Candidate]) -> tuple[list[Candidate], list[list[Candidate]]]:
    """Choose the answer among what was found.

    Values with nothing but space and commas between them belong together. Thinking aloud counts only
    where there is nothing else. A model corrects itself at the end and gives examples that are
    small, so the answer is the last of the large ones.

    Returns:
        The values that make up the answer, and the other groups in the order of the text.
    """
    groups: dict[int, list[Candidate]] = {}
    for one in found:
        groups.setdefault(one.run, []).append(one)
    runs = list(groups.values())
    answers = [run for run in runs if not run[0].thought] or runs
    weights = [sum(one.weight for one in run) for run in answers]
    most = max(weights)
    chosen = max(index for index, weight in enumerate(weights) if 2 * weight >= most)
    answer = answers[chosen]
    return answer, [run for run in runs if run is not answer]
