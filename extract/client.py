"""A declared type and a document in, a typed object out: the library's front door, sync and async."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar, get_origin, overload

from typing_extensions import Self, Unpack

from extract.documents import Document, any_text, read
from extract.engines import AsyncStream, Stream, choose, drive, drive_async
from extract.errors import ConfigError, DocumentError, SchemaError, ValidationError
from extract.exchange import Extraction, ItemFollower, Partial, PartialFollower, Policy, Task, exchange
from extract.kinds import told
from extract.options import CLIENT_OPTIONS, OPTIONS, ClientOptions, Options, held
from extract.schema import Schema
from extract.typing import Parameters

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from pydantic import TypeAdapter
    from typing_extensions import TypeForm

    from extract.engines import AnyEngine
    from extract.exchange import BadItems
    from extract.schema import Outline, Quarantined
    from extract.typing import AsyncEngine, Engine  # noqa: F401 - named in quotes below

__all__ = ["AsyncClient", "Client", "ClientOptions", "Options"]

T = TypeVar("T")
E = TypeVar("E")
# Type checkers that do not know type forms yet (mypy) take unions and literals for any object: then the answer is Any.
Declared: TypeAlias = "TypeForm[T] | TypeAdapter[T] | Schema[T]"
Source: TypeAlias = "str | bytes | os.PathLike[str] | Document"


DEFAULT_POLICY = Policy()
PARAMETERS = tuple(each.name for each in fields(Parameters))
_NO_TEXT = "give a text, a path, the bytes of a file or a Document that holds some; without one a model makes it up"


class _Asker(Generic[E]):
    """What both clients share: an engine, defaults, and the making of tasks."""

    _asked: ClassVar[str]

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        said = held(options, CLIENT_OPTIONS)
        self._engine: AnyEngine = choose(
            options.get("engine", "runapi"),
            api_key=options.get("api_key"),
            base_url=options.get("base_url"),
            provider=options.get("provider"),
            asked=self._asked,
        )
        self._defaults: dict[str, Any] = {k: v for k, v in said.items() if k in OPTIONS}
        self._parameters = _parameters(self._defaults)
        self._closed = False

    @property
    def engine(self) -> AnyEngine:
        """Whoever answers."""
        return self._engine

    def __repr__(self) -> str:
        model = self._defaults.get("model") or getattr(self._engine, "default_model", "?")
        return f"{type(self).__name__}(engine={type(self._engine).__name__}, model={model!r})"

    def _task(self, declared: Any, document: Any, options: Options, *, bad_items: BadItems | None = None) -> Task[Any]:
        if self._closed:
            raise ConfigError("the client is closed", advice="make another one, or ask inside its with block")
        said: Mapping[str, Any] = self._defaults
        parameters = self._parameters
        if options:
            said = {**self._defaults, **held(options, OPTIONS)}
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
        examples = said.get("examples")
        policy = said.get("policy") or DEFAULT_POLICY
        if bad_items and not policy.bad_items:
            policy = replace(policy, bad_items=bad_items)
        return Task(
            schema=schema,
            document=text,
            model=str(said.get("model") or getattr(engine, "default_model", "")),
            instructions=said.get("instructions") or "",
            examples=_encoded(examples, schema) if examples else (),
            context=said.get("context"),
            parameters=parameters,
            policy=policy,
            checks=tuple(said.get("checks") or ()),
            free=getattr(engine, "free", False),
        )

    def _items_task(self, item: Any, document: Any, options: Options) -> tuple[Task[Any], Outline]:
        # Who streams items wants the good ones at once; bad ones come as quarantined entries.
        task = self._task(list[item], document, options, bad_items="return")
        outline = task.schema.outline.items
        if outline is None:
            message = "the items of this type cannot be told apart on the wire"
            raise SchemaError(message, advice="use stream() or run()")
        return task, outline


class Client(_Asker["Engine"]):
    """Extract typed objects from documents, synchronously. Safe to share between threads.

    Raises:
        ConfigError: When an option is unknown, of the wrong kind or contradicts another, or an extra is missing.
        Unauthorized: When no key can be found.
    """

    _asked = "send"

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
        return Stream(task, _streaming(self._engine), PartialFollower(task.part_reader()))

    @overload
    def stream_items(
        self, item: TypeForm[T], document: Source, **options: Unpack[Options]
    ) -> Stream[list[T], T | Quarantined]: ...
    @overload
    def stream_items(self, item: object, document: Source, **options: Unpack[Options]) -> Stream[list[Any], Any]: ...
    def stream_items(self, item: Any, document: Source, **options: Unpack[Options]) -> Stream[list[Any], Any]:
        """Extract a list and get each item, validated, the moment its last character arrives.

        Returns:
            An iterator of items; bad ones come as :class:`Quarantined`, and nothing is asked about them unless the
            policy says so: with ``Policy(bad_items="reask")`` they come once more at the end, mended.
        """
        task, outline = self._items_task(item, document, options)
        return Stream(task, _streaming(self._engine), ItemFollower(task, outline))

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

    _asked = "send_async"

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
        return AsyncStream(task, _streaming(self._engine), PartialFollower(task.part_reader()))

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
        return AsyncStream(task, _streaming(self._engine), ItemFollower(task, outline))

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


def _parameters(said: Mapping[str, Any]) -> Parameters:
    return Parameters(**{name: said[name] for name in PARAMETERS if said.get(name) is not None})


def _streaming(engine: Any) -> Any:
    if not (hasattr(engine, "stream") or hasattr(engine, "stream_async")):
        raise ConfigError(f"{type(engine).__name__} cannot stream", advice="use run(), or an engine with stream()")
    return engine


def _encoded(examples: Sequence[tuple[str, Any]], schema: Schema[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((document, _shown(place, value, schema)) for place, (document, value) in enumerate(examples))


def _shown(place: int, value: Any, schema: Schema[Any]) -> Any:
    try:
        return schema.encode(value)
    except ValidationError as error:
        # JSON that an answer could be is as good as the value that it comes to.
        checked = schema.check(value, strictness="exact") if isinstance(value, (dict, list)) else None
        if checked is not None and checked.ok:
            return value
        raise ConfigError(
            f"examples[{place}]: {told(value)} cannot be written as {schema.name}: {error.issues[0]}",
            advice=f"give the value its document should come to, an instance of {schema.name}",
        ) from error


def _text(document: Any) -> str:
    if isinstance(document, Document):
        return document.text
    if isinstance(document, (type, Schema)) or get_origin(document) is not None:
        raise ConfigError(
            "a type was given as the document", advice="the declared type comes first: run(declared, document)"
        )
    return str(document) if isinstance(document, str) else read(document).text
