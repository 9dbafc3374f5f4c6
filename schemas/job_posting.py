"""A job posting: who is looking for whom, where, and on which terms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["JobPosting", "Salary"]


class Salary(BaseModel):
    """What is paid."""

    minimum: Decimal | None = Field(default=None, description="Lowest pay, as a number")
    maximum: Decimal | None = Field(default=None, description="Highest pay, as a number")
    currency: str | None = Field(default=None, description="Currency as a three-letter code, such as EUR or USD")
    period: Literal["hour", "day", "month", "year"] | None = Field(default=None, description="Period it is paid for")


class JobPosting(BaseModel):
    """A job posting."""

    title: str = Field(description="Job title")
    company: str = Field(description="Who is hiring")
    location: str | None = Field(default=None, description="Town and country of the workplace")
    remote: Literal["no", "partly", "fully"] | None = Field(
        default=None, description="Whether one can work from home; null if not said"
    )
    employment: Literal["full_time", "part_time", "contract", "temporary", "internship"] | None = Field(
        default=None, description="Form of employment"
    )
    salary: Salary | None = Field(default=None, description="Pay, if it is named")
    experience_years: int | None = Field(default=None, description="Years of experience asked for, the lowest number")
    skills: list[str] = Field(description="Skills that are required, each once")
    benefits: list[str] = Field(description="Benefits offered beside the pay")
    apply_by: date | None = Field(default=None, description="Last day to apply, YYYY-MM-DD")
    contact: str | None = Field(default=None, description="E-mail or web address to apply to")
