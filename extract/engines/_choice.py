"""A name in, an engine out: ``"runapi"``, ``"local"``, ``"local:NAME"``, ``"instructor:PROVIDER/MODEL"``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from extract.errors import ConfigError
from extract.kinds import told

if TYPE_CHECKING:
    from extract.typing import AsyncEngine, Engine

__all__ = ["AnyEngine", "choose"]

AnyEngine: TypeAlias = "Engine | AsyncEngine"


def choose(
    engine: str | AnyEngine,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    provider: str | None = None,
    asked: str = "",
) -> AnyEngine:
    """Find whoever answers.

    Args:
        engine: A name, or an object with ``send`` or ``send_async``, which is taken as it is.
        api_key: The gateway's key; found by ``extract.config.resolve`` when left out.
        base_url: The gateway's address; likewise.
        provider: A Hermes Agent provider's name; likewise.
        asked: The method it will be asked by, ``send`` or ``send_async``; either, when left out.

    Raises:
        ConfigError: When the name means nothing here, or its extra is missing.
        Unauthorized: When no key can be found.
    """
    if not isinstance(engine, str):
        return _fit(engine, asked)
    kind, _, rest = engine.partition(":")
    if kind == "runapi" and not rest:
        from extract.engines._runapi import RunAPI  # noqa: PLC0415 - each engine loads only when it is chosen

        return RunAPI(api_key=api_key, base_url=base_url, provider=provider)
    if kind == "local":
        from extract.engines._local import LocalEngine  # noqa: PLC0415

        return LocalEngine(rest) if rest else LocalEngine()
    if kind == "instructor" and rest:
        from extract.engines._instructor import InstructorEngine  # noqa: PLC0415

        return InstructorEngine(rest)
    raise ConfigError(
        f"no engine is named {engine!r}", advice="use runapi, local, local:NAME or local:/path/model.gguf"
    )


_CLIENTS = {"send": "Client", "send_async": "AsyncClient"}


def _fit(engine: AnyEngine, asked: str) -> AnyEngine:
    """See that an object can answer, and in the way it will be asked."""
    has = [name for name in _CLIENTS if hasattr(engine, name)]
    if isinstance(engine, type):
        raise ConfigError(
            f"engine: found {told(engine)}, expected an engine", advice=f"make one: engine={engine.__name__}(…)"
        )
    if not has:
        raise ConfigError(
            f"{told(engine)} is not an engine: it has neither send() nor send_async()",
            advice="see extract.typing.Engine, or name one: runapi, local, local:NAME",
        )
    if asked and asked not in has:
        raise ConfigError(
            f"engine: {told(engine)} has {has[0]}() and no {asked}(), which {_CLIENTS[asked]} needs",
            advice=f"use {_CLIENTS[has[0]]}, or give the engine {asked}()",
        )
    return engine
