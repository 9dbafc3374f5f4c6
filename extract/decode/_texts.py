"""A cursor at a string, a key or a word in, what it says out, with what was odd about it on record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extract.decode._cursor import Cursor
from extract.decode._strings import closing_quote, next_quote, unescape, whole_escapes
from extract.decode._words import LITERALS, looks_like_number, read_number

if TYPE_CHECKING:
    from extract.typing import JSON

_ANY = "\"'`´“”„‘’「」『』＂"
_COLON = re.compile(r"\s*(?:[:：]|=>?|\Z)")
_BLOCK = re.compile(r"```(?:[^`\n]{0,200}\n)?")
_BLOCK_ENDS = re.compile(r"\s*[,}\]]|\s*\n\s*\"")
_MOST_BLOCKS = 50
_NEXT_ROW = re.compile(r"\}\s*,\s*\{\s*\"([^\"\n]{1,200})\"\s*:")
_DOUBLED = re.compile(r"([\"'])\1(?=[^\"'\s,:}\]])(?P<key>[^\"'\n]*)\1\1?(?=\s*[,:}\]])")
# Keys whose quotes are at odds with the rules, each with the kind of repair it takes.
_ODD_KEYS = (
    ("doubled-quotes", _DOUBLED),
    ("inner-quotes", re.compile(rf"[{_ANY}](?P<key>[^\n{{}}\[\],:]{{1,200}})(?<!\\)[{_ANY}](?=\s*:)")),
    ("missing-quote", re.compile(rf"[{_ANY}](?P<key>[\w$ -]{{1,100}}?)\s*(?=:)")),
)


class Texts(Cursor):
    """Reads strings, keys and words; each method moves the cursor past what it read."""

    def _string_part(self, context: str) -> str | None:
        text, start, end = self._text, self.pos, self._piece.end
        quote = text[start]
        if text.startswith(quote * 3, start) and quote in "\"'":
            stop = text.find(quote * 3, start + 3, end)
            if stop >= 0:
                self._note("triple-quotes", before=quote * 3, after='"')
                self.pos = stop + 3
                return self._unescaped(text[start + 3 : stop])
        doubled = _DOUBLED.match(text, start, end)
        if doubled:
            self._note("doubled-quotes", before=doubled.group(), after=doubled.group("key"))
            self.pos = doubled.end()
            return doubled.group("key")
        close = closing_quote(self._piece, start, context)
        if close is None:
            return None
        if close.kind:
            self._note(close.kind, before=text[start : close.after])
            self._look_for_rows(text[start : close.stop])
        said = self._said(start, close.stop, trim=close.kind == "missing-quote")
        self.pos = close.after
        return said

    def _look_for_rows(self, said: str) -> None:
        """See whether a text has swallowed the beginning of another row."""
        row = self._frames[-1].value if len(self._frames) > 1 else None
        first = next(iter(row), None) if isinstance(row, dict) and isinstance(self._frames[-2].value, list) else None
        found = _NEXT_ROW.search(said) if first is not None else None
        if found and found[1] == first:
            self._lose(self._path()[:-1])

    def _backticked(self) -> str | None:
        """Read a text between three backticks; None when nothing ends it in front of a comma, a bracket or a key."""
        text, start, end = self._text, self.pos, self._piece.end
        opening = _BLOCK.match(text, start, end)
        stop = opening.end() if opening else end
        for _ in range(_MOST_BLOCKS):
            stop = text.find("```", stop, end)
            if stop < 0 or opening is None:
                return None
            if _BLOCK_ENDS.match(text, stop + 3, end):
                break
            stop += 3
        else:
            return None
        self._note("triple-quotes", before=opening.group(), after='"')
        self.pos = stop + 3
        said = text[opening.end() : stop]
        return said.rstrip(" \t").removesuffix("\n") if opening.group().endswith("\n") else said

    def _said(self, start: int, stop: int, *, trim: bool = False) -> str:
        quote = self._text[start]
        if quote != '"':
            self._note("single-quotes" if quote in "'`´" else "smart-quotes", before=quote, after='"')
        raw = self._text[start + 1 : stop]
        return self._unescaped(raw.rstrip() if trim else raw)

    def _unescaped(self, raw: str) -> str:
        said, kinds = unescape(raw)
        for kind in kinds:
            self._note(kind, before=raw, after=said)
        return said

    def _unclosed(self, before: str) -> str | None:
        """Read a string that no quote closes: its end was forgotten, or the text was cut off inside it.

        Returns:
            What it says; None when the text was cut off.
        """
        text, start, end = self._text, self.pos, self._piece.end
        fence = text.find("\n```", start, end) if self._piece.fenced else -1
        limit = fence if fence >= 0 else end
        stop = self._closers_before(limit, start)
        if fence < 0:
            # Even where brackets end the text, they may belong to a string that goes on.
            raw = text[start + 1 : stop].rstrip() if stop >= 0 else whole_escapes(text[start + 1 : end])
            self._cut("cut-text", text[start:end], before + self._unescaped(raw))
            return None
        stop = stop if stop >= 0 else limit
        said = before + self._said(start, stop, trim=True)
        self._note("missing-quote", before=text[start:stop], after=said)
        self.pos = stop
        return said

    def _closers_before(self, limit: int, start: int) -> int:
        """Find where the closing brackets of everything open begin that the text ends with; -1 without them."""
        at = limit
        for frame in self._frames:
            while at > start and (self._text[at - 1].isspace() or self._text[at - 1] == "`"):
                at -= 1
            if at <= start + 1 or self._text[at - 1] != frame.closer:
                return -1
            at -= 1
        if not self._frames or {"}": "{", "]": "[", ")": "("}[self._frames[-1].closer] in self._text[start + 1 : at]:
            return -1
        return at

    def _word(self, token: str, start: int) -> JSON:
        if token in LITERALS:
            value, kind = LITERALS[token]
        else:
            number = read_number(token, exact=self._options.exact_floats)
            if number is None:
                value, kind = token, "number-as-text" if looks_like_number(token) else "unquoted-text"
            else:
                value, kind = number
        if kind:
            self._note(kind, before=token, after=value, offset=start)
        return value

    def _quoted_key(self) -> str | None:
        """Read a key that has a quote before it; None when the text ends inside it."""
        text, start, end = self._text, self.pos, self._piece.end
        first = next_quote(self._piece, start + 1, text[start])
        if first < 0 or not _COLON.match(text, first + 1, end):
            # Without any further quote the text may just as well end inside the key.
            for kind, sign in _ODD_KEYS if first >= 0 else ():
                odd = sign.match(text, start, end)
                if odd:
                    self._note(kind, before=odd.group(), after=odd.group("key"))
                    self.pos = odd.end()
                    return odd.group("key")
            if first < 0:
                self._note("cut-text", before=text[start:end])
                self.pos = end
                return None
        self.pos = first + 1
        return self._said(start, first)
