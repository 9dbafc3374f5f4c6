"""What embedded models are scored on last: types written before any change they could have led to, and never looked at for one."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal  # noqa: TC003 - pydantic reads it
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["UNSEEN"]

Day = date


class ServiceLine(BaseModel):
    description: str
    hours: float
    rate: float
    amount: float


class ServiceInvoice(BaseModel):
    invoice_number: str = Field(description="The invoice number")
    issue_date: date
    due_date: date | None = None
    supplier_name: str
    supplier_tax_id: str | None = None
    customer_name: str
    customer_address: str | None = None
    line_items: list[ServiceLine]
    subtotal: float
    tax_rate: float | None = Field(default=None, description="Tax rate in percent")
    tax_amount: float
    total: float
    currency: str = Field(description="ISO currency code")
    purchase_order: str | None = Field(default=None, description="The customer's purchase order number")


class MenuItem(BaseModel):
    name: str
    quantity: int
    price: float


class RestaurantReceipt(BaseModel):
    restaurant: str
    address: str | None = None
    phone: str | None = None
    date: Day
    time: str | None = None
    server: str | None = None
    table: int | None = None
    items: list[MenuItem]
    subtotal: float
    tax: float
    tip: float | None = None
    total: float
    card_last_four: str | None = None


class Job(BaseModel):
    employer: str
    title: str
    start_year: int
    end_year: int | None = Field(default=None, description="Null if it is the present job")


class Resume(BaseModel):
    full_name: str
    email: str | None = None
    phone: str | None = None
    city: str | None = None
    experience: list[Job]
    degree: str | None = Field(default=None, description="Highest degree")
    university: str | None = None
    graduation_year: int | None = None
    skills: list[str]
    website: str | None = None


class PatientIntake(BaseModel):
    patient_name: str
    date_of_birth: date
    gender: Literal["female", "male", "other"]
    phone: str | None = None
    address: str | None = None
    primary_physician: str | None = None
    insurance_provider: str | None = None
    policy_number: str | None = None
    medications: list[str]
    allergies: list[str]
    reason_for_visit: str
    smoker: bool
    emergency_contact: str | None = None


class Parcel(BaseModel):
    carrier: str
    service: str | None = Field(default=None, description="Service level, such as express")
    tracking_number: str
    ship_date: date | None = None
    sender_name: str
    sender_city: str
    recipient_name: str
    recipient_company: str | None = None
    recipient_street: str
    recipient_city: str
    recipient_postal_code: str
    recipient_country: str
    weight_kg: float | None = None
    signature_required: bool


class Booking(BaseModel):
    date: Day
    description: str
    amount: float = Field(description="Negative for money going out")


class Statement(BaseModel):
    bank: str
    account_holder: str
    iban: str
    period_start: date
    period_end: date
    opening_balance: float
    closing_balance: float
    currency: str
    transactions: list[Booking]


class Vacancy(BaseModel):
    job_title: str
    company: str
    location: str
    employment_type: Literal["full-time", "part-time", "contract", "internship"]
    remote_policy: Literal["on-site", "hybrid", "remote"]
    salary_min: int | None = None
    salary_max: int | None = None
    currency: str | None = None
    required_skills: list[str]
    experience_years: int | None = Field(default=None, description="Minimum years of experience")
    application_deadline: date | None = None
    contact_email: str | None = None


class ServiceContract(BaseModel):
    title: str
    contract_number: str | None = None
    client: str = Field(description="Party that receives the services")
    provider: str = Field(description="Party that renders the services")
    effective_date: date
    end_date: date | None = None
    monthly_fee: Decimal
    currency: str
    payment_days: int = Field(description="Days within which invoices are to be paid")
    notice_days: int | None = Field(default=None, description="Notice period in days")
    auto_renewal: bool
    governing_law: str


class Claim(BaseModel):
    claim_number: str
    policy_number: str
    claimant: str
    phone: str | None = None
    email: str | None = None
    incident_date: date
    incident_time: time | None = None
    incident_place: str
    incident_type: Literal["collision", "theft", "fire", "water damage", "other"]
    vehicle: str | None = None
    estimated_cost: float
    injuries: bool
    police_report: str | None = None


class Contact(BaseModel):
    name: str
    job_title: str | None = None
    company: str | None = None
    office_phone: str | None = None
    mobile_phone: str | None = None
    fax: str | None = None
    email: str | None = None
    website: str | None = None
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None


class OrderedPart(BaseModel):
    sku: str
    description: str
    quantity: int
    unit_price: float


class PartsOrder(BaseModel):
    order_number: str
    order_date: date
    buyer_name: str
    buyer_contact: str | None = None
    vendor_name: str
    ship_to: str = Field(description="Delivery address")
    items: list[OrderedPart]
    shipping_cost: float | None = None
    total: float
    currency: str
    payment_terms: str | None = None


class IdentityCard(BaseModel):
    document_type: Literal["passport", "identity card", "driving licence"]
    document_number: str
    surname: str
    given_names: str
    nationality: str
    date_of_birth: date
    place_of_birth: str | None = None
    sex: Literal["F", "M", "X"]
    issue_date: date
    expiry_date: date
    issuing_authority: str | None = None
    height_cm: int | None = None


class OrderMail(BaseModel):
    sender_name: str
    sender_email: str
    recipient_name: str
    sent_on: date
    subject: str
    order_number: str
    product: str
    problem: str = Field(description="What is wrong, in a few words")
    requested_action: Literal["refund", "replacement", "repair", "information"]
    deadline: date | None = None
    phone: str | None = None
    attachments: list[str]


class Concert(BaseModel):
    title: str
    performer: str
    event_date: date
    doors_open: time | None = None
    start_time: time
    venue: str
    street_address: str | None = None
    city: str
    ticket_price: float
    currency: str
    organizer: str | None = None
    age_limit: int | None = None
    website: str | None = None


UNSEEN: dict[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        ServiceInvoice,
        RestaurantReceipt,
        Resume,
        PatientIntake,
        Parcel,
        Statement,
        Vacancy,
        ServiceContract,
        Claim,
        Contact,
        PartsOrder,
        IdentityCard,
        OrderMail,
        Concert,
    )
}
