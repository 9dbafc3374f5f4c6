"""A purchase order: what a buyer orders from a supplier, at which price, and where it goes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

__all__ = ["OrderLine", "PurchaseOrder"]


class OrderLine(BaseModel):
    """One ordered item."""

    item_number: str | None = Field(default=None, description="Article number or SKU as printed")
    description: str = Field(description="What is ordered")
    quantity: Decimal = Field(description="How many or how much, as a number without the unit")
    unit: str | None = Field(default=None, description="Unit of the quantity, such as pcs, kg or h")
    unit_price: Decimal | None = Field(default=None, description="Price of one unit, without currency sign")
    amount: Decimal | None = Field(default=None, description="Amount of this line, without currency sign")


class PurchaseOrder(BaseModel):
    """A purchase order."""

    number: str = Field(description="Order number as printed")
    order_date: date = Field(description="Date of the order, YYYY-MM-DD")
    delivery_date: date | None = Field(default=None, description="Date by which to deliver, YYYY-MM-DD")
    buyer: str = Field(description="Company or person who orders")
    supplier: str = Field(description="Company or person who is to deliver")
    ship_to: str | None = Field(default=None, description="Delivery address, on one line")
    payment_terms: str | None = Field(default=None, description="Payment terms as printed, such as 30 days net")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    lines: list[OrderLine] = Field(description="The ordered items, in order")
    total: Decimal | None = Field(default=None, description="Total of the order")
