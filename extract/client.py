"""A declared type and a document in, a typed object out: the library's front door, sync and async."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypedDict, TypeVar, overload

from typing_extensions import Self, Unpack

from extract.documents import Document, any_text, read
from extract.engines import AsyncStream, Stream, choose, drive, drive_async
from extract.errors import ConfigError, DocumentError, SchemaError
from extract.exchange import Extraction, ItemFollower, Partial, PartialFollower, Policy, Task, exchange
from extract.schema import Schema
from extract.typing import Parameters

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from pydantic import TypeAdapter
    from typing_extensions import TypeForm

    from extract.engines import AnyEngine
    from extract.schema import Check, Outline, Quarantined
    from extract.typing import AsyncEngine, Engine

__all__ = ["AsyncClient", "Client", "ClientOptions", "Options"]

T = TypeVar("T")
E = TypeVar("E")
# Type checkers that do not know type forms yet (mypy) take unions and literals for any object: then the answer is Any.
Declared: TypeAlias = "TypeForm[T] | TypeAdapter[T] | Schema[T]"
Source: TypeAlias = "str | bytes | os.PathLike[str] | Document"


class Options(TypedDict, total=False):
    """What may be said per client and per call; a call's word wins over the client's.

    Attributes:
        model: Who answers; any id the gateway knows.
        instructions: Your own words to the model, added to ours.
        examples: Few-shot examples: pairs of a document and the value it should give.
        context: Handed to pydantic's validators as ``info.context``.
        checks: Declared checks beside those of the type.
        policy: Limits and liberties.
        temperature: Sampling temperature; dropped, and said so, where the model refuses it.
        top_p: Nucleus sampling; likewise.
        seed: For repeatable answers, where the model supports it.
        max_output_tokens: Limit on one answer, in tokens.
        reasoning_effort: ``none``, ``low``, ``medium``, ``high``, ``xhigh``.
        timeout: Seconds until one request is given up.
        extra_headers: HTTP headers added to each request.
        extra_body: Members added to each request's JSON body.
    """

    model: str
    instructions: str
    examples: Sequence[tuple[str, Any]]
    context: Any
    checks: Sequence[Check]
    policy: Policy
    temperature: float | None
    top_p: float | None
    seed: int | None
    max_output_tokens: int | None
    reasoning_effort: str | None
    timeout: float | None
    extra_headers: Mapping[str, str]
    extra_body: Mapping[str, Any]


class ClientOptions(Options, total=False):
    """What may be said per client only, beside :class:`Options`.

    Attributes:
        engine: ``"runapi"`` (the default), ``"local"``, ``"local:NAME"``, ``"local:/path/model.gguf"``, or an engine.
        api_key: RunAPI's key; else ``RUNAPI_API_KEY``, RunAPI's own config file, or the provider's.
        base_url: The gateway; else ``RUNAPI_BASE_URL``, … , ``https://runapi.ai/v1``.
        provider: A Hermes Agent provider by name, such as ``"custom:runapi"``.
    """

    engine: str | Engine | AsyncEngine
    api_key: str | None
    base_url: str | None
    provider: str | None


DEFAULT_POLICY = Policy()
ITEMS_POLICY = Policy(bad_items="return")
"""Who streams items wants the good ones at once; bad ones come as quarantined entries."""
PARAMETERS = tuple(each.name for each in fields(Parameters))
OPTIONS = frozenset(Options.__annotations__)
_NO_TEXT = "give a text, a path, the bytes of a file or a Document that holds some; without one a model makes it up"
CLIENT_OPTIONS = OPTIONS | ClientOptions.__annotations__.keys()


class _Asker(Generic[E]):
    """What both clients share: an engine, defaults, and the making of tasks."""

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        _known(options, CLIENT_OPTIONS)
        self._engine: AnyEngine = choose(
            options.get("engine", "runapi"),
            api_key=options.get("api_key"),
            base_url=options.get("base_url"),
            provider=options.get("provider"),
        )
        self._defaults: dict[str, Any] = {k: v for k, v in options.items() if k in OPTIONS}
        self._parameters = _parameters(self._defaults)
        self._closed = False

    @property
    def engine(self) -> AnyEngine:
        """Whoever answers."""
        return self._engine

    def __repr__(self) -> str:
        model = self._defaults.get("model") or getattr(self._engine, "default_model", "?")
        return f"{type(self).__name__}(engine={type(self._engine).__name__}, model={model!r})"

    def _task(self, declared: Any, document: Any, options: Options) -> Task[Any]:
        if self._closed:
            raise ConfigError("the client is closed", advice="make another one, or ask inside its with block")
        said: Mapping[str, Any] = self._defaults
        parameters = self._parameters
        if options:
            _known(options, OPTIONS)
            said = {**self._defaults, **options}
            parameters = _parameters(said)
        text = document if type(document) is str else _text(document)
        if any_text(text) is None:
            raise DocumentError("holds no text", source=getattr(document, "name", ""), advice=_NO_TEXT)
        engine = self._engine
        schema = (
            declared
            if isinstance(declared, Schema)
            else Schema.of(declared, dialect=getattr(engine, "dialect", "openai-strict"))
        )
        examples = said.get("examples", ())
        return Task(
            schema=schema,
            document=text,
            model=str(said.get("model") or getattr(engine, "default_model", "")),
            instructions=said.get("instructions", ""),
            examples=tuple((shown, schema.encode(value)) for shown, value in examples) if examples else (),
            context=said.get("context"),
            parameters=parameters,
            policy=said.get("policy") or DEFAULT_POLICY,
            checks=tuple(said.get("checks", ())),
            free=getattr(engine, "free", False),
        )

    def _items_task(self, item: Any, document: Any, options: Options) -> tuple[Task[Any], Outline]:
        if "policy" not in options and "policy" not in self._defaults:
            options = {**options, "policy": ITEMS_POLICY}
        task = self._task(list[item], document, options)
        outline = task.schema.outline.items
        if outline is None:
            message = "the items of this type cannot be told apart on the wire"
            raise SchemaError(message, advice="use stream() or run()")
        return task, outline


class Client(_Asker["Engine"]):
    """Extract typed objects from documents, synchronously. Safe to share between threads.

    Raises:
        ConfigError: When an option is unknown or contradicts another, or an extra is missing.
        Unauthorized: When no key can be found.
    """

    @overload
    def extract(self, declared: Declared[T], document: Source, **options: Unpack[Options]) -> T: ...
    @overload
    def extract(self, declared: object, document: Source, **options: Unpack[Options]) -> Any: ...
    def extract(self, declared: Any, document: Source, **options: Unpack[Options]) -> Any:
        """Extract one value from one document.

        Args:
            declared: The type to return: a pydantic model, or anything pydantic can validate.
            document: Text, as ``str``; a path, as ``os.PathLike``; a file's bytes; or a ``Document``.
            **options: See :class:`Options`.

        Returns:
            The value, validated.

        Raises:
            SchemaError: The type cannot be expressed; nothing was asked.
            DocumentError: The document cannot be read; nothing was asked.
            Refused, Filtered, Truncated: What the model's answer came to.
            EngineError: No reply, and trying again would not help.
            Exhausted: Every permitted attempt failed.
            BudgetExceeded: A limit of the policy was reached.
        """
        return self.run(declared, document, **options).value

    @overload
    def run(self, declared: Declared[T], document: Source, **options: Unpack[Options]) -> Extraction[T]: ...
    @overload
    def run(self, declared: object, document: Source, **options: Unpack[Options]) -> Extraction[Any]: ...
    def run(self, declared: Any, document: Source, **options: Unpack[Options]) -> Extraction[Any]:
        """Extract one value from one document, with the record of how it came about.

        As :meth:`extract`, but returns the :class:`Extraction`: value, attempts, usage, cost, repairs.
        """
        return drive(exchange(self._task(declared, document, options)), self._engine)  # type: ignore[arg-type]

    @overload
    def stream(self, declared: Declared[T], document: Source, **options: Unpack[Options]) -> Stream[T, Partial[T]]: ...
    @overload
    def stream(self, declared: object, document: Source, **options: Unpack[Options]) -> Stream[Any, Partial[Any]]: ...
    def stream(self, declared: Any, document: Source, **options: Unpack[Options]) -> Stream[Any, Partial[Any]]:
        """Extract one value and watch it grow.

        Returns:
            An iterator of :class:`Partial`, one whenever something is finished, the last with the whole value; then
            its ``extraction`` holds the result. Closing it closes the connection. Mending, retries and limits are
            those of :meth:`run`, and so are the errors, raised while iterating.
        """
        task = self._task(declared, document, options)
        return Stream(exchange(task), _streaming(self._engine), PartialFollower(task.part_reader()))

    @overload
    def stream_items(
        self, item: TypeForm[T], document: Source, **options: Unpack[Options]
    ) -> Stream[list[T], T | Quarantined]: ...
    @overload
    def stream_items(self, item: object, document: Source, **options: Unpack[Options]) -> Stream[list[Any], Any]: ...
    def stream_items(self, item: Any, document: Source, **options: Unpack[Options]) -> Stream[list[Any], Any]:
        """Extract a list and get each item, validated, the moment its last character arrives.

        Returns:
            An iterator of items; bad ones come as :class:`Quarantined`. With ``Policy(bad_items="reask")`` given, bad
            items are asked for again at the end and come then once more, mended.
        """
        task, outline = self._items_task(item, document, options)
        return Stream(exchange(task), _streaming(self._engine), ItemFollower(task.part_reader(), outline))

    def close(self) -> None:
        """Close the engine's connections; asking is an error then."""
        self._closed = True
        close = getattr(self._engine, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(_Asker["AsyncEngine"]):
    """Extract typed objects from documents, asynchronously: the methods of :class:`Client`, awaited."""

    @overload
    async def extract(self, declared: Declared[T], document: Source, **options: Unpack[Options]) -> T: ...
    @overload
    async def extract(self, declared: object, document: Source, **options: Unpack[Options]) -> Any: ...
    async def extract(self, declared: Any, document: Source, **options: Unpack[Options]) -> Any:
        """Extract one value from one document; see :meth:`Client.extract`."""
        return (await self.run(declared, document, **options)).value

    @overload
    async def run(self, declared: Declared[T], document: Source, **options: Unpack[Options]) -> Extraction[T]: ...
    @overload
    async def run(self, declared: object, document: Source, **options: Unpack[Options]) -> Extraction[Any]: ...
    async def run(self, declared: Any, document: Source, **options: Unpack[Options]) -> Extraction[Any]:
        """Extract one value from one document, with its record; see :meth:`Client.run`."""
        return await drive_async(exchange(self._task(declared, document, options)), self._engine)  # type: ignore[arg-type]

    @overload
    def stream(
        self, declared: Declared[T], document: Source, **options: Unpack[Options]
    ) -> AsyncStream[T, Partial[T]]: ...
    @overload
    def stream(
        self, declared: object, document: Source, **options: Unpack[Options]
    ) -> AsyncStream[Any, Partial[Any]]: ...
    def stream(self, declared: Any, document: Source, **options: Unpack[Options]) -> AsyncStream[Any, Partial[Any]]:
        """Extract one value and watch it grow: ``async for``; see :meth:`Client.stream`."""
        task = self._task(declared, document, options)
        return AsyncStream(exchange(task), _streaming(self._engine), PartialFollower(task.part_reader()))

    @overload
    def stream_items(
        self, item: TypeForm[T], document: Source, **options: Unpack[Options]
    ) -> AsyncStream[list[T], T | Quarantined]: ...
    @overload
    def stream_items(
        self, item: object, document: Source, **options: Unpack[Options]
    ) -> AsyncStream[list[Any], Any]: ...
    def stream_items(self, item: Any, document: Source, **options: Unpack[Options]) -> AsyncStream[list[Any], Any]:
        """Extract a list, item by item: ``async for``; see :meth:`Client.stream_items`."""
        task, outline = self._items_task(item, document, options)
        return AsyncStream(exchange(task), _streaming(self._engine), ItemFollower(task.part_reader(), outline))

    async def aclose(self) -> None:
        """Close the engine's connections; asking is an error then."""
        self._closed = True
        aclose = getattr(self._engine, "aclose", None)
        if aclose is not None:
            await aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _known(options: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = options.keys() - known
    if unknown:
        raise ConfigError(
            f"unknown option(s): {', '.join(sorted(unknown))}", advice=f"known are {', '.join(sorted(known))}"
        )


def _parameters(said: Mapping[str, Any]) -> Parameters:
    return Parameters(**{name: said[name] for name in PARAMETERS if name in said})


def _streaming(engine: Any) -> Any:
    if not (hasattr(engine, "stream") or hasattr(engine, "stream_async")):
        raise ConfigError(f"{type(engine).__name__} cannot stream", advice="use run(), or an engine with stream()")
    return engine


def _text(document: Any) -> str:
    if isinstance(document, Document):
        return document.text
    return str(document) if isinstance(document, str) else read(document).text
