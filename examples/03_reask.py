"""A wrong answer is asked about again: your own validator says what is wrong, and every attempt is on record."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, model_validator

import extract
from extract.testing import ScriptedEngine


class Line(BaseModel):
    description: str
    amount: Decimal


class Bill(BaseModel):
    lines: list[Line]
    total: Decimal

    @model_validator(mode="after")
    def adds_up(self) -> "Bill":  # noqa: D102
        total = sum(line.amount for line in self.lines)
        if total != self.total:
            raise ValueError(f"the lines add up to {total}, not to the total")
        return self


def answer(tea: str) -> dict[str, Any]:
    return {
        "lines": [{"description": "Tea", "amount": tea}, {"description": "Scone", "amount": "4.00"}],
        "total": "7.50",
    }


def main() -> None:
    engine = ScriptedEngine([answer("3.00"), answer("3.50")])  # the first answer misreads a price
    with extract.Client(engine=engine, policy=extract.Policy(reasks=2)) as client:
        extraction = client.run(Bill, "Tea 3.50\nScone 4.00\nTotal 7.50")
    for attempt in extraction.attempts:
        print(f"{attempt.kind}: {attempt.issues[0].message if attempt.issues else 'taken'}")
    print(extraction.value)


if __name__ == "__main__":
    main()
