"""A request's body in, the gateway's first objection out: models, parameters, formats, schemas, in its own words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extract.testing import _strict
from extract.testing._asked import Asked
from extract.testing._catalog import MINI, RETIRED, Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs")
STATEFUL = ("previous_response_id", "conversation", "background", "include", "store")
ROLES = ("system", "assistant", "user", "function", "tool", "developer")
MAX_NAME = 64
MAX_REMEMBERED = 256
MIN_RESPONSES_OUTPUT = 16

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Rejection:
    """An HTTP error in OpenAI's shape."""

    message: str
    param: str | None = None
    code: str | None = None
    status: int = 400

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        kind = "invalid_request_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


class Contract:
    """The published rules, over a list of models.

    Args:
        models: What the gateway knows, by name.
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._refusals: dict[str, _strict.Refusal | None] = {}

    def objection(self, path: str, body: Any) -> Rejection | None:
        """Return the first objection to a body; ``None`` when the gateway would answer it."""
        if not isinstance(body, dict):
            return Rejection("We could not parse the JSON body of your request: expected a JSON object.")
        if (rejected := self._model(path, body.get("model"))) is not None:
            return rejected
        asked = self.asked(path, body)
        for rule in RULES:
            for found in rule(asked):
                return found
        return self._schemas_objection(asked)

    def asked(self, path: str, body: Mapping[str, Any]) -> Asked:
        """Read a body together with its model's abilities."""
        return Asked(body, path, self._models.get(str(body.get("model")), MINI))

    def _model(self, path: str, name: Any) -> Rejection | None:
        if not isinstance(name, str) or not name:
            return Rejection("you must provide a model parameter", param="model", code="missing_required_parameter")
        if name in RETIRED and name not in self._models:
            day, successor = RETIRED[name]
            message = f"The model `{name}` was retired on {day}. Use `{successor}` instead."
            return Rejection(message, "model", "model_retired", 410)
        if name not in self._models:
            message = f"The model `{name}` does not exist or you do not have access to it."
            return Rejection(message, None, "model_not_found", 404)
        if path in self._models[name].endpoints:
            return None
        right = next(iter(self._models[name].endpoints))
        return Rejection(f"The model `{name}` is not supported on {path}. Use {right} instead.", "model", None, 404)

    def _schemas_objection(self, asked: Asked) -> Rejection | None:
        given = asked.schema_format
        if given and given.get("strict") and (refused := self._refusal(given.get("schema"))):
            place = "response_format" if asked.chat else "text.format.schema"
            return _schema_rejection(f"response_format '{given.get('name')}'", refused, place, asked)
        for index, function in enumerate(asked.functions):
            if function.get("strict") and (refused := self._refusal(function.get("parameters"))):
                place = f"tools[{index}].function.parameters" if asked.chat else f"tools[{index}].parameters"
                return _schema_rejection(f"function '{function.get('name')}'", refused, place, asked)
        return None

    def _refusal(self, schema: Any) -> _strict.Refusal | None:
        # Callers send the same few schemas over and over; the walk is the dearest part of a call.
        key = json.dumps(schema)
        if key not in self._refusals:
            if len(self._refusals) >= MAX_REMEMBERED:
                self._refusals.clear()
            self._refusals[key] = _strict.refusal(schema)
        return self._refusals[key]


def _schema_rejection(subject: str, refused: _strict.Refusal, place: str, asked: Asked) -> Rejection:
    if refused.code is not None:
        return Rejection(f"Invalid JSON schema: {refused.message}", place, refused.code)
    code = (
        "invalid_function_parameters"
        if subject.startswith("function")
        else None
        if asked.chat
        else "invalid_json_schema"
    )
    return Rejection(f"Invalid schema for {subject}: {refused.message}", place, code)


# -- rules: each yields objections to one part of the body --


def _messages(asked: Asked) -> Iterator[Rejection]:
    if not asked.chat:
        if not asked.body.get("input"):
            yield Rejection("Missing required parameter: 'input'.", "input", "missing_required_parameter")
        return
    messages = asked.body.get("messages")
    if messages is None:
        yield Rejection("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    elif not isinstance(messages, list):
        yield _wrong_type("messages", "an array of objects", messages)
    elif not messages:
        text = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        yield Rejection(text, "messages", "empty_array")
    else:
        for index, message in enumerate(messages):
            yield from _message(f"messages[{index}]", message)


def _message(place: str, message: Any) -> Iterator[Rejection]:
    if not isinstance(message, dict):
        yield _wrong_type(place, "an object", message)
    elif message.get("role") not in ROLES:
        shown = ", ".join(map(repr, ROLES[:-1]))
        text = f"Invalid value: {message.get('role')!r}. Supported values are: {shown}, and {ROLES[-1]!r}."
        yield Rejection(text, f"{place}.role", "invalid_value")
    elif not isinstance(message.get("content"), (str, list)) and not (
        message["role"] in {"assistant", "function", "tool"} and message.get("content") is None
    ):
        yield _wrong_type(f"{place}.content", "one of a string or array of objects", message.get("content"))


def _length(asked: Asked) -> Iterator[Rejection]:
    tokens = asked.prompt_tokens
    if tokens > asked.model.max_input:
        text = (
            f"Input tokens exceed the configured limit of {asked.model.max_input} tokens. Your messages resulted in "
            f"{tokens} tokens. Please reduce the length of the messages."
        )
        yield Rejection(text, "messages" if asked.chat else "input", "context_length_exceeded")


def _state(asked: Asked) -> Iterator[Rejection]:
    if asked.chat or asked.model.keeps_state:
        return
    for name in STATEFUL:
        if asked.body.get(name):
            yield Rejection(f"'{name}' is not available for this model here.", name, "request_conflict", 409)


def _output_limit(asked: Asked) -> Iterator[Rejection]:
    name, least = ("max_completion_tokens", 1) if asked.chat else ("max_output_tokens", MIN_RESPONSES_OUTPUT)
    if asked.chat and asked.body.get("max_tokens") is not None:
        if asked.model.reasons:
            text = f"Unsupported parameter: 'max_tokens' is not supported with this model. Use '{name}' instead."
            yield Rejection(text, "max_tokens", "unsupported_parameter")
        name = "max_tokens"
    value = asked.body.get(name)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        yield _wrong_type(name, "an integer", value)
    elif value < least:
        text = f"Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got {value} instead."
        yield Rejection(text, name, "integer_below_min_value")
    elif value > asked.model.max_output:
        text = (
            f"{name} is too large: {value}. This model supports at most {asked.model.max_output} completion tokens, "
            f"whereas you provided {value}."
        )
        yield Rejection(text, name, "invalid_value")


def _effort(asked: Asked) -> Iterator[Rejection]:
    place = "reasoning_effort" if asked.chat else "reasoning.effort"
    value = asked.asked_effort
    if value is None:
        return
    if not asked.model.reasons:
        yield Rejection(f"Unrecognized request argument supplied: {place}")
    accepted = [e for e in asked.model.efforts if e != "max" or not asked.chat]
    if value not in accepted:
        shown = ", ".join(map(repr, accepted[:-1])) + (", and " if len(accepted) > 1 else "") + repr(accepted[-1])
        model = asked.body["model"]
        text = f"Unsupported value: {value!r} is not supported with the {model!r} model. Supported values are: {shown}."
        yield Rejection(text, place, "unsupported_value")


def _sampling(asked: Asked) -> Iterator[Rejection]:
    taken = asked.model.sampling == "always" or (asked.model.sampling == "at-none" and asked.effort == "none")
    for name in SAMPLING:
        value = asked.body.get(name)
        if value is None:
            continue
        if not taken and name in {"temperature", "top_p"}:
            if value != 1:
                text = (
                    f"Unsupported value: '{name}' does not support {value} with this model. "
                    "Only the default (1) value is supported."
                )
                yield Rejection(text, name, "unsupported_value")
        elif not taken:
            text = f"Unsupported parameter: '{name}' is not supported with this model."
            yield Rejection(text, name, "unsupported_parameter")
        elif name in _RANGES:
            yield from _in_range(name, value)


_RANGES = {"temperature": (0, 2), "top_p": (0, 1), "presence_penalty": (-2, 2), "frequency_penalty": (-2, 2)}


def _in_range(name: str, value: Any) -> Iterator[Rejection]:
    least, most = _RANGES[name]
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield _wrong_type(name, "a decimal", value)
    elif value < least:
        text = f"Invalid '{name}': decimal below minimum value. Expected a value >= {least}, but got {value} instead."
        yield Rejection(text, name, "decimal_below_min_value")
    elif value > most:
        text = f"Invalid '{name}': decimal above maximum value. Expected a value <= {most}, but got {value} instead."
        yield Rejection(text, name, "decimal_above_max_value")


def _response_format(asked: Asked) -> Iterator[Rejection]:
    place, value = asked.format_place, asked.format
    if value is None:
        return
    if not isinstance(value, dict):
        yield _wrong_type(place, "an object", value)
        return
    kind = value.get("type")
    if kind not in ("text", "json_object", "json_schema"):
        text = f"Invalid value: {kind!r}. Supported values are: 'json_object', 'json_schema', and 'text'."
        yield Rejection(text, f"{place}.type", "invalid_value")
    elif kind == "json_object" and "json" not in asked.conversation.lower():
        field = "messages" if asked.chat else "input"
        text = f"'{field}' must contain the word 'json' in some form, to use '{place}' of type 'json_object'."
        yield Rejection(text, field)
    elif kind == "json_schema":
        inner, there = (value.get("json_schema"), f"{place}.json_schema") if asked.chat else (value, place)
        if not isinstance(inner, dict):
            yield Rejection(f"Missing required parameter: '{there}'.", there, "missing_required_parameter")
            return
        yield from _name(f"{there}.name", inner.get("name"))
        if not isinstance(inner.get("schema"), dict) and inner.get("strict"):
            yield Rejection(
                f"Missing required parameter: '{there}.schema'.", f"{there}.schema", "missing_required_parameter"
            )


def _tools(asked: Asked) -> Iterator[Rejection]:
    for index, function in enumerate(asked.functions):
        yield from _name(
            f"tools[{index}].function.name" if asked.chat else f"tools[{index}].name", function.get("name")
        )
    if asked.named_function is not None and asked.function is None:
        yield Rejection(f"Tool choice '{asked.named_function}' not found in 'tools' parameter.", "tool_choice")


def _name(place: str, name: Any) -> Iterator[Rejection]:
    if name is None:
        yield Rejection(f"Missing required parameter: '{place}'.", place, "missing_required_parameter")
    elif not isinstance(name, str):
        yield _wrong_type(place, "a string", name)
    elif len(name) > MAX_NAME:
        text = (
            f"Invalid '{place}': string too long. Expected a string with maximum length {MAX_NAME}, but got a string "
            f"with length {len(name)} instead."
        )
        yield Rejection(text, place, "string_above_max_length")
    elif not _NAME.fullmatch(name):
        text = (
            f"Invalid '{place}': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]+$'."
        )
        yield Rejection(text, place, "invalid_value")


def _wrong_type(place: str, expected: str, value: Any) -> Rejection:
    found = _TYPE_NAMES.get(type(value), "an object")
    return Rejection(
        f"Invalid type for '{place}': expected {expected}, but got {found} instead.", place, "invalid_type"
    )


_TYPE_NAMES: dict[type, str] = {
    str: "a string", int: "an integer", float: "a decimal", bool: "a boolean", list: "an array", type(None): "null",
}  # fmt: skip

RULES: tuple[Callable[[Asked], Iterator[Rejection]], ...] = (
    _messages, _length, _state, _output_limit, _effort, _sampling, _response_format, _tools,
)  # fmt: skip
