"""How many fields of twelve everyday documents does an embedded model get right, in one shot?

python -m bench.questions.local_quality [MODEL] [--grammar compact] [--outline] [--show]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

import extract
from extract.engines import MODELS, LocalEngine
from extract.engines import _local_request as request_of
from extract.engines import _weights

CASES = Path(__file__).parents[2] / "tests" / "cases" / "local_tasks.json"


class InvoiceLine(BaseModel):
    description: str
    quantity: float
    unit_price: float
    amount: float


class Invoice(BaseModel):
    number: str
    issued: date
    due: date | None
    seller: str = Field(description="Who issues the invoice")
    buyer: str = Field(description="Who has to pay it; the name only")
    currency: str = Field(description="ISO 4217 code")
    lines: list[InvoiceLine]
    net: float
    vat: float | None = Field(description="Amount of VAT, not its rate")
    total: float


class ReceiptItem(BaseModel):
    name: str
    price: float


class Receipt(BaseModel):
    merchant: str
    number: str | None
    time: str | None
    items: list[ReceiptItem]
    total: float
    paid_by: Literal["cash", "card", "other"]


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
    sender: str
    recipient: str
    street: str = Field(description="Where the parcel goes, as are the next three")
    postal_code: str
    city: str
    country: str
    weight_kg: float | None


class JobPosting(BaseModel):
    title: str
    company: str
    city: str
    employment: Literal["full-time", "part-time", "internship", "freelance"]
    workplace: Literal["on-site", "hybrid", "remote"]
    years_of_experience: int | None
    skills: list[str]
    salary_from: int | None
    salary_to: int | None
    currency: str | None
    contact: str | None


class Meeting(BaseModel):
    subject: str
    organiser: str
    invited: list[str]
    day: date
    start: str
    end: str | None
    room: str | None


class Ingredient(BaseModel):
    name: str
    amount: str


class Recipe(BaseModel):
    title: str
    servings: int
    minutes: int = Field(description="Until it is ready")
    vegan: bool
    ingredients: list[Ingredient]


class BankTransfer(BaseModel):
    booked: date
    valued: date
    beneficiary: str
    iban: str
    amount: float
    currency: str
    purpose: str


class Flight(BaseModel):
    reference: str
    passenger: str
    flight: str
    day: date
    departs: str
    arrives: str
    arrival_airport: str = Field(description="Three-letter code")
    seat: str | None
    price: float


class SupportTicket(BaseModel):
    ticket: str
    customer: str
    email: str
    product: str
    order: str
    mood: Literal["positive", "neutral", "negative"]
    wants_refund: bool


class IntakeForm(BaseModel):
    last_name: str
    first_name: str
    born: date
    insurer: str | None
    member_number: str | None
    allergies: list[str]
    medication: str | None = Field(description="Name of the medicine only")
    emergency_contact: str | None = Field(description="Name only")
    emergency_phone: str | None
    smoker: bool


class InsuranceClaim(BaseModel):
    claim: str
    policy: str
    policyholder: str
    day_of_loss: date
    damage: Literal["water", "fire", "storm", "theft", "other"]
    estimate: float
    currency: str
    police_report: str | None = Field(description="Number of the police report")


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
    words.add_argument("model", nargs="?", default=_weights.DEFAULT)
    words.add_argument("--grammar", choices=["schema", "compact"])
    words.add_argument("--outline", action=argparse.BooleanOptionalAction)
    words.add_argument("--show", action="store_true", help="list what is wrong")
    said = words.parse_args()
    measure(LocalEngine(said.model), show=said.show)


if __name__ == "__main__":
    main()
