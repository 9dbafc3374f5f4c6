"""A cursor between two objects of a list in, whether the next of them begins here out, where brackets are amiss."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from extract.decode._stretches import Stretches

if TYPE_CHECKING:
    from extract.typing import JSON

_KEY: Final = r"[\"'](?P<key>[^\"'\n\\]{1,200})[\"']\s*:"
_BARE_ROW = re.compile(rf"\s*,?\s*{_KEY}")
_ROW = re.compile(rf"\{{\s*{_KEY}")
_ROW_AFTER_CLOSE = re.compile(rf"\s*\}}\s*,\s*\{{\s*{_KEY}")
_SIGNS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|(?P<bracket>[{}\[\]])")
_ENDS_ROW = re.compile(r"\s*(?:\]|,\s*[{\"'])")
_LOOK_AHEAD = 5_000


class Rows(Stretches):
    """Tells rows apart by the key that each begins with."""

    def _begins_again(self) -> bool:
        """End an object of a list where its first key follows without a comma: the next one begins."""
        if not self._is_row() or not self._follows(_BARE_ROW, self.pos, self._frames[-1].value):
            return False
        self._note("missing-close", after="}")
        self._leave()
        return True

    def _reopen(self) -> bool:
        """Go on with a list that was closed too early, or never opened: another row stands in the place of a key."""
        frame = self._frames[-1]
        key = next(reversed(frame.value), None)
        rows = frame.value.get(key)
        row = rows[-1] if rows and isinstance(rows, list) else rows
        if not self._follows(_ROW, self.pos, row):
            return False
        frame.key = key
        if isinstance(rows, list):
            self._note("stray-close", before="]")
        else:
            self._note("missing-open", after="[")
        del frame.value[key]
        self._push(rows if isinstance(rows, list) else [rows], "]", 0)
        return True

    def _is_wrong_close(self) -> bool:
        """Whether the bracket here was meant for the row: members follow that are a row of their own."""
        text, at, end = self._text, self.pos + 1, self._piece.end
        if not self._is_row() or not self._follows(_BARE_ROW, at, self._frames[-1].value):
            return False
        depth = 0
        for sign in _SIGNS.finditer(text, at, min(end, at + _LOOK_AHEAD)):
            bracket = sign["bracket"]
            if bracket in ("{", "["):
                depth += 1
            elif bracket and depth:
                depth -= 1
            elif bracket:
                return bracket == "}" and _ENDS_ROW.match(text, sign.end(), end) is not None
        return False

    def _is_stray_close(self) -> bool:
        """Whether the bracket here stands before the brace that closes the row, and another row follows."""
        # Where another list is around this one, the next object may as well be one of that list's.
        alone = self._is_row() and len(self._frames) == 3  # noqa: PLR2004 - an object, its list, its row
        return alone and self._follows(_ROW_AFTER_CLOSE, self.pos + 1, self._frames[-1].value)

    def _is_row(self) -> bool:
        frames = self._frames
        return len(frames) > 1 and isinstance(frames[-1].value, dict) and isinstance(frames[-2].value, list)

    def _follows(self, sign: re.Pattern[str], at: int, row: JSON) -> bool:
        found = sign.match(self._text, at, self._piece.end)
        return found is not None and isinstance(row, dict) and found["key"] == next(iter(row), None)
