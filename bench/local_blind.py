"""Types of the set `blind`: papers of kinds that no other set has, written before the model had seen one of them."""

from __future__ import annotations

from datetime import date, datetime, time  # noqa: TC003 - pydantic reads them
from decimal import Decimal  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BLIND"]


class Charge(BaseModel):
    description: str
    amount: Decimal


class HotelBill(BaseModel):
    hotel_name: str
    bill_number: str
    guest_name: str
    company: str | None = Field(None, description="Company the guest travels for")
    room_number: str
    arrival: date
    departure: date
    charges: list[Charge]
    tax: Decimal | None = Field(None, description="Amount of tax in total")
    total: Decimal
    payment_method: Literal["cash", "card", "bank transfer"] | None = None
    currency: str


class GymContract(BaseModel):
    studio: str
    member_number: str
    member_name: str
    date_of_birth: date | None = None
    street: str
    city: str
    tariff: str
    contract_start: date
    minimum_months: int = Field(description="Minimum term in months")
    monthly_fee: Decimal
    joining_fee: Decimal | None = None
    notice_period: str | None = None
    account_iban: str | None = None


class Dose(BaseModel):
    vaccine: str
    given_on: date
    batch: str | None = Field(None, description="Batch or lot number")


class VaccinationCard(BaseModel):
    holder: str
    birth_date: date
    passport_number: str | None = None
    doses: list[Dose]
    practice: str = Field(description="Where the vaccinations were given")
    physician: str | None = None
    next_due: date | None = Field(None, description="When the next dose is due")
    blood_group: str | None = None


class ParkingTicket(BaseModel):
    notice_number: str
    authority: str = Field(description="Who issued the notice")
    plate: str = Field(description="Registration plate of the vehicle")
    vehicle_make: str | None = None
    location: str = Field(description="Street where the vehicle stood")
    offence_date: date
    offence_time: time
    offence: str
    fine: Decimal = Field(description="Full amount of the penalty")
    reduced_fine: Decimal | None = Field(None, description="Amount when paid early")
    pay_by: date | None = Field(None, description="Last day for the reduced amount")
    officer: str | None = None
    driver_name: str | None = None


class WarrantyCard(BaseModel):
    product: str
    brand: str
    model_number: str
    serial_number: str
    purchase_date: date
    dealer_name: str
    dealer_phone: str | None = None
    customer_name: str
    customer_email: str | None = None
    warranty_months: int
    valid_until: date | None = None
    extended: bool = Field(description="Whether an extended warranty was bought")


class EventTicket(BaseModel):
    event: str
    performer: str | None = None
    venue: str
    city: str
    starts_at: datetime
    doors: time | None = Field(None, description="When the doors open")
    block: str | None = None
    row: str | None = None
    seat: str | None = None
    price: Decimal
    booking_fee: Decimal | None = None
    order_number: str
    buyer: str | None = None


class ParcelNotice(BaseModel):
    carrier: str
    tracking_number: str
    sender: str | None = None
    recipient: str
    attempted_on: date = Field(description="Day on which delivery was tried")
    attempted_at: time | None = None
    reason: str | None = Field(None, description="Why it could not be delivered")
    pickup_place: str
    pickup_address: str
    pickup_from: datetime | None = Field(None, description="When it can be picked up first")
    pickup_until: date | None = Field(None, description="Last day for picking it up")
    charge: Decimal | None = Field(None, description="What must be paid at the counter")
    id_required: bool


class ElectricityBill(BaseModel):
    supplier: str
    bill_number: str
    bill_date: date
    account_number: str
    customer: str
    supply_address: str
    meter_number: str | None = None
    previous_reading: int
    current_reading: int
    usage_kwh: int
    standing_charge: Decimal | None = None
    vat: Decimal | None = None
    amount_due: Decimal
    due_date: date
    direct_debit: bool


class Part(BaseModel):
    part: str
    quantity: int
    price: Decimal


class GarageInvoice(BaseModel):
    garage: str
    invoice_no: str
    invoiced_on: date
    customer: str
    registration: str
    mileage: int | None = None
    parts: list[Part]
    labour_hours: float | None = None
    labour_cost: Decimal | None = None
    vat_amount: Decimal
    total: Decimal
    next_service: date | None = None


class SchoolTrip(BaseModel):
    school: str
    teacher: str
    class_name: str
    destination: str
    trip_date: date
    leaves: time = Field(description="When the coach leaves")
    returns: time | None = Field(None, description="When the coach is back")
    cost: Decimal
    pay_before: date | None = None
    bring: list[str] = Field(description="What the children must bring")
    packed_lunch: bool
    contact_phone: str | None = None
    contact_email: str | None = None


BLIND: Mapping[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        HotelBill,
        GymContract,
        VaccinationCard,
        ParkingTicket,
        WarrantyCard,
        EventTicket,
        ParcelNotice,
        ElectricityBill,
        GarageInvoice,
        SchoolTrip,
    )
}
