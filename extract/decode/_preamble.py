"""The beginning of a stream in, the place where its JSON begins out."""

from __future__ import annotations

import re

_THINK = r"(?:think|thinking|thought|reasoning|reflection|scratchpad|analysis)"
_OPEN_THOUGHT = re.compile(rf"<{_THINK}>", re.IGNORECASE)
_THOUGHT_ENDS = re.compile(rf"</{_THINK}>", re.IGNORECASE)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\r?\n?\s*(?=[{\[])")
_BRACKET = re.compile(r"[{\[]")
# In the middle of prose a bracket is believed only when this follows it.
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\"{\[]")
_UNDECIDED = re.compile(r"[{\[]\s{0,200}\Z|`{1,3}[\w+-]{0,20}\s{0,200}\Z")
_FAR = 300
_LONGEST_TAG = 16


class Preamble:
    """Skips words, a think-block and a fence before the value; keeps no more text than it needs."""

    __slots__ = ("_at_start", "_thinking")

    def __init__(self) -> None:
        self._at_start = True
        self._thinking = False

    def find(self, buffer: str, at: int) -> int | None:
        """Look for the value's opening bracket.

        Returns:
            Where it is; ``-1 - place`` when the text from that place on is needed again once more has
            arrived; None when none of it is.
        """
        if self._thinking:
            ended = _THOUGHT_ENDS.search(buffer, at)
            if ended is None:
                tag = buffer.rfind("<", max(at, len(buffer) - _LONGEST_TAG))
                return -1 - tag if tag >= 0 else None
            self._thinking, self._at_start, at = False, True, ended.end()
        if self._at_start:
            return self._first(buffer, at)
        return self._in_prose(buffer, at)

    def _first(self, buffer: str, at: int) -> int | None:
        rest = buffer[at:].lstrip(" \t\r\n\ufeff")
        start = len(buffer) - len(rest)
        if not rest:
            return None
        if rest[0] in "{[":
            return start
        if rest[0] == "<" and len(rest) < _LONGEST_TAG and ">" not in rest:
            return -1 - start
        self._at_start = False
        opened = _OPEN_THOUGHT.match(buffer, start)
        if opened:
            self._thinking = True
            return self.find(buffer, opened.end())
        return self._in_prose(buffer, start)

    def _in_prose(self, buffer: str, at: int) -> int | None:
        fence = _FENCE.search(buffer, at)
        bracket = _JSON.search(buffer, at)
        if fence and (bracket is None or fence.start() < bracket.start()):
            return fence.end()
        if bracket:
            return bracket.start()
        undecided = _UNDECIDED.search(buffer, max(at, len(buffer) - _FAR))
        return -1 - undecided.start() if undecided else None
