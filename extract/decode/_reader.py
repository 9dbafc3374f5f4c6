"""Text and a position in, the value that starts there out, with every liberty taken on record.

One pass, an explicit stack: a step reads one thing and returns the next step. Strict JSON goes to the standard library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from extract.decode._between_rows import Rows
from extract.decode._omissions import DOTS, leaves_out
from extract.decode._strict import too_deep
from extract.decode._strings import QUOTES
from extract.decode._words import bare_extent, begins_literal, is_strict_number

if TYPE_CHECKING:
    from extract.decode._cursor import Frame, Step
    from extract.typing import JSON

_ELLIPSIS = re.compile(rf"({DOTS})((?:[ \t]*[^\s,;\[\]{{}}\"'`:/#]{{1,40}}){{0,20}})")
_LEFT_OUT = re.compile(rf"{DOTS}\s*[,}}]")
_IN_BRACKETS = re.compile(r"\(([^()\[\]{}\"'`:\n]{3,100})\)")
# In a document this is less than nothing, in Python it is not: the declared type decides.
_AMOUNT = re.compile(
    r"\(\s*(?:[$€£¥]\s*\d[\d.,']*|\d+\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[.' ]\d{3})+,\d\d)\s*\)"
    r"(?=\s*(?:[,}\]\n]|\Z))"
)
_SET_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=\s*[,}])")
_DOTS = frozenset(".…⋯⋮")
_CLOSERS = frozenset("}])")
_OPENERS: Final = {"{": "}", "[": "]", "(": ")"}
_ANY = "\"'`´“”„‘’「」『』＂"
_JOIN = re.compile(rf"\s*(?:/\*[\s\S]*?\*/\s*)?\+\s*(?:/\*[\s\S]*?\*/\s*)?(?=[{_ANY}])")
_PREFIX = re.compile(r"[rRbBuUfF]{1,2}(?=([\"'])[^\n]{0,2000}?\1\s*(?:[,}\]):]|\Z))")
_CALL = re.compile(
    r"(?:new\s+)?(?:ObjectId|ISODate|Date|Number(?:Long|Int|Decimal|Double)|UUID|Timestamp|BinData|Decimal(?:128)?|str|int|float"
    r"|(?:frozen)?set|list|tuple|dict|OrderedDict|(?:np\.)?(?:array|float64|int64))\s*(?=\()"
)
_BARE_KEY = re.compile(
    rf"([^\s{_ANY}:,{{}}\[\]=/](?:[^{_ANY}:,{{}}\[\]\n=]{{0,200}}[^\s{_ANY}:,{{}}\[\]\n=])??)(?:\s{{0,9}}[\"'](?=\s{{0,9}}:))?(?=\s{{0,9}}[:：=])"
)
_STRAY = re.compile(rf"[^{_ANY},{{}}\[\]:\n]+")
_QUOTED_KEY = re.compile(rf"[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*:")
_MORE_MEMBERS = re.compile(rf"\s*,\s*[{_ANY}][^{_ANY}\n]{{0,200}}[{_ANY}]\s*:")
_MORE = re.compile(r"\s*,\s*[\[{\"'\d]")


class Reader(Rows):
    """Reads one value from one place of a text; see the module's first lines."""

    def read(self, start: int) -> None:
        """Read the value at ``start``; afterwards ``value``, ``pos``, ``cut`` and ``missing`` tell the outcome."""
        self.pos = start
        self._run(self._value)

    def read_members(self, start: int) -> None:
        """Read an object whose opening brace is missing."""
        self.pos = start
        self._note("missing-open", after="{")
        self._push({}, "}", 0)
        self._run(self._member)

    def _run(self, first: Step) -> None:
        step: Step | None = first
        while step is not None:
            step = step()
        self._end_all()

    def _value(self) -> Step | None:
        char = self._peek()
        if not char:
            return self._block() if self._fenced and self._frames else self._text_ends()
        if char in _OPENERS:
            return self._open(char)
        if char in QUOTES:
            return self._string()
        if char in _DOTS and self._frames and _LEFT_OUT.match(self._text, self.pos, self._piece.end):
            self._ellipsis()
            return self._after
        if char in _CLOSERS or char in ",;":
            return self._no_value()
        if char == ":":
            self._note("odd-colon", before=char)
            self.pos += 1
            return self._value
        return self._bare()

    def _open(self, char: str) -> Step | None:
        if char == "(":
            words = _IN_BRACKETS.match(self._text, self.pos, self._piece.end)
            if words and self._frames and leaves_out(words[1], "item"):
                self._left_out(words.group())
                self.pos = words.end()
                return self._after
            amount = _AMOUNT.match(self._text, self.pos, self._piece.end)
            if amount and self._frames and isinstance(self._frames[-1].key, str) and not self._is_called():
                self._note("unquoted-text", before=amount.group(), after=amount.group())
                self.pos = amount.end()
                return self._store(amount.group())
        else:
            found = self._strict.read(self.pos)
            if found is not None and (self._frames or not _MORE_MEMBERS.match(self._text, found[1], self._piece.end)):
                value, self.pos = found
                return self._store(value)
        self._push({} if char == "{" else [], _OPENERS[char], 1)
        return self._next()

    def _is_called(self) -> bool:
        """Whether a name stands before the parenthesis here."""
        return self._text[max(0, self.pos - 20) : self.pos].rstrip()[-1:].isalnum()

    def _next(self) -> Step:
        return self._member if isinstance(self._frames[-1].value, dict) else self._item

    def _store(self, value: JSON) -> Step | None:
        self._attach(value)
        return self._after if self._frames else None

    def _no_value(self) -> Step | None:
        if not self._frames:
            return None
        self._note("missing-value")
        self.missing.append(self._path())
        return self._after

    def _item(self) -> Step | None:
        frame = self._frames[-1]
        frame.key = None
        self._take_items(frame.value)
        char = self._peek()
        if not char:
            return self._text_ends()
        if char in _CLOSERS:
            return self._close(char)
        if char == ",":
            return self._extra_comma()
        frame.key = len(frame.value)
        if char in _DOTS and self._ellipsis():
            return self._after
        return self._value

    def _member(self) -> Step | None:
        frame = self._frames[-1]
        frame.key = None
        self._take_members(frame)
        char = self._peek()
        if not char:
            return self._text_ends()
        if char in _CLOSERS:
            return self._close(char)
        if char == ",":
            return self._extra_comma()
        if char in QUOTES:
            key = self._quoted_key()
            return self._text_ends() if key is None else self._key(key, self.pos)
        if char in _OPENERS or char == ":":
            return self._keyless(char)
        if char in _DOTS and self._ellipsis():
            return self._after
        return self._bare_key()

    def _keyless(self, char: str) -> Step | None:
        frame = self._frames[-1]
        if char == "{" and not frame.value and not self._after_comma:
            self._note("doubled-brace", before="{{", after="{")
            frame.doubled += 1
            if frame.doubled > self._options.max_depth:
                raise too_deep(self._options.max_depth)
            self.pos += 1
            return self._member
        if char == "{" and self._reopen():
            return self._item
        if char == "{" and len(self._frames) > 1 and isinstance(self._frames[-2].value, list):
            self._note("missing-close", after=frame.closer)
            self._leave()
            return self._item
        if char == ":":
            self.pos += 1
        return self._value

    def _extra_comma(self) -> Step:
        self._note("extra-comma", before=",")
        self.pos += 1
        self._after_comma = False
        return self._next()

    def _ellipsis(self) -> bool:
        dots = _ELLIPSIS.match(self._text, self.pos, self._piece.end)
        if dots is None:
            return False
        # What the dots stand for may be said behind them: it is no value then.
        end = dots.end() if leaves_out(dots.group(), "item") else dots.end(1)
        self._left_out(self._text[self.pos : end])
        self.pos = end
        return True

    def _after(self) -> Step | None:
        self._frames[-1].key = None
        char = self._peek()
        if not char:
            return self._text_ends()
        self._after_comma = char in ",;"
        if self._after_comma:
            if char == ";":
                self._note("odd-comma", before=char, after=",")
            self.pos += 1
            return self._item if char == ";" and self._begins_again() else self._next()
        if char in _CLOSERS:
            return self._close(char)
        self._note("missing-comma", after=",")
        return self._item if self._begins_again() else self._next()

    def _close(self, char: str) -> Step | None:
        frame = self._frames[-1]
        if self._after_comma and not (char == ")" == frame.closer):
            self._note("extra-comma", before=",")
        self._frames[-1].key = None
        if char == frame.closer:
            if len(self._frames) == 1 and isinstance(frame.value, dict) and self._goes_on(_MORE_MEMBERS):
                return self._stray_close(char)
            return self._pop()
        if not any(one.closer == char for one in self._frames):
            if self._goes_on(_MORE):
                return self._stray_close(char)
            self._note("wrong-close", before=char, after=frame.closer)
            return self._pop()
        return self._close_outer(char)

    def _close_outer(self, char: str) -> Step | None:
        """Close a container further out: either those within were left open, or the bracket is the wrong one."""
        outer = max(level for level, one in enumerate(self._frames) if one.closer == char)
        if outer == 0 and self._goes_on(_MORE_MEMBERS):
            self._note("wrong-close", before=char, after=self._frames[-1].closer)
            return self._pop()
        if outer == len(self._frames) - 2:
            if self._is_wrong_close():
                self._note("wrong-close", before=char, after="}")
                return self._pop()
            if self._is_stray_close():
                return self._stray_close(char)
        while len(self._frames) > outer + 1:
            self._note("missing-close", after=self._frames[-1].closer)
            self._leave()
        self._frames[-1].key = None
        return self._pop()

    def _goes_on(self, sign: re.Pattern[str]) -> bool:
        return sign.match(self._text, self.pos + 1, self._piece.end) is not None

    def _stray_close(self, char: str) -> Step:
        self._note("stray-close", before=char)
        self.pos += 1
        return self._after

    def _pop(self) -> Step | None:
        frame = self._frames[-1]
        self.pos += 1
        for _ in range(frame.doubled):
            if self._peek() == frame.closer:
                self.pos += 1
        self._leave()
        return self._after if self._frames else None

    def _key(self, key: str, after: int) -> Step | None:
        self._frames[-1].key = key
        self.pos = after
        return self._colon

    def _bare_key(self) -> Step | None:
        text, end = self._text, self._piece.end
        key = _BARE_KEY.match(text, self.pos, end)
        if key:
            self._note("unquoted-key", before=key.group(), after=key.group(1))
            return self._key(key.group(1), key.end())
        if self._turns_to_words():
            return None
        number = None if self._frames[-1].value else _SET_NUMBER.match(text, self.pos, end)
        if number:
            self._frames[-1].key = self._word(number.group(), self.pos)  # type: ignore[assignment]
            self.pos = number.end()
            return self._set(self._frames[-1])
        stray = _STRAY.match(text, self.pos, end)
        after = stray.end() if stray else self.pos + 1
        word = text[self.pos : after].strip()
        if after >= end:
            self._note("cut-text", before=word)
            self.pos = end
            return self._text_ends()
        if text[after] in QUOTES and word.isidentifier() and not _QUOTED_KEY.match(text, after, end):
            self._note("unquoted-key", before=word, after=word)
            return self._key(word, after)
        if leaves_out(word, "item"):
            self._left_out(word)
        else:
            self._note("stray-text", before=word)
        self.pos = after
        return self._member

    def _colon(self) -> Step | None:
        char = self._peek()
        frame = self._frames[-1]
        if char == ":":
            self.pos += 1
            return self._value
        if char == "=":
            width = 2 if self._text.startswith("=>", self.pos) else 1
            self._note("odd-colon", before="=>"[:width], after=":")
            self.pos += width
            return self._value
        if not char:
            return self._text_ends()
        if char in ",}])":
            return self._no_value() if frame.value or char in "])" else self._set(frame)
        self._note("missing-colon", after=":")
        return self._value

    def _set(self, frame: Frame) -> Step:
        frame.value = [frame.key]
        frame.key = None
        self._note("set", before="{", after="[")
        return self._after

    def _string(self) -> Step | None:
        context = self._context()
        parts: list[str] = []
        while True:
            part = self._string_part(context)
            if part is None:
                said = self._unclosed("".join(parts))
                return None if said is None else self._store(said)
            parts.append(part)
            join = _JOIN.match(self._text, self.pos, self._piece.end)
            if join is None:
                break
            self._note("joined-strings", before=join.group())
            self.pos = join.end()
        said = "".join(parts)
        if context == "item" and self._peek() == ":":
            if self._ends_list():
                return self._key(said, self.pos)
            self._note("missing-open", after="{")
            self._push({}, "}", 0)
            return self._key(said, self.pos)
        return self._store(said)

    def _ends_list(self) -> bool:
        """Leave a list that a key follows, when it holds no objects and stands in one itself: it was never closed."""
        if len(self._frames) == 1 or not isinstance(self._frames[-2].value, dict):
            return False
        items = self._frames[-1].value
        if not items or isinstance(items[-1], dict):
            return False
        self._note("missing-close", after=self._frames[-1].closer)
        self._leave()
        return True

    def _block(self) -> Step | None:
        """Read a text that stands between three backticks like a block of code; without its end the text ends."""
        said = self._backticked()
        self._fenced = said is None
        return self._text_ends() if said is None else self._store(said)

    def _bare(self) -> Step | None:
        text, end, start = self._text, self._piece.end, self.pos
        prefix = _PREFIX.match(text, start, end)
        call = _CALL.match(text, start, end)
        if prefix or call:
            found = prefix or call
            self._note("string-prefix" if prefix else "call", before=found.group() if found else "")
            self.pos = found.end() if found else start
            return self._value
        extent = bare_extent(self._piece, start, self._context())
        token = text[start : extent.stop].rstrip()
        if not token:
            self._note("stray-text", before=text[start : start + 1])
            self.pos = start + 1
            return self._value
        whole = token in ("true", "false", "null") or (text[end - 1].isspace() and is_strict_number(token))
        if extent.cut and self._frames and not whole:
            self._cut("cut-scalar" if begins_literal(token) else "cut-text", token, token)
            return None
        if self._frames and leaves_out(token, "value" if self._context() == "member" else "item"):
            self._left_out(token)
            self.pos = extent.after
            return self._after
        self.pos = extent.after
        return self._store(self._word(token, start))
