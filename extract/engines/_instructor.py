"""Any other provider, through instructor: a Request in, a Reply out. Checking, mending and asking again stay ours.

instructor is given a class that shows it our wire schema and takes any JSON value: what comes back is judged by the
schema of the exchange, as with every engine. Its own retries are switched off.
"""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from extract.engines import _errors
from extract.engines._chat import finish_of
from extract.errors import ConfigError, ConnectionFailed, EngineError, Failure, RequestRejected, ServerFailed, TimedOut
from extract.typing import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.typing import Request, WireFormat

__all__ = ["InstructorEngine"]

# Providers whose client retries by itself unless told not to, in this word.
_RETRYING = frozenset(
    {"openai", "azure_openai", "anthropic", "groq", "openrouter", "deepseek", "together", "fireworks"}
)
_FINISHES: Mapping[str, str] = {"max_tokens": "length", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


class InstructorEngine:
    """Whoever answers behind one of instructor's providers.

    Args:
        name: ``provider/model`` as instructor knows it: ``anthropic/claude-…``, ``google/gemini-…``, ``openai/gpt-…``.
        mode: One of ``instructor.Mode``; the provider's usual one when left out.
        options: Handed to the provider's client as they are: ``api_key``, ``base_url`` …
    """

    dialect = "openai-strict"

    def __init__(self, name: str, *, mode: Any = None, options: Mapping[str, Any] | None = None) -> None:
        """Find nothing and load nothing yet.

        Raises:
            ConfigError: When the name has no provider or no model.
        """
        self.provider, _, self.default_model = name.partition("/")
        if not self.provider or not self.default_model:
            raise ConfigError(f"{name!r} names no provider and model", advice="write it like openai/gpt-5.4-mini")
        self._name = name
        self._options: dict[str, Any] = {"max_retries": 0} if self.provider in _RETRYING else {}
        self._options.update(options or {}, **({"mode": mode} if mode is not None else {}))
        self._clients: dict[bool, Any] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"InstructorEngine({self._name!r})"

    def send(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
            ConfigError: When instructor, or the provider's own package or key, is missing.
        """
        client = self._client(asynchronous=False)
        started = time.perf_counter()
        try:
            value, raw = client.create_with_completion(**self._arguments(request))
        except Exception as error:  # noqa: BLE001 - every provider has errors of its own
            return self._judged(error, request, time.perf_counter() - started)
        return _reply(raw, time.perf_counter() - started, value)

    async def send_async(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            EngineError: When no usable reply came back.
            ConfigError: When instructor, or the provider's own package or key, is missing.
        """
        client = self._client(asynchronous=True)
        started = time.perf_counter()
        try:
            value, raw = await client.create_with_completion(**self._arguments(request))
        except Exception as error:  # noqa: BLE001 - every provider has errors of its own
            return self._judged(error, request, time.perf_counter() - started)
        return _reply(raw, time.perf_counter() - started, value)

    def close(self) -> None:
        """Close the connections of :meth:`send`, where the provider's client can."""
        close = _closing(self._clients.pop(False, None))
        if close is not None:
            close()

    async def aclose(self) -> None:
        """Close every connection, where the provider's clients can."""
        close = _closing(self._clients.pop(True, None))
        done = close() if close is not None else None
        if inspect.isawaitable(done):
            await done
        self.close()

    def _client(self, *, asynchronous: bool) -> Any:
        with self._lock:
            client = self._clients.get(asynchronous)
            if client is None:
                client = self._clients[asynchronous] = _made(
                    self._name, {**self._options, "async_client": asynchronous}
                )
            return client

    def _arguments(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        named = {
            "temperature": parameters.temperature,
            "top_p": parameters.top_p,
            "seed": parameters.seed,
            "max_tokens": parameters.max_output_tokens,
            "reasoning_effort": parameters.reasoning_effort,
            "timeout": parameters.timeout,
            "extra_headers": dict(parameters.extra_headers) or None,
        }
        if request.format is None:
            raise ConfigError("instructor asks for a schema only", advice="use another engine for plain text")
        return {
            "model": request.model or self.default_model,
            "response_model": _shown(request.format),
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_retries": 0,
            **{name: value for name, value in named.items() if value is not None},
            **parameters.extra_body,
        }

    def _judged(self, error: Exception, request: Request, seconds: float) -> Reply:
        """Tell an answer that instructor did not like from no answer at all: the first is ours to judge."""
        if isinstance(error, ConfigError):
            raise error
        raw = getattr(error, "last_completion", None)
        if raw is not None and _text(raw) is not None:
            return _reply(raw, seconds)
        raise _failed(error, request, seconds) from None


def _closing(client: Any) -> Any:
    """What closes the provider's own client: instructor's has nothing that does."""
    own = getattr(client, "client", None)
    return getattr(own, "aclose", None) or getattr(own, "close", None)


def _made(name: str, options: dict[str, Any]) -> Any:
    try:
        import instructor  # noqa: PLC0415 - a second and a half of imports
    except ImportError:
        raise ConfigError("instructor is not installed", advice="pip install 'instructor>=1.17'") from None
    # It writes the provider's errors, which may quote the document, to stderr where nobody has set up logging.
    logging.getLogger("instructor").addHandler(logging.NullHandler())
    try:
        return instructor.from_provider(name, **options)
    except Exception as error:  # noqa: BLE001 - a missing package, a missing key, an unknown provider: each its own class
        told = _errors.clean(str(error), tuple(str(value) for value in options.values() if isinstance(value, str)))
        raise ConfigError(
            f"instructor cannot use {name!r}: {told}", advice="install the provider's package and set its key"
        ) from None


@functools.lru_cache(maxsize=256)
def _shown(wire: WireFormat) -> type[Any]:
    """Make a class that shows the wire schema and takes any JSON value."""
    from pydantic import RootModel  # noqa: PLC0415 - the engines load without it

    class Shown(RootModel[Any]):
        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            return {**wire.schema, "title": wire.name}

    Shown.__name__ = Shown.__qualname__ = wire.name
    Shown.__doc__ = str(wire.schema.get("description") or "")
    return Shown


def _reply(raw: Any, seconds: float, value: Any = None) -> Reply:
    text = _text(raw) if value is None else to_json(value.root).decode()
    choices = getattr(raw, "choices", None)
    reason = getattr(choices[0], "finish_reason", None) if choices else getattr(raw, "stop_reason", None)
    finish = finish_of(_FINISHES.get(str(reason), reason))
    return Reply(
        text=text or "",
        # Here a tool call is how the answer travels, and no more than that.
        finish="stop" if finish == "tool_calls" else finish,
        refusal=getattr(choices[0].message, "refusal", None) if choices else None,
        usage=_usage(raw),
        model=str(getattr(raw, "model", "") or ""),
        seconds=seconds,
    )


def _text(raw: Any) -> str | None:
    """Find the answer's text in OpenAI's or Anthropic's shape; None in any other."""
    choices = getattr(raw, "choices", None)
    if choices:
        message = choices[0].message
        calls = getattr(message, "tool_calls", None)
        return str(calls[0].function.arguments) if calls else str(message.content or "")
    blocks = getattr(raw, "content", None)
    if not isinstance(blocks, list):
        return None
    called = [to_json(block.input).decode() for block in blocks if getattr(block, "type", "") == "tool_use"]
    return called[0] if called else "".join(str(getattr(block, "text", "")) for block in blocks)


def _usage(raw: Any) -> Usage | None:
    used = getattr(raw, "usage", None) or getattr(raw, "usage_metadata", None)
    asked = _first(used, "prompt_tokens", "input_tokens", "prompt_token_count")
    answered = _first(used, "completion_tokens", "output_tokens", "candidates_token_count")
    if asked is None or answered is None:
        return None
    details = getattr(used, "prompt_tokens_details", None)
    cached = _first(details, "cached_tokens")
    if cached is None:
        cached = _first(used, "cache_read_input_tokens", "cached_content_token_count")
    reasoning = _first(getattr(used, "completion_tokens_details", None), "reasoning_tokens")
    return Usage(asked, answered, cached, reasoning)


def _first(holder: Any, *names: str) -> int | None:
    found = (getattr(holder, name, None) for name in names)
    return next((value for value in found if isinstance(value, int)), None)


def _failed(error: Exception, request: Request, seconds: float) -> EngineError:
    cause = error.__cause__ or error
    secrets = tuple(message.content for message in request.messages)
    failure = Failure(seconds=seconds)
    response: Any = getattr(cause, "response", None)
    status, name = getattr(cause, "status_code", None), type(cause).__name__
    if isinstance(status, int) and hasattr(response, "content"):
        answer = _errors.Answer(status, response.headers, response.content, seconds)
        return _errors.rejected(answer, model=request.model, secrets=secrets)
    told = f"{name} {_errors.clean(str(cause), secrets)}".strip()
    if "Timeout" in name:
        return TimedOut(f"no reply within {seconds:.1f} s", advice="allow more time: timeout=", failure=failure)
    if "Connect" in name or isinstance(cause, OSError):
        return ConnectionFailed(f"the connection failed ({told})", failure=failure)
    if isinstance(cause, (TypeError, KeyError)):
        return RequestRejected(f"instructor cannot send this request ({told})", failure=failure)
    return ServerFailed(f"instructor brought no reply ({told})", failure=failure)
