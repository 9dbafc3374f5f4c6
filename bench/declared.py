"""The declared type that every peer is asked for: plain kinds only, so that each of them can express it."""

from __future__ import annotations

from pydantic import BaseModel

__all__ = ["Invoice", "Line"]


class Line(BaseModel):
    """One line of an invoice."""

    description: str
    quantity: int
    price: float


class Invoice(BaseModel):
    """An invoice as it is printed."""

    number: str
    supplier: str
    customer: str
    currency: str
    total: float
    lines: list[Line]
