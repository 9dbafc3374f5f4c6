"""An identity document: passport, identity card, driving licence or residence permit."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["IdentityDocument"]


class IdentityDocument(BaseModel):
    """An identity document."""

    kind: Literal["passport", "identity_card", "driving_licence", "residence_permit", "other"] = Field(
        description="Kind of document"
    )
    number: str = Field(description="Document number as printed")
    surname: str = Field(description="Family name or names")
    given_names: str = Field(description="Given names, as printed")
    nationality: str | None = Field(default=None, description="Nationality as printed")
    sex: Literal["F", "M", "X"] | None = Field(default=None, description="Sex as printed: F, M or X")
    birth_date: date = Field(description="Date of birth, YYYY-MM-DD")
    birth_place: str | None = Field(default=None, description="Place of birth")
    issuing_country: str | None = Field(default=None, description="Country that issued it, as printed")
    authority: str | None = Field(default=None, description="Authority that issued it")
    issue_date: date | None = Field(default=None, description="Date of issue, YYYY-MM-DD")
    expiry_date: date | None = Field(default=None, description="Date of expiry, YYYY-MM-DD")
    address: str | None = Field(default=None, description="Address of the holder, on one line")
    machine_readable: list[str] = Field(description="Lines of the machine-readable zone, exactly as printed")
