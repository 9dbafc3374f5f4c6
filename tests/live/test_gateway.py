"""The same against the real gateway; skipped without a key."""

from __future__ import annotations

import os

import pytest
from pydantic import BaseModel

import extract

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not os.environ.get("RUNAPI_API_KEY"), reason="needs RUNAPI_API_KEY"),
]


class Invoice(BaseModel):
    number: str
    total: float


def test_the_main_job() -> None:
    """One invoice, typed, with its bill."""
    with extract.Client() as client:
        extraction = client.run(Invoice, "Invoice A-17, total 12.50 EUR")
    assert extraction.value == Invoice(number="A-17", total=12.5)
    assert extraction.usage.total_tokens > 0
    assert extraction.cost is not None
