"""The pieces of a stream in, out whether the model still says anything."""

from __future__ import annotations

# How many characters pass between two looks.
_EVERY = 1024
# How far back a look goes, and how much blank space at the end is too much.
_WINDOW = 8192
_BLANK = 1000
# The end of the text whose earlier copy tells how long the repeated part is.
_SAMPLE = 64
_REPEATS = 16


class Watch:
    """Looks at a stream's end from time to time.

    Attributes:
        length: Characters so far; the owner counts them.
        due: The length at which to look next.
        verdict: ``whitespace``, ``repetition`` or None.
    """

    __slots__ = ("_pieces", "_seen", "_window", "due", "length", "verdict")

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._seen = 0
        self._window = ""
        self.length = 0
        self.due = _EVERY
        self.verdict: str | None = None

    def look(self) -> None:
        """Judge the last few thousand characters."""
        self.due = self.length + _EVERY
        self._window = (self._window + "".join(self._pieces[self._seen :]))[-_WINDOW:]
        self._seen = len(self._pieces)
        blank = len(self._window) - len(self._window.rstrip())
        if blank >= _BLANK:
            self.verdict = "whitespace"
        elif len(self._window) == _WINDOW and _is_periodic(self._window):
            self.verdict = "repetition"


def _is_periodic(window: str) -> bool:
    """Whether the window is one short text over and over."""
    earlier = window.rfind(window[-_SAMPLE:], 0, -1)
    period = len(window) - _SAMPLE - earlier
    return earlier >= 0 and period * _REPEATS <= len(window) and window[period:] == window[:-period]
