"""One document in, one typed object out.

Runs offline: without RUNAPI_API_KEY a script answers in the gateway's place.
"""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, Field

import extract
from extract.testing import ScriptedEngine

DOCUMENT = Path(__file__).parent / "documents" / "invoice-bakery.txt"


class Line(BaseModel):
    description: str
    amount: Decimal


class Invoice(BaseModel):
    number: str
    due_date: date | None = Field(description="Date by which to pay, YYYY-MM-DD")
    currency: str = Field(description="Three-letter code, such as EUR")
    lines: list[Line]
    total: Decimal = Field(description="Total with tax")


OFFLINE_ANSWER = {
    "number": "HB-2026-0418",
    "due_date": "2026-04-13",
    "currency": "GBP",
    "lines": [
        {"description": "Rye flour, 25 kg sack", "amount": "86.00"},
        {"description": "Baking paper, 500 sheets", "amount": "37.50"},
        {"description": "Delivery", "amount": "12.00"},
    ],
    "total": "162.60",
}


def main() -> None:
    engine = "runapi" if os.environ.get("RUNAPI_API_KEY") else ScriptedEngine([OFFLINE_ANSWER])
    with extract.Client(engine=engine) as client:
        invoice = client.extract(Invoice, DOCUMENT)
    print(f"{invoice.number}: {invoice.total} {invoice.currency}, due {invoice.due_date}")
    for line in invoice.lines:
        print(f"  {line.amount:>7}  {line.description}")


if __name__ == "__main__":
    main()
