"""What embedded models are asked for: three sets of everyday types. No gold value was edited after a first run of its set."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal  # noqa: TC003 - pydantic reads it
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["DESCRIBED", "EVERYDAY", "FRESH", "PaperInvoice", "PaperReceipt"]

Day = date


# Names that say what is meant, and nothing else.
class InvoiceLine(BaseModel):
    description: str
    quantity: float
    unit_price: float
    amount: float


class Invoice(BaseModel):
    invoice_number: str
    invoice_date: date
    due_date: date | None
    seller_name: str
    buyer_name: str
    currency: str
    lines: list[InvoiceLine]
    net_amount: float
    vat_amount: float | None
    total_due: float


class ReceiptItem(BaseModel):
    name: str
    price: float


class Receipt(BaseModel):
    merchant: str
    receipt_number: str | None
    time: str | None
    items: list[ReceiptItem]
    total: float
    payment_method: Literal["cash", "card", "other"]


class BusinessCard(BaseModel):
    name: str
    position: str | None
    company: str | None
    city: str | None
    postal_code: str | None
    phone: str | None
    email: str | None
    website: str | None


class ShippingLabel(BaseModel):
    carrier: str | None
    tracking_number: str
    sender_name: str
    recipient_name: str
    recipient_street: str
    recipient_postal_code: str
    recipient_city: str
    recipient_country: str
    weight_kg: float | None


class JobPosting(BaseModel):
    title: str
    company_name: str
    city: str
    employment: Literal["full-time", "part-time", "internship", "freelance"]
    workplace: Literal["on-site", "hybrid", "remote"]
    years_of_experience: int | None
    skills: list[str]
    salary_min: int | None
    salary_max: int | None
    currency: str | None
    contact_email: str | None


class Meeting(BaseModel):
    subject: str
    organiser: str
    attendees: list[str]
    date: Day
    start_time: str
    end_time: str | None
    room: str | None


class Recipe(BaseModel):
    title: str
    servings: int
    minutes: int
    vegan: bool
    ingredients: list[str]


class BankTransfer(BaseModel):
    booking_date: date
    value_date: date
    beneficiary: str
    iban: str
    amount: float
    currency: str
    purpose: str


class Flight(BaseModel):
    booking_reference: str
    passenger: str
    flight_number: str
    date: Day
    departure_time: str
    arrival_time: str
    arrival_airport_code: str
    seat: str | None
    total_paid: float


class SupportTicket(BaseModel):
    ticket_number: str
    customer_name: str
    email: str
    product: str
    order_number: str
    sentiment: Literal["positive", "neutral", "negative"]
    wants_refund: bool


class IntakeForm(BaseModel):
    last_name: str
    first_name: str
    date_of_birth: date
    insurance_company: str | None
    member_number: str | None
    allergies: list[str]
    medicine_name: str | None
    emergency_contact_name: str | None
    emergency_phone: str | None
    smoker: bool


class InsuranceClaim(BaseModel):
    claim_number: str
    policy_number: str
    policyholder: str
    date_of_loss: date
    kind_of_damage: Literal["water", "fire", "storm", "theft", "other"]
    estimated_damage: float
    currency: str
    police_report_number: str | None


# As people write them: short names, described where a description says something.
class BillLine(BaseModel):
    description: str
    quantity: int
    unit_price: Decimal
    total: Decimal


class Bill(BaseModel):
    number: str = Field(description="Invoice number")
    date: Day = Field(description="Date of issue")
    due_date: Day | None = None
    vendor: str = Field(description="Name of the company that sent the invoice")
    customer: str = Field(description="Name of the company that is billed")
    currency: str = Field(description="ISO 4217 code, such as EUR")
    lines: list[BillLine]
    subtotal: Decimal
    tax: Decimal = Field(description="Amount of tax, not the rate")
    total: Decimal


class Purchase(BaseModel):
    name: str
    quantity: int = 1
    price: Decimal


class TillReceipt(BaseModel):
    store: str = Field(description="Name of the shop")
    address: str | None = None
    date: Day
    time: time
    items: list[Purchase]
    total: Decimal
    payment: Literal["cash", "card", "voucher"]
    change: Decimal | None = Field(default=None, description="Money given back")


class Signature(BaseModel):
    name: str
    title: str | None = Field(default=None, description="Job title")
    company: str | None = None
    department: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    website: str | None = None
    street: str | None = None
    city: str | None = None


class JobAd(BaseModel):
    title: str
    company: str
    location: str
    contract: Literal["permanent", "temporary", "internship"]
    hours_per_week: int | None = None
    salary_from: int | None = Field(default=None, description="Lowest yearly salary")
    salary_to: int | None = Field(default=None, description="Highest yearly salary")
    languages: list[str] = Field(description="Languages the applicant must speak")
    start_date: date | None = None
    contact_person: str | None = None
    remote: bool = Field(description="Whether working from home is possible")


class Event(BaseModel):
    title: str
    date: Day
    start: time = Field(description="When it begins")
    end: time | None = Field(default=None, description="When it ends")
    venue: str = Field(description="Name of the place")
    city: str
    speakers: list[str]
    ticket_price: Decimal | None = None
    currency: str | None = None
    registration_url: str | None = None


class FlightConfirmation(BaseModel):
    confirmation_code: str
    passenger_name: str
    airline: str
    flight_number: str
    origin: str = Field(description="IATA code of the departure airport")
    destination: str = Field(description="IATA code of the arrival airport")
    departure: datetime
    arrival: datetime
    cabin: Literal["economy", "premium", "business", "first"]
    price: Decimal
    checked_bags: int


class LabValue(BaseModel):
    test: str
    value: float
    unit: str
    flag: Literal["low", "normal", "high"]


class LabReport(BaseModel):
    patient: str
    birth_date: date
    sample_date: date
    doctor: str = Field(description="Physician who ordered the tests")
    laboratory: str
    results: list[LabValue]
    fasting: bool | None = None


class Lease(BaseModel):
    landlord: str
    tenant: str
    address: str = Field(description="Address of the flat")
    start: date = Field(description="First day of the tenancy")
    end: date | None = Field(default=None, description="Last day; null when it is for an indefinite time")
    monthly_rent: Decimal
    deposit: Decimal | None = None
    currency: str
    notice_months: int = Field(description="Period of notice in months")
    pets_allowed: bool


class DeliveredItem(BaseModel):
    article_number: str
    description: str
    quantity: int


class DeliveryNote(BaseModel):
    number: str
    delivery_date: date
    order_number: str | None = None
    supplier: str
    recipient: str
    items: list[DeliveredItem]
    packages: int | None = Field(default=None, description="How many packages")
    weight_kg: float | None = Field(default=None, description="Total weight in kilograms")
    signed_by: str | None = Field(default=None, description="Who has signed for it")


class Ticket(BaseModel):
    id: str
    reporter: str
    email: str | None = None
    phone: str | None = None
    created: datetime
    product: str
    version: str | None = None
    category: Literal["bug", "question", "billing", "feature request"]
    priority: Literal["low", "normal", "high", "urgent"]
    summary: str = Field(description="The subject line")
    order_number: str | None = None


class Profile(BaseModel):
    full_name: str
    headline: str | None = None
    email: str | None = None
    phone: str | None = None
    city: str | None = None
    birth_year: int | None = None
    years_of_experience: int | None = None
    current_employer: str | None = None
    skills: list[str]
    languages: list[str]
    linkedin: str | None = None


class Product(BaseModel):
    name: str
    brand: str
    sku: str | None = Field(default=None, description="Article number")
    price: Decimal = Field(description="What it costs now")
    old_price: Decimal | None = Field(default=None, description="Price before the reduction")
    currency: str
    in_stock: bool
    rating: float | None = Field(default=None, description="Stars, 0 to 5")
    reviews: int | None = Field(default=None, description="Number of reviews")
    colours: list[str]
    warranty_years: int | None = None


# Kept for the last measurement; since its first run one choice was made on it: days in bare figures only where they stand.
class HotelBooking(BaseModel):
    booking_number: str
    guest: str
    hotel: str
    city: str
    check_in: date
    check_out: date
    nights: int
    room_type: str
    breakfast_included: bool
    total_price: Decimal
    currency: str
    free_cancellation_until: date | None = None


class OrderLine(BaseModel):
    item: str
    quantity: int
    unit_price: Decimal


class PurchaseOrder(BaseModel):
    po_number: str
    order_date: date
    buyer: str = Field(description="Company that orders")
    supplier: str = Field(description="Company that delivers")
    delivery_date: date | None = None
    items: list[OrderLine]
    total: Decimal
    currency: str
    payment_terms: str | None = None


class UtilityBill(BaseModel):
    provider: str
    customer_name: str
    customer_number: str
    period_start: date
    period_end: date
    consumption_kwh: float
    amount_due: Decimal
    due_date: date
    previous_balance: Decimal | None = None
    meter_number: str | None = None


class Prescription(BaseModel):
    patient_name: str
    patient_birth_date: date
    doctor_name: str
    issued_on: date
    medication: str
    dose: str
    times_per_day: int
    refills: int | None = None
    valid_until: date | None = None
    pharmacy: str | None = None


class Certificate(BaseModel):
    holder: str = Field(description="Who passed the course")
    course: str
    issuer: str = Field(description="Organisation that gives the certificate")
    issue_date: date
    expiry_date: date | None = None
    certificate_id: str
    hours: int | None = None
    grade: str | None = None
    level: Literal["beginner", "intermediate", "advanced"]


class CarRental(BaseModel):
    reservation: str
    driver: str
    car: str
    pickup_location: str
    pickup_time: datetime
    return_time: datetime
    daily_rate: float
    total: float
    insurance: bool
    deposit: float | None = None
    unlimited_mileage: bool


class Membership(BaseModel):
    first_name: str
    last_name: str
    email: str
    phone: str | None = None
    membership_type: Literal["single", "family", "student", "senior"]
    start_date: date
    monthly_fee: float
    newsletter: bool
    emergency_contact: str | None = None
    payment_method: Literal["direct debit", "card", "bank transfer"]


class EnquiryMail(BaseModel):
    sender_name: str
    sender_email: str
    company: str | None = None
    subject: str
    product: str = Field(description="What the sender asks about")
    quantity: int | None = None
    budget: float | None = None
    needed_by: date | None = None
    language: str | None = Field(default=None, description="Language in which the mail is written")
    wants_call: bool = Field(description="Whether the sender asks to be called")


# What there is gold for in documents that no one here wrote.
class PaperReceipt(BaseModel):
    company: str = Field(description="Name of the shop")
    date: Day = Field(description="DD/MM/YYYY")
    address: str = Field(description="Address of the shop")
    total: float = Field(description="What was to be paid")


class PaperInvoice(BaseModel):
    invoice_number: str
    issue_date: date
    seller: str
    buyer: str
    currency: str
    tax_basis_total: float = Field(description="Total without tax")
    tax_total: float = Field(description="Amount of tax")
    grand_total: float = Field(description="Total with tax")
    due: float = Field(description="Amount that is still to be paid")


EVERYDAY: dict[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        Invoice,
        Receipt,
        BusinessCard,
        ShippingLabel,
        JobPosting,
        Meeting,
        Recipe,
        BankTransfer,
        Flight,
        SupportTicket,
        IntakeForm,
        InsuranceClaim,
    )
}

DESCRIBED: dict[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        Bill,
        TillReceipt,
        Signature,
        JobAd,
        Event,
        FlightConfirmation,
        LabReport,
        Lease,
        DeliveryNote,
        Ticket,
        Profile,
        Product,
    )
}

FRESH: dict[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        HotelBooking,
        PurchaseOrder,
        UtilityBill,
        Prescription,
        Certificate,
        CarRental,
        Membership,
        EnquiryMail,
    )
}
