"""A streamed reply, without I/O: bytes in, however they were cut; pieces of the answer out, the Reply at last."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from extract.engines._chat import ErrorBody, finish_of, parse, usage_of
from extract.errors import ConnectionFailed, Failure, ServerFailed
from extract.typing import Finish, Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.engines._chat import Call

__all__ = ["Answer", "Events", "Incoming"]

_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_DONE = b"[DONE]"
_DATA = b"data: "
_END = b"\n\n"
_BETWEEN = _END + _DATA
_TEXT = b'"content":"'
_MARK = b"\xef\xbb\xbf"


class Incoming:
    """The body of a reply to a request that asked for a stream.

    A gateway may answer such a request with a whole reply, or with something that is none; that is told apart here.

    Args:
        call: What was sent.
        headers: The reply's.
        limit: The most bytes of one event, and the most characters of the answer, that are kept.
    """

    def __init__(self, call: Call, headers: Mapping[str, str], limit: int) -> None:
        self._call = call
        self._limit = limit
        self.request_id = headers.get("x-request-id")
        self._streams: bool | None = True if "event-stream" in headers.get("content-type", "") else None
        self._whole: list[bytes] = []
        self._size = 0
        self._events = Events(limit)
        self.answer = Answer(limit)

    def take(self, piece: bytes) -> str:
        """Take the next bytes, give the text they add.

        Raises:
            ErrorBody: When the gateway breaks off with an error.
            ServerFailed: When an event is of no known shape, or a limit is passed.
        """
        answer = self.answer
        events = self._events
        head, tail = answer.frame
        if tail and piece.startswith(head) and piece.endswith(tail) and not events.line and not events.data:
            return answer.take_alike(piece[len(head) : -len(tail)]) or self._take(piece)
        end = piece.rfind(tail) + len(tail) if tail and tail in piece else 0
        if end:
            block = b"" if events.data else b"".join((*events.line, piece[:end]))
            text = answer.take_alike(block[len(head) : -len(tail)]) if block.startswith(head) else ""
            if text:
                events.forget()
                return text + self._take(piece[end:]) if end < len(piece) else text
        return self._take(piece)

    def _take(self, piece: bytes) -> str:
        if self._streams is None and piece.strip():
            self._streams = piece.removeprefix(_MARK).lstrip().startswith(_FIELDS)
        if self._streams:
            return self.answer.take(self._events.feed(piece))
        self._whole.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ServerFailed(f"the reply is larger than {self._limit >> 20} MiB", retryable=False)
        return ""

    def finish(self, seconds: float) -> tuple[str, Reply]:
        """Say that no bytes will follow; give the last text, and the reply.

        Raises:
            ConnectionFailed: When the stream broke off before the gateway said that it is complete.
            ServerFailed: When a whole body came that is no reply.
        """
        if not self._streams:
            reply = parse(b"".join(self._whole), call=self._call, request_id=self.request_id, seconds=seconds)
            return reply.text, reply
        text = self.answer.take(self._events.end())
        if not self.answer.complete:
            raise ConnectionFailed("the stream broke off before the answer was complete", failure=self.failure(seconds))
        return text, self.answer.reply(request_id=self.request_id, seconds=seconds, dropped=self._call.dropped)

    def failure(self, seconds: float) -> Failure:
        """Give the facts for an error at this point: what came so far is part of them."""
        return Failure(
            status=200,
            request_id=self.request_id,
            usage=self.answer.usage,
            partial=self.answer.text,
            seconds=seconds,
        )


class Events:
    """Cut a stream into events. Time is linear in its length, wherever the network cuts it.

    Args:
        limit: The longest line that is kept, in bytes.

    Attributes:
        line: What is kept of an unfinished line.
        data: The lines of an unfinished event.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.line: list[bytes] = []
        self._size = 0
        self.data: list[bytes] = []

    def forget(self) -> None:
        """Drop what is kept of an unfinished event: somebody else has taken it."""
        self.line, self._size = [], 0

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes, give the data of every event they complete.

        Raises:
            ServerFailed: When one line grows beyond the limit.
        """
        if not self.data and b"\r" not in piece:
            plain = self._plain_events(piece)
            if plain is not None:
                return plain
        end = piece.rfind(b"\n")
        if end < 0:
            self._keep(piece)
            return []
        lines = b"".join((*self.line, piece[:end])).split(b"\n")
        self.line, self._size = [], 0
        if end + 1 < len(piece):
            self._keep(piece[end + 1 :])
        return self._events(lines)

    def _plain_events(self, piece: bytes) -> list[bytes] | None:
        """Cut the usual stream, one ``data:`` line an event, in few steps; ``None`` for anything else."""
        end = piece.rfind(_END)
        if end < 0:
            return None
        block = b"".join((*self.line, piece[:end]))
        events = block.split(_BETWEEN)
        if not block.startswith(_DATA) or block.count(b"\n") != 2 * (len(events) - 1):
            return None
        events[0] = events[0][len(_DATA) :]
        self.line, self._size = [], 0
        if end + 2 < len(piece):
            self._keep(piece[end + 2 :])
        return events

    def end(self) -> list[bytes]:
        """Say that no bytes will follow; a last event without its blank line counts all the same."""
        line = b"".join(self.line)
        self.line = []
        return self._events([line, b""])

    def _keep(self, piece: bytes) -> None:
        self.line.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ServerFailed(f"the stream has a line of more than {self._limit >> 20} MiB", retryable=False)

    def _events(self, lines: Iterable[bytes]) -> list[bytes]:
        events = []
        data = self.data
        for given in lines:
            line = given.removeprefix(_MARK)
            if line in {b"", b"\r"}:
                if data:
                    events.append(data[0] if len(data) == 1 else b"\n".join(data))
                    data.clear()
            elif line.startswith(b"data:"):
                data.append(line[6 if line[5:6] == b" " else 5 :].removesuffix(b"\r"))
        return events


class Answer:
    """A reply in the making: chunks of a streamed chat completion in, pieces of its text out, the Reply at last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._finish: Finish | None = None
        self._spoken = False
        self._model = ""
        self.usage: Usage | None = None
        self.ended = False
        # What stands around the text of the usual event on the wire, and between two such texts.
        self.frame = (b"", b"")
        self._seam = b""

    @property
    def text(self) -> str:
        """What came so far."""
        return "".join(self._text)

    @property
    def complete(self) -> bool:
        """Whether the gateway has said that this is all: a finish reason, or the mark at the end."""
        return self.ended or self._finish is not None

    def take(self, events: list[bytes]) -> str:
        """Take the events of one piece off the network, give the text they add.

        Raises:
            ErrorBody: When one of them is an error.
            ServerFailed: When one is no JSON or of unknown shape, or the text grows beyond the limit.
        """
        if _DONE in events:
            self.ended = True
            events = events[: events.index(_DONE)]
        if not events:
            return ""
        start = len(self._text)
        try:
            # One call for all of them: most of the time of a small parse is the call.
            chunks = from_json(b"[%b]" % b",".join(events)) if len(events) != 1 else [from_json(events[0])]
        except ValueError:
            chunks = [_parsed(event) for event in events]
        for chunk in chunks:
            self._add(chunk)
        self._learn(events[-1])
        return self._grown("".join(self._text[start:]))

    def take_alike(self, texts: bytes) -> str:
        """Take whole events, without the frame around the first and last of them; nothing where they are not alike.

        Nearly all events of a stream are alike but for a few characters. What stands between two texts is cut out at
        one go, and what is left is read as one string: anything else in between would have brought a quotation mark
        or a line's end, and no string has those.
        """
        seam = self._seam
        if len(texts) > len(seam):
            found = _texts(len(seam) - 1).findall(texts)
            found.pop()
            # Whatever else stood in between would be missing here.
            if seam.join(found) != texts:
                return ""
            texts = b"".join(found)
        try:
            odd = b"\\" in texts or b'"' in texts
            text = from_json(b'"%b"' % texts) if odd else texts.decode()
        except ValueError:
            return ""
        self._text.append(text)
        return self._grown(text)

    def _grown(self, added: str) -> str:
        self._size += len(added)
        if self._size > self._limit:
            raise ServerFailed(f"the answer is longer than {self._limit >> 20} Mi characters", retryable=False)
        return added

    def _learn(self, event: bytes) -> None:
        """Keep what stands around the text of an event that holds text and nothing else of interest."""
        at = event.find(_TEXT)
        end = event.find(b'"', at + len(_TEXT))
        plain = at > 0 and self._spoken and self._finish is None and b"\\" not in event[at:end]
        if plain and event.count(_TEXT) == 1 and b'"usage":{' not in event:
            self.frame = (_DATA + event[: at + len(_TEXT)], event[end:] + _END)
            self._seam = self.frame[1] + self.frame[0]

    def reply(self, *, request_id: str | None, seconds: float, dropped: tuple[str, ...]) -> Reply:
        """Give the whole of it."""
        return Reply(
            text=self.text,
            finish=self._finish or "stop",
            refusal="".join(self._refusal) or None,
            usage=self.usage,
            model=self._model,
            request_id=request_id,
            seconds=seconds,
            dropped=dropped,
        )

    def _add(self, chunk: Any) -> None:
        try:
            choices = chunk["choices"]
            if choices:
                choice = choices[0]
                delta = choice["delta"]
                content = delta.get("content")
                if isinstance(content, str):
                    if content:
                        self._spoken = True
                        self._text.append(content)
                elif delta:
                    self._add_other(delta)
                if choice.get("finish_reason"):
                    self._finish = finish_of(choice["finish_reason"])
            if chunk.get("usage"):
                self.usage = usage_of(chunk["usage"]) or self.usage
            if not self._model:
                self._model = str(chunk.get("model") or "")
        except (KeyError, TypeError, AttributeError, IndexError):
            if isinstance(chunk, dict) and chunk.get("error"):
                raise ErrorBody(chunk, Failure(status=200)) from None
            raise ServerFailed("the stream has an event of unknown shape") from None

    def _add_other(self, delta: dict[str, Any]) -> None:
        refusal, calls = delta.get("refusal"), delta.get("tool_calls")
        if isinstance(refusal, str):
            self._refusal.append(refusal)
        # As in a whole reply: the arguments of the first call stand for the text, where there is none.
        if calls and not self._spoken and calls[0].get("index", 0) == 0:
            self._text.append(str(calls[0].get("function", {}).get("arguments") or ""))


@functools.lru_cache(maxsize=64)
def _texts(gap: int) -> re.Pattern[bytes]:
    """Find what stands before each closing quotation mark, passing over so many bytes behind it unseen."""
    return re.compile(rb'([^"\\]*(?:\\.[^"\\]*)*)(?:".{0,%d})?' % gap, re.DOTALL)


def _parsed(event: bytes) -> Any:
    try:
        return from_json(event)
    except ValueError:
        raise ServerFailed("the stream has an event that is not JSON") from None
