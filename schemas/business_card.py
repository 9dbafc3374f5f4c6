"""A business card: a person, their work, and how to reach them."""

from __future__ import annotations

from pydantic import BaseModel, Field

__all__ = ["BusinessCard"]


class BusinessCard(BaseModel):
    """A business card."""

    full_name: str = Field(description="The person's full name, with academic title")
    job_title: str | None = Field(default=None, description="Position or job title")
    company: str | None = Field(default=None, description="Company or organisation")
    department: str | None = Field(default=None, description="Department or division")
    email: str | None = Field(default=None, description="E-mail address")
    phone: str | None = Field(default=None, description="Office telephone number as printed")
    mobile: str | None = Field(default=None, description="Mobile number as printed")
    website: str | None = Field(default=None, description="Web address as printed; null if there is none")
    address: str | None = Field(default=None, description="Address, on one line")
