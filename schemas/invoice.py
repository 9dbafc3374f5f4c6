"""An invoice: who bills whom, for what, and how much is to be paid by when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

__all__ = ["Invoice", "InvoiceLine", "Party"]


class Party(BaseModel):
    """A company or person on an invoice."""

    name: str = Field(description="Name of the company or person")
    address: str | None = Field(default=None, description="Street, postal code, town and country, on one line")


class InvoiceLine(BaseModel):
    """One billed item."""

    description: str = Field(description="What is billed")
    quantity: Decimal | None = Field(default=None, description="How many or how much, as a number without the unit")
    unit_price: Decimal | None = Field(default=None, description="Price of one unit, without currency sign")
    amount: Decimal = Field(description="Amount of this line, without currency sign")


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(description="Invoice number as printed")
    issue_date: date = Field(description="Date of the invoice, YYYY-MM-DD")
    due_date: date | None = Field(default=None, description="Date by which to pay, YYYY-MM-DD")
    order_number: str | None = Field(default=None, description="The buyer's order number")
    seller: Party = Field(description="Who issued the invoice and gets the money")
    seller_tax_id: str | None = Field(default=None, description="The seller's VAT or tax number as printed")
    buyer: Party = Field(description="Who is billed")
    currency: str = Field(description="Currency as a three-letter code, such as EUR, USD or GBP")
    lines: list[InvoiceLine] = Field(description="The billed items, in order")
    net_total: Decimal | None = Field(default=None, description="Total before tax")
    tax_total: Decimal | None = Field(default=None, description="Amount of tax, not its rate")
    total: Decimal = Field(description="Total with tax")
    amount_due: Decimal | None = Field(default=None, description="What remains to be paid")
