"""A contract: who agrees with whom on what, for how long, and how it ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

__all__ = ["Contract", "ContractParty", "Obligation"]


class ContractParty(BaseModel):
    """One side of the contract."""

    name: str = Field(description="Name of the company or person")
    role: str | None = Field(default=None, description="What the contract calls it, such as Supplier or Tenant")
    address: str | None = Field(default=None, description="Address, on one line")


class Obligation(BaseModel):
    """One thing a side must do."""

    party: str = Field(description="Who must do it, by name or role")
    duty: str = Field(description="What must be done, in one sentence")


class Contract(BaseModel):
    """A contract."""

    title: str = Field(description="Title of the contract, such as Lease Agreement")
    parties: list[ContractParty] = Field(description="The sides of the contract")
    effective_date: date | None = Field(default=None, description="Date it takes effect, YYYY-MM-DD")
    end_date: date | None = Field(default=None, description="Date it ends, YYYY-MM-DD; null if open-ended")
    renewal: str | None = Field(default=None, description="How it renews, in the document's words")
    notice_period: str | None = Field(default=None, description="Period of notice, such as 30 days")
    value: Decimal | None = Field(default=None, description="Price, fee or rent, without currency sign")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    governing_law: str | None = Field(default=None, description="Law or jurisdiction that governs it")
    obligations: list[Obligation] = Field(description="Main duties of each side")
    signed_date: date | None = Field(default=None, description="Date of signature, YYYY-MM-DD")
