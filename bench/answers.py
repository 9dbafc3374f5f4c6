"""A size in, the canned answer of that size out: one invoice as JSON text. Standard library only."""

from __future__ import annotations

import json
from functools import cache

__all__ = ["DOCUMENT", "FIRST_FIELD", "FIRST_FIELD_END", "MODEL", "PROMPT", "answer", "lines"]

MODEL = "gpt-5.4-mini"
PROMPT = "Extract the invoice from this document. Copy values exactly; leave nothing out."
DOCUMENT = (
    "Northwind Traders, 12 Harbour Road, Bergen. Invoice A-1700 to Contoso Ltd, Lund. "
    "Steel bracket, galvanised, M8, 12 pieces at 3.75 EUR each, and so on. Payable within thirty days. Thank you."
)
FIRST_FIELD = "A-1700"
FIRST_FIELD_END = len('{"number": "A-1700"')
"""Characters after which the first field is complete."""


@cache
def answer(size: int) -> str:
    """An invoice of at least ``size`` bytes (and at most one line more), as compact JSON in ASCII."""
    head = {
        "number": FIRST_FIELD,
        "supplier": "Northwind Traders, 12 Harbour Road, Bergen",
        "customer": "Contoso Ltd, Lund",
        "currency": "EUR",
        "total": 1234.5,
        "lines": [],
    }
    text = json.dumps(head)[:-2]
    items: list[str] = []
    length = len(text) + 2
    while length < size:
        index = len(items)
        item = {
            "description": f"Steel bracket no. {index}, galvanised",
            "quantity": index % 90 + 1,
            "price": round(3.75 + index / 8, 3),
        }
        items.append(json.dumps(item))
        length += len(items[-1]) + 2
    return text + ", ".join(items) + "]}"


@cache
def lines(size: int) -> int:
    """How many lines that invoice has: what a peer's answer is checked against."""
    return len(json.loads(answer(size))["lines"])
