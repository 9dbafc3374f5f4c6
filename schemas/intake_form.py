"""A medical intake form: a patient, how to reach them, and what a doctor must know first."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

__all__ = ["EmergencyContact", "IntakeForm", "Medication"]


class Medication(BaseModel):
    """One medicine taken."""

    name: str = Field(description="Name of the medicine")
    dose: str | None = Field(default=None, description="Dose and how often, as written")


class EmergencyContact(BaseModel):
    """Whom to call."""

    name: str = Field(description="Name of the person")
    relation: str | None = Field(default=None, description="Relation to the patient, such as spouse")
    phone: str | None = Field(default=None, description="Telephone number as written")


class IntakeForm(BaseModel):
    """A medical intake form."""

    patient_name: str = Field(description="The patient's full name")
    birth_date: date | None = Field(default=None, description="Date of birth, YYYY-MM-DD")
    address: str | None = Field(default=None, description="Address, on one line")
    phone: str | None = Field(default=None, description="Telephone number as written")
    email: str | None = Field(default=None, description="E-mail address")
    emergency_contact: EmergencyContact | None = Field(default=None, description="Whom to call in an emergency")
    insurer: str | None = Field(default=None, description="Health insurance company")
    policy_number: str | None = Field(default=None, description="Insurance or member number as written")
    reason: str | None = Field(default=None, description="Reason for the visit, in the patient's words")
    conditions: list[str] = Field(description="Illnesses and conditions named")
    medications: list[Medication] = Field(description="Medicines taken now")
    allergies: list[str] = Field(description="Allergies; empty if none are named")
    smoker: bool | None = Field(default=None, description="Whether the patient smokes; null if not said")
    date_signed: date | None = Field(default=None, description="Date of signature, YYYY-MM-DD")
