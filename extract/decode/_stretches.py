"""A cursor inside a container in, whole runs of its items or members taken at C speed where they are strict JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.decode._texts import Texts

if TYPE_CHECKING:
    from extract.decode._cursor import Frame
    from extract.typing import JSON

_STRICT_SCALAR = (
    r'(?:"[^"\\\x00-\x1f]*"|-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|\[\]|\{\})'
)
_WS = r"[ \t\r\n]*"
_ITEM_RUN = re.compile(rf"(?:{_WS}{_STRICT_SCALAR}{_WS},(?={_WS}(?:[\"\[{{1-9tfn-]|0(?![0-9])))){{2,1000}}")
_MEMBER_RUN = re.compile(
    rf"(?:{_WS}\"[^\"\\\x00-\x1f]*\"{_WS}:{_WS}{_STRICT_SCALAR}{_WS},(?={_WS}\"[^\"\n]{{0,200}}\"{_WS}:)){{2,1000}}"
)
# Many small objects are read a stretch at a time: up to the last place that looks like the gap between two.
_STRETCH = 1 << 16
_MORE_ITEMS = re.compile(r",\s*\{\s*\"")


class Stretches(Texts):
    """Reads what follows each other without an accident; each method moves the cursor past what it read."""

    def _take_items(self, items: list[JSON]) -> None:
        run = _ITEM_RUN.match(self._text, self.pos, self._piece.end)
        found = self._strict.run(f"[{run.group()[:-1]}]") if run else None
        if run and found is not None:
            items.extend(found)
            self.pos = run.end()
            self._after_comma = True
        while self.pos >= self._stretch_from:
            stop = self._text.rfind("},", self.pos, min(self.pos + _STRETCH, self._piece.end)) + 1
            found = self._strict.items(self.pos, stop) if stop and _MORE_ITEMS.match(self._text, stop) else None
            if found is None:
                self._stretch_from = self.pos + _STRETCH
                return
            items.extend(found)
            self.pos = stop + 1
            self._after_comma = True

    def _take_members(self, frame: Frame) -> None:
        run = _MEMBER_RUN.match(self._text, self.pos, self._piece.end)
        found = self._strict.run(f"{{{run.group()[:-1]}}}") if run else None
        if run and found is not None:
            for frame.key, value in found:
                self._attach(value)
            frame.key = None
            self.pos = run.end()
            self._after_comma = True
