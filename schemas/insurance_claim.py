"""An insurance claim: what happened, to what, when, and how much is claimed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["ClaimItem", "InsuranceClaim"]


class ClaimItem(BaseModel):
    """One damaged or lost thing, or one cost."""

    description: str = Field(description="What was damaged, lost or paid for")
    amount: Decimal | None = Field(default=None, description="Amount claimed for it, without currency sign")


class InsuranceClaim(BaseModel):
    """An insurance claim."""

    claim_number: str | None = Field(default=None, description="Claim number as printed; null if not yet given")
    policy_number: str = Field(description="Policy number as printed")
    insurer: str | None = Field(default=None, description="Insurance company")
    claimant: str = Field(description="Who claims: full name or company")
    contact: str | None = Field(default=None, description="Telephone or e-mail of the claimant")
    kind: Literal["motor", "home", "health", "travel", "liability", "other"] = Field(description="Kind of insurance")
    incident_date: date = Field(description="Date of the incident, YYYY-MM-DD")
    incident_place: str | None = Field(default=None, description="Where it happened")
    description: str = Field(description="What happened, in the claimant's words")
    items: list[ClaimItem] = Field(description="What is claimed for, item by item")
    amount_claimed: Decimal | None = Field(default=None, description="Total claimed, without currency sign")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    police_report: str | None = Field(default=None, description="Police report number, if there is one")
    claim_date: date | None = Field(default=None, description="Date of the claim, YYYY-MM-DD")
