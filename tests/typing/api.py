"""Checked by mypy and pyright, never run: what users write must infer without a cast."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Optional, Union

from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypedDict, assert_type

import extract


class Invoice(BaseModel):
    number: str
    total: float


class Receipt(TypedDict):
    shop: str


@dataclass
class Person:
    name: str


client = extract.Client(api_key="k", model="gpt-5.4-mini", policy=extract.Policy(reasks=1, money=Decimal("0.10")))
assert_type(client.extract(Invoice, "text"), Invoice)
assert_type(client.extract(list[Invoice], "text"), list[Invoice])
perhaps: Invoice | None = client.extract(Invoice | None, "text")  # mypy knows no type forms yet, and infers Any
perhaps = client.extract(Optional[Invoice], "text")  # noqa: UP045 - people write it
either: Invoice | Person = client.extract(Union[Invoice, Person], "text")  # noqa: UP007
assert_type(client.extract(Receipt, "text"), Receipt)
assert_type(client.extract(Person, "text"), Person)
assert_type(client.extract(dict[str, list[Person]], "text"), dict[str, list[Person]])
letter: Literal["a", "b"] = client.extract(Literal["a", "b"], "text")
assert_type(client.extract(TypeAdapter(dict[str, int]), "text"), dict[str, int])
assert_type(client.extract(extract.Schema.of(Invoice), "text"), Invoice)
assert_type(client.run(Invoice, b"bytes", model="gpt-5.5", temperature=0.0), extract.Extraction[Invoice])
assert_type(client.run(Invoice, "text").value, Invoice)
assert_type(client.run(Invoice, "text").cost, Decimal | None)
assert_type(extract.Schema.of(Invoice).decode({"number": "1", "total": 2}), Invoice)


async def asynchronously() -> None:
    async with extract.AsyncClient(engine="local") as aclient:
        assert_type(await aclient.extract(Invoice, "text"), Invoice)
        assert_type(await aclient.run(Invoice, "text", reasoning_effort="low"), extract.Extraction[Invoice])
