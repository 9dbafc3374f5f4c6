"""A bank statement: an account's movements between two balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel, Field

__all__ = ["BankStatement", "Transaction"]


class Transaction(BaseModel):
    """One movement on the account."""

    date: dt.date = Field(description="Booking date, YYYY-MM-DD")
    description: str = Field(description="Payee or payer and purpose, as printed")
    amount: Decimal = Field(description="Amount: negative for money out, positive for money in")
    balance: Decimal | None = Field(default=None, description="Balance after this movement")


class BankStatement(BaseModel):
    """A bank statement."""

    bank: str = Field(description="Name of the bank")
    account_holder: str | None = Field(default=None, description="Whose account it is")
    account_number: str = Field(description="Account number or IBAN as printed")
    period_start: dt.date | None = Field(default=None, description="First day covered, YYYY-MM-DD")
    period_end: dt.date | None = Field(default=None, description="Last day covered, YYYY-MM-DD")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    opening_balance: Decimal | None = Field(default=None, description="Balance at the start")
    closing_balance: Decimal | None = Field(default=None, description="Balance at the end")
    transactions: list[Transaction] = Field(description="The movements, in order")
