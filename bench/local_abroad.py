"""Types of the set `abroad`: papers of ten countries, declared as a user would, most fields with a description."""

from __future__ import annotations

from datetime import date, datetime, time  # noqa: TC003 - pydantic reads them
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABROAD"]


class Position(BaseModel):
    description: str = Field(description="What was sold")
    quantity: int
    amount: float = Field(description="Amount of this line, without tax")


class Rechnung(BaseModel):
    invoice_number: str = Field(description="Number of the invoice")
    invoice_date: date
    delivery_date: date | None = Field(None, description="Day of delivery, if given")
    seller_name: str = Field(description="Company that sends the invoice")
    customer_number: str | None = None
    positions: list[Position]
    net_total: float = Field(description="Total without tax")
    tax_amount: float = Field(description="Amount of tax, not the rate")
    gross_total: float = Field(description="Total to pay")
    due_date: date | None = Field(None, description="Last day to pay")
    iban: str | None = Field(None, description="Account to pay to")


class Booking(BaseModel):
    booking_reference: str
    guest: str = Field(description="Name of the guest")
    hotel: str
    check_in: datetime = Field(description="Date and time from which the room is ready")
    check_out: datetime = Field(description="Date and time until which the room must be left")
    nights: int
    adults: int
    breakfast: bool = Field(description="Whether breakfast is included")
    price_total: float
    currency: str = Field(description="Three letters, such as EUR")
    free_cancellation_until: date | None = None


class Appointment(BaseModel):
    patient: str
    date_of_birth: date = Field(description="Birthday of the patient, MM/DD/YYYY")
    doctor: str
    department: str
    start: datetime = Field(description="When the appointment begins")
    duration_minutes: int
    location: str = Field(description="Building and room")
    phone: str | None = Field(None, description="Number to call to cancel")
    insurance_id: str | None = None
    fasting: bool = Field(description="Whether the patient must not eat before")


class Enrolment(BaseModel):
    child_name: str
    birth_date: date = Field(description="Child's date of birth")
    school: str
    year_group: int
    parent_email: str
    parent_phone: str | None = None
    starts: date = Field(description="First day at the school")
    lunch: Literal["packed", "school", "home"] = Field(description="Where the child has lunch")
    allergies: list[str] = Field(description="Every allergy named")
    photo_consent: bool


class EnergyBill(BaseModel):
    provider: str
    contract_number: str
    supply_point: str | None = Field(None, description="CUPS code of the supply point")
    period_start: date = Field(description="First day billed")
    period_end: date = Field(description="Last day billed")
    consumption_kwh: int
    energy_cost: float = Field(description="Cost of the energy alone")
    tax: float
    total: float = Field(description="Total of the bill")
    charge_date: date = Field(description="Day on which the bank is charged")


class Ordered(BaseModel):
    article: str
    quantity: int
    price: float = Field(description="Price of one piece")


class WebOrder(BaseModel):
    order_number: str
    ordered_at: datetime = Field(description="When the order was placed")
    customer: str
    street: str = Field(description="Street and house number")
    postal_code: str
    city: str
    items: list[Ordered]
    shipping: float = Field(description="Cost of shipping")
    total: float
    payment_method: str
    tracking_code: str | None = None


class Ticket(BaseModel):
    pnr: str = Field(description="Ten digits")
    train_number: str
    train_name: str
    passenger: str
    age: int
    from_station: str
    to_station: str
    departure: datetime
    arrival: datetime
    coach: str
    fare: float = Field(description="Total fare in rupees")
    status: Literal["confirmed", "waiting list", "cancelled"]


class Quote(BaseModel):
    quote_number: str
    business: str
    abn: str | None = Field(None, description="Australian business number")
    client: str
    site_address: str = Field(description="Where the work is done")
    issued: date
    valid_until: date | None = None
    work: list[str] = Field(description="Each task of the quote")
    subtotal: float = Field(description="Before GST")
    gst: float
    total: float


class Course(BaseModel):
    title: str
    teacher: str
    first_evening: date
    last_evening: date
    begins: time = Field(description="Time of day at which an evening begins")
    ends: time
    room: str
    seats: int = Field(description="How many may take part")
    fee: float
    reduced_fee: float | None = None
    contact_email: str


class Repair(BaseModel):
    ticket: str = Field(description="Number of the repair")
    customer_name: str
    device: str = Field(description="Maker and model")
    serial_number: str
    fault: str = Field(description="What does not work")
    received: date
    ready_by: date | None = None
    estimate: float | None = Field(None, description="Estimated price")
    warranty: bool = Field(description="Whether the repair is under warranty")
    phone: str


ABROAD: Mapping[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (Rechnung, Booking, Appointment, Enrolment, EnergyBill, WebOrder, Ticket, Quote, Course, Repair)
}
