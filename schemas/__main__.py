"""Write the goldens: each ready-made declaration's compiled wire schema. ``python -m extract.schemas``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from extract.schema import Schema
from extract.schemas import ROOTS, load

GOLDENS = Path(__file__).parent / "goldens"


def golden(name: str) -> str:
    """Compile a ready-made declaration for strict structured outputs, as text that diffs well."""
    return json.dumps(Schema.of(load(name), dialect="openai-strict").wire, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every golden that differs, and say which."""
    GOLDENS.mkdir(exist_ok=True)
    for name in ROOTS:
        path = GOLDENS / f"{name}.json"
        text = golden(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
