"""An outside suite's case in, the reason out for which we differ from it on purpose; the cases themselves stay outside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

BOOK = json.loads(Path(__file__).with_name("reasons.json").read_text(encoding="utf-8"))
REASONS: dict[str, str] = BOOK["reasons"]
CASES: dict[str, str] = {case: reason for reason, cases in BOOK["cases"].items() for case in cases}


def mark(suite: str, text: str) -> str:
    """Name a case without showing it."""
    return hashlib.sha256(f"{suite}\n{text}".encode()).hexdigest()[:12]


def told(counts: Counter[str]) -> str:
    """One line for each reason that was met, most frequent first."""
    return "\n".join(f"    {count:>3} {reason}: {REASONS[reason]}" for reason, count in counts.most_common())
