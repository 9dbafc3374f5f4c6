"""The declared types of a suite, out of their source; a module of its own, for a peer's environment has no extract."""

from __future__ import annotations

import enum
import sys
import types
from typing import Any

import pydantic

__all__ = ["built", "plain"]


def built(source: str) -> Any:
    module = types.ModuleType("declared")
    sys.modules["declared"] = module
    exec(source, module.__dict__)
    for value in list(module.__dict__.values()):
        if isinstance(value, type) and issubclass(value, pydantic.BaseModel) and value.__module__ == "declared":
            value.model_rebuild(_types_namespace=module.__dict__)
    return module.__dict__["DECLARED"]


def plain(value: Any) -> Any:
    """A typed value by the names its declaration gives."""
    if isinstance(value, pydantic.BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value
