"""How many fields of twelve everyday documents does an embedded model get right, in one shot?

python -m bench.questions.local_quality [MODEL] [--show]
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

import extract
from extract.engines import LocalEngine

DEFAULT = "qwen2.5-coder-0.5b"
Day = date
CASES = Path(__file__).parents[2] / "tests" / "cases" / "local_tasks.json"


# The model sees no descriptions: names say what is meant.
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


TASKS: dict[str, type[BaseModel]] = {
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


def score(gold: Any, found: Any, at: str = "$") -> tuple[int, int, list[str]]:
    """Compare field by field: (right, all, what is wrong). Text counts without case and runs of space."""
    if isinstance(gold, dict):
        parts = [
            score(value, found.get(key) if isinstance(found, dict) else None, f"{at}.{key}")
            for key, value in gold.items()
        ]
    elif isinstance(gold, list):
        rows = found if isinstance(found, list) else []
        parts = [score(value, rows[i] if i < len(rows) else None, f"{at}[{i}]") for i, value in enumerate(gold)]
        if len(rows) > len(gold):
            parts.append((-min(1, len(gold)), 0, [f"{at} has {len(rows) - len(gold)} too many"]))
    else:
        same = _plain(gold) == _plain(found)
        return int(same), 1, [] if same else [f"{at}: {found!r}, not {gold!r}"]
    return sum(p[0] for p in parts), sum(p[1] for p in parts), [wrong for p in parts for wrong in p[2]]


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    return " ".join(value.split()).casefold() if isinstance(value, str) else float(value)


def ask(client: extract.Client, case: dict[str, Any]) -> tuple[Any, float, str]:
    """One document, one answer: the value as JSON, seconds, and what went wrong if something did."""
    started = time.perf_counter()
    try:
        found = client.extract(TASKS[case["task"]], case["document"], policy=extract.Policy(reasks=0)).model_dump(
            mode="json"
        )
        return found, time.perf_counter() - started, ""
    except extract.ExtractError as error:
        return None, time.perf_counter() - started, type(error).__name__


def measure(engine: LocalEngine, *, show: bool = False) -> float:
    """Print a line a task and the total; return the share of fields that are right."""
    right = every = 0
    seconds = 0.0
    with extract.Client(engine=engine) as client:
        for case in json.loads(CASES.read_text(encoding="utf-8")):
            found, took, trouble = ask(client, case)
            good, count, wrong = score(case["gold"], found)
            right, every, seconds = right + good, every + count, seconds + took
            print(f"{case['task']:15} {good:3}/{count:<3} {took:6.1f} s  {trouble}", flush=True)
            for line in wrong if show else ():
                print(f"    {line}")
    print(f"{engine.default_model}: {right}/{every} = {right / every:.1%}, {seconds / len(TASKS):.1f} s an answer")
    return right / every


def main() -> None:
    """Measure one model."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("model", nargs="?", default=DEFAULT)
    words.add_argument("--show", action="store_true", help="list what is wrong")
    said = words.parse_args()
    measure(LocalEngine(said.model), show=said.show)


if __name__ == "__main__":
    main()
