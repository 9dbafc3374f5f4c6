"""What may be said to a client and with a call, and of which kind it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from extract.errors import ConfigError
from extract.exchange import Policy
from extract.kinds import Kind, hold, mapping, number, several, text, told, whole
from extract.schema import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.typing import AsyncEngine, Engine

__all__ = ["CLIENT_OPTIONS", "OPTIONS", "ClientOptions", "Options", "held"]


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
    examples: Iterable[tuple[str, Any]]
    context: Any
    checks: Iterable[Check]
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


OPTIONS = frozenset(Options.__annotations__)
CLIENT_OPTIONS = OPTIONS | ClientOptions.__annotations__.keys()


def held(options: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Hold what was said to its names and kinds; where it is said, so that no call pays for it again.

    Returns:
        What was said, in plain Python values.

    Raises:
        ConfigError: When an option is unknown or of the wrong kind.
    """
    unknown = options.keys() - known
    if unknown:
        raise ConfigError(
            f"unknown option(s): {', '.join(sorted(unknown))}", advice=f"known are {', '.join(sorted(known))}"
        )
    return hold(options, _KINDS)


def _policy(_: str, value: Any) -> str:
    return "" if isinstance(value, Policy) else f"found {told(value)}"


def _no_rule(place: str, value: Any) -> str:
    return "" if isinstance(value, Check) else f"{place} is {told(value)}"


def _no_pair(place: str, value: Any) -> str:
    if not isinstance(value, (tuple, list)):
        return f"{place} is {told(value)}"
    if len(value) != 2:  # noqa: PLR2004 - a document and its value
        return f"{place} is a {type(value).__name__} of {len(value)}"
    return "" if isinstance(value[0], str) else f"{place}[0] is {told(value[0])}"


_SHARE = number("a number, 0 or more", "0.2", lambda value: value >= 0)
_KINDS = {
    "model": text("gpt-5.4-mini"),
    "instructions": text("Numbers keep their dashes."),
    "examples": several("pairs of a text and the value it should give", '[("Tea 2.50", Line(…))]', _no_pair),
    "checks": several("a list of rules of extract.checks", '[ordered("start", "end")]', _no_rule),
    "policy": Kind("an extract.Policy", "extract.Policy(reasks=1)", _policy),
    "temperature": _SHARE,
    "top_p": _SHARE,
    "seed": whole("a whole number", "7"),
    "max_output_tokens": whole("a whole number, 1 or more", "4096", lambda value: value >= 1),
    "reasoning_effort": text("low"),
    "timeout": number("a number of seconds above 0", "60", lambda value: value > 0),
    "extra_headers": mapping("a mapping of texts to texts", '{"X-Tenant": "7"}', str),
    "extra_body": mapping("a mapping with texts for keys", '{"service_tier": "flex"}'),
}
