"""A request's JSON body in, what it asks for out: one reading for Chat Completions and for Responses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extract.testing._catalog import CHAT, Model
from extract.testing._scripted import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Asked:
    """A body with what is known about its endpoint and its model; nothing in the body is trusted."""

    body: Mapping[str, Any]
    path: str
    model: Model

    @property
    def chat(self) -> bool:
        """True for Chat Completions, false for Responses."""
        return self.path == CHAT

    @property
    def stream(self) -> bool:
        """True when the answer is to come as events."""
        return self.body.get("stream") is True

    @property
    def options(self) -> dict[str, Any]:
        """The stream's options."""
        return _object(self.body.get("stream_options"))

    @property
    def asked_effort(self) -> Any:
        """The reasoning effort the body names."""
        return self.body.get("reasoning_effort") if self.chat else _object(self.body.get("reasoning")).get("effort")

    @property
    def effort(self) -> str | None:
        """The reasoning effort in force: asked for, or the model's own."""
        return self.model.effort if self.asked_effort is None else str(self.asked_effort)

    @property
    def limit(self) -> int | None:
        """Tokens the answer may have, reasoning included."""
        names = ("max_completion_tokens", "max_tokens") if self.chat else ("max_output_tokens",)
        return next((v for v in map(self.body.get, names) if isinstance(v, int)), None)

    @property
    def text(self) -> dict[str, Any]:
        """The Responses endpoint's wishes for the text."""
        return _object(self.body.get("text"))

    @property
    def format_place(self) -> str:
        """What the gateway calls the format in its errors."""
        return "response_format" if self.chat else "text.format"

    @property
    def format(self) -> Any:
        """The answer's format as given: ``{"type": "json_schema", …}``."""
        return self.body.get("response_format") if self.chat else self.text.get("format")

    @cached_property
    def schema_format(self) -> dict[str, Any] | None:
        """``name``, ``schema`` and ``strict`` of a json_schema format."""
        given = _object(self.format)
        if given.get("type") != "json_schema":
            return None
        return _object(given.get("json_schema")) if self.chat else given

    @cached_property
    def functions(self) -> list[dict[str, Any]]:
        """The tools that are functions: ``name``, ``parameters``, ``strict``."""
        tools = self.body.get("tools")
        given = (
            [t for t in tools if isinstance(t, dict) and t.get("type") == "function"] if isinstance(tools, list) else []
        )
        return [_object(tool.get("function")) for tool in given] if self.chat else given

    @property
    def named_function(self) -> str | None:
        """The one function the body insists on by name."""
        choice = _object(self.body.get("tool_choice"))
        name = _object(choice.get("function")).get("name") if self.chat else choice.get("name")
        return name if isinstance(name, str) else None

    @property
    def function(self) -> dict[str, Any] | None:
        """The function the answer must call: named, or the first when one is required."""
        if self.named_function is not None:
            return next((f for f in self.functions if f.get("name") == self.named_function), None)
        return self.functions[0] if self.functions and self.body.get("tool_choice") == "required" else None

    @property
    def answer_schema(self) -> dict[str, Any] | None:
        """The schema the answer has to fit, from the function or the format."""
        source = self.function.get("parameters") if self.function else (self.schema_format or {}).get("schema")
        return source if isinstance(source, dict) else None

    @cached_property
    def conversation(self) -> str:
        """All the text of the conversation."""
        if self.chat:
            return "\n".join(_texts(self.body.get("messages")))
        return "\n".join((str(self.body.get("instructions") or ""), *_texts(self.body.get("input"))))

    @cached_property
    def prompt_tokens(self) -> int:
        """Tokens of the conversation and the schema, a token for every four characters."""
        schema = self.answer_schema
        return tokens(len(self.conversation) + (len(json.dumps(schema)) if schema else 0))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(messages: Any) -> Iterator[str]:
    if isinstance(messages, str):
        yield messages
    for message in messages if isinstance(messages, list) else ():
        content = _object(message).get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            text = _object(part).get("text")
            if isinstance(text, str):
                yield text
