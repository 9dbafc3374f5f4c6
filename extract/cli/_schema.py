"""A declared type in, its wire schema or the explanation of it on stdout."""

from __future__ import annotations

import json
import sys
from typing import Any

from extract.schema import Schema

__all__ = ["show_schema"]


def show_schema(declared: Any, *, dialect: str, explain: bool, check: bool) -> None:
    """Print what the model is held to.

    Raises:
        SchemaError: When the type cannot be expressed.
        ConfigError: When there is no such dialect.
    """
    compiled: Schema[Any] = Schema.of(declared, dialect=dialect)
    if check:
        return
    text = str(compiled.explain()) if explain else json.dumps(compiled.wire, indent=2, ensure_ascii=False)
    sys.stdout.write(text + "\n")
