"""A receipt from a till: where, when, what was bought, and how it was paid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["Receipt", "ReceiptItem"]


class ReceiptItem(BaseModel):
    """One thing bought."""

    description: str = Field(description="What was bought, as printed")
    quantity: Decimal | None = Field(default=None, description="How many, as a number")
    amount: Decimal = Field(description="Price paid for this item in all, without currency sign")


class Receipt(BaseModel):
    """A receipt."""

    merchant: str = Field(description="Name of the shop or company")
    address: str | None = Field(default=None, description="The shop's address, on one line")
    number: str | None = Field(default=None, description="Receipt or document number as printed")
    date: dt.date = Field(description="Date of purchase, YYYY-MM-DD")
    time: str | None = Field(default=None, description="Time of purchase as printed")
    items: list[ReceiptItem] = Field(description="The things bought, in order")
    tax: Decimal | None = Field(default=None, description="Amount of tax, not its rate")
    total: Decimal = Field(description="Total to pay, after tax and rounding; not the cash given")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    payment: Literal["cash", "card", "mobile", "voucher", "other"] | None = Field(
        default=None, description="How it was paid"
    )
