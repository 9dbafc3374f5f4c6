"""A shipping label: from whom, to whom, by which carrier, and how heavy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["Address", "ShippingLabel"]


class Address(BaseModel):
    """A postal address with its name."""

    name: str = Field(description="Person or company")
    street: str = Field(description="Street and number, with flat or unit")
    postal_code: str | None = Field(default=None, description="Postal code as printed")
    city: str = Field(description="Town, without postal code")
    region: str | None = Field(default=None, description="State, province or county as printed")
    country: str | None = Field(default=None, description="Country as printed")


class ShippingLabel(BaseModel):
    """A shipping label."""

    carrier: str = Field(description="Company that carries the parcel")
    service: str | None = Field(default=None, description="Service, such as Express or Ground")
    tracking_number: str = Field(description="Tracking number as printed")
    sender: Address = Field(description="Where it comes from")
    recipient: Address = Field(description="Where it goes to")
    ship_date: date | None = Field(default=None, description="Date of shipping, YYYY-MM-DD")
    weight: Decimal | None = Field(default=None, description="Weight as a number, without the unit")
    weight_unit: Literal["kg", "g", "lb", "oz"] | None = Field(default=None, description="Unit of the weight")
    reference: str | None = Field(default=None, description="The sender's reference or order number")
