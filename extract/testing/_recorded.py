"""Exchanges with a real engine in, a file out; the file in, the same exchanges again out."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract import errors
from extract.errors import ConfigError, EngineError, Failure
from extract.testing._scripted import Broken, ScriptedEngine
from extract.typing import Reply, Request, Usage

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterator


class UnknownRequest(ConfigError, AssertionError):
    """No recording answers this request (any more).

    An ``AssertionError`` so that test runners show it as a failed expectation, and a ``ConfigError`` so that
    no retry or reask takes it for an engine's failure.
    """


class Recorder:
    """An engine that passes everything to another one and writes each exchange to a file, one JSON line each.

    A line holds the reply or the error, and digests of the request's parts: enough to replay, nothing of the document.
    The reply is kept, and it may quote the document: the file is made readable for its owner only. Headers and keys
    are never written. Lines are added to a file that exists.

    Args:
        engine: The engine that answers; whichever of send, send_async, stream and stream_async it has can be used.
        path: The file.
        documents: Also keep the messages and the schema in clear, for reading; replaying does not need them.
    """

    def __init__(self, engine: Any, path: str | os.PathLike[str], *, documents: bool = False) -> None:
        self._engine = engine
        self._path = Path(path)
        self._documents = documents
        self._lock = threading.Lock()
        self._path.touch(mode=0o600)
        self.dialect: str = getattr(engine, "dialect", "openai-strict")
        self.default_model: str = getattr(engine, "default_model", "")

    def send(self, request: Request) -> Reply:
        """Let the engine answer; write it down."""
        try:
            reply: Reply = self._engine.send(request)
        except EngineError as error:
            self._write(request, error=error)
            raise
        self._write(request, reply=reply)
        return reply

    async def send_async(self, request: Request) -> Reply:
        """Let the engine answer; write it down."""
        try:
            reply: Reply = await self._engine.send_async(request)
        except EngineError as error:
            self._write(request, error=error)
            raise
        self._write(request, reply=reply)
        return reply

    def stream(self, request: Request) -> Iterator[str | Reply]:
        """Let the engine stream; write the whole down when it has ended. A stream closed early is not written."""
        written: list[str] = []
        try:
            for piece in self._engine.stream(request):
                self._note(request, piece, written)
                yield piece
        except EngineError as error:
            self._write(request, error=error, partial="".join(written))
            raise

    async def stream_async(self, request: Request) -> AsyncIterator[str | Reply]:
        """Let the engine stream; write the whole down when it has ended. A stream closed early is not written."""
        written: list[str] = []
        try:
            async for piece in self._engine.stream_async(request):
                self._note(request, piece, written)
                yield piece
        except EngineError as error:
            self._write(request, error=error, partial="".join(written))
            raise

    def close(self) -> None:
        """Close the engine."""
        if hasattr(self._engine, "close"):
            self._engine.close()

    async def aclose(self) -> None:
        """Close the engine."""
        if hasattr(self._engine, "aclose"):
            await self._engine.aclose()

    def __repr__(self) -> str:
        return f"Recorder({type(self._engine).__name__}, {str(self._path)!r})"

    def _note(self, request: Request, piece: str | Reply, written: list[str]) -> None:
        if isinstance(piece, Reply):
            self._write(request, reply=piece)
        else:
            written.append(piece)

    def _write(
        self, request: Request, *, reply: Reply | None = None, error: EngineError | None = None, partial: str = ""
    ) -> None:
        line: dict[str, Any] = {"request": _digests(request)}
        if self._documents:
            line["messages"] = [asdict(message) for message in request.messages]
            line["schema"] = None if request.format is None else json.loads(request.format.encoded)
        if reply is not None:
            line["reply"] = asdict(reply)
        if error is not None:
            line["error"] = _error_fields(error)
            line["partial"] = partial
        text = json.dumps(line, ensure_ascii=False) + "\n"
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(text)


class Replayer(ScriptedEngine):
    """An engine that answers from a :class:`Recorder`'s file; the same request twice gets its recordings in order.

    Args:
        path: The file.
        piece: Characters in each piece of a stream.

    Raises:
        ConfigError: When the file is missing or a line of it is no recording.
        UnknownRequest: On a request that was not recorded, or came more often than it was recorded.
    """

    def __init__(self, path: str | os.PathLike[str], *, piece: int = 7) -> None:
        super().__init__(self._recorded, usage=None, piece=piece)
        self._recordings = [_recording(path, number, line) for number, line in enumerate(_lines(path), 1)]
        self._waiting: dict[str, deque[Reply | EngineError | Broken]] = {}
        for request, outcome in self._recordings:
            self._waiting.setdefault(_key(request), deque()).append(outcome)
        if self._recordings:
            self.default_model = self._recordings[0][0]["model"]

    @property
    def remaining(self) -> int:
        """Recordings not replayed yet."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def __repr__(self) -> str:
        return f"Replayer({len(self.requests)} requests seen, {self.remaining} recordings remaining)"

    def _recorded(self, request: Request) -> Reply | EngineError | Broken:
        asked = _digests(request)
        with self._lock:
            waiting = self._waiting.get(_key(asked))
            if waiting:
                return waiting.popleft()
        raise UnknownRequest(
            f"request number {len(self.requests)} (model {request.model}) {self._difference(asked, waiting)}",
            advice="record again, or make the request the way it was when it was recorded",
        )

    def _difference(self, asked: dict[str, str], waiting: deque[Any] | None) -> str:
        """Say what keeps the request from being a recorded one."""
        if waiting is not None:
            return "came more often than it was recorded"
        if not self._recordings:
            return "came, and the file holds no recordings"
        parts = [[part for part in asked if asked[part] != request.get(part)] for request, _ in self._recordings]
        nearest = min(parts, key=len)
        return f"was not recorded; the nearest recording differs in: {', '.join(nearest)}"


def _digests(request: Request) -> dict[str, str]:
    """Digest a request part by part; timeouts and headers do not change what is asked."""
    given = request.parameters
    parameters: dict[str, Any] = {name: getattr(given, name) for name in _ASKING}
    parameters["extra_body"] = dict(given.extra_body)
    shape = request.format
    return {
        "model": request.model,
        "messages": _digest([[message.role, message.content] for message in request.messages]),
        "format": _digest(None if shape is None else [shape.name, shape.encoded.decode(), shape.strict]),
        "parameters": _digest(parameters),
    }


_ASKING = ("temperature", "top_p", "seed", "max_output_tokens", "reasoning_effort")


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _key(digests: dict[str, str]) -> str:
    return json.dumps(digests, sort_keys=True)


def _error_fields(error: EngineError) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        "retryable": error.retryable,
        "failure": asdict(error.failure),
    }


def _lines(path: str | os.PathLike[str]) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"cannot read the recording {path}: {error}", advice="make it with Recorder") from error


def _recording(
    path: str | os.PathLike[str], number: int, line: str
) -> tuple[dict[str, str], Reply | EngineError | Broken]:
    try:
        given = json.loads(line)
        request: dict[str, str] = {part: str(given["request"][part]) for part in _PARTS}
        if "reply" in given:
            return request, _reply(given["reply"])
        error = _error(given["error"])
        return request, Broken(given["partial"], error) if given["partial"] else error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}, line {number}: not a recording", advice="make it with Recorder") from error


_PARTS = ("model", "messages", "format", "parameters")


def _reply(fields: dict[str, Any]) -> Reply:
    known: dict[str, Any] = {**fields, "dropped": tuple(fields["dropped"]), "usage": _usage(fields["usage"])}
    return Reply(**known)


def _usage(fields: dict[str, int | None] | None) -> Usage | None:
    return None if fields is None else Usage(**fields)


def _error(fields: dict[str, Any]) -> EngineError:
    kind = getattr(errors, fields["type"], EngineError)
    if not (isinstance(kind, type) and issubclass(kind, EngineError)):
        kind = EngineError
    facts: dict[str, Any] = {**fields["failure"], "usage": _usage(fields["failure"]["usage"])}
    failure = Failure(**facts)
    return kind(fields["message"], advice=fields["advice"], retryable=fields["retryable"], failure=failure)
