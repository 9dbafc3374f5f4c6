"""What does one bad cell in 300 rows cost? A mend beside asking for everything again, in bytes and tokens."""

from __future__ import annotations

import json
from decimal import Decimal  # noqa: TC003 - pydantic reads it
from typing import Any

from pydantic import BaseModel, Field

import extract
from bench.tables import judge, markdown
from extract.engines import RunAPI
from extract.testing import StandIn

__all__ = ["PEERS", "ask"]

PEERS = ["ours"]
ROWS = 300
CHARACTERS_A_TOKEN = 4


class Row(BaseModel):
    sku: str
    name: str
    quantity: int = Field(ge=1)
    price: Decimal


class Order(BaseModel):
    number: str
    rows: list[Row]


def ask(peers: list[str], rounds: int) -> str:  # noqa: ARG001 - nothing here is timed
    """Count, through the stand-in over real HTTP: the same answer with 1 bad cell, and with 5 in 5 rows."""
    table = [["bad cells", "requests", "request bytes", "of a full reask", "output tokens", "of a full reask"]]
    verdict = [["target", "found", "bound", "verdict"]]
    for bad in ((123,), (3, 77, 150, 222, 299)):
        counted = _count(bad)
        full, mend = counted["full"], counted["mend"]
        bytes_share, tokens_share = mend[1] / full[1], mend[2] / full[2]
        table.append(
            [f"{len(bad)}", f"{mend[0]}", f"{mend[1]:,}", f"{bytes_share:.1%}", f"{mend[2]:,}", f"{tokens_share:.1%}"]
        )
        name = f"{len(bad)} bad cell(s)"
        verdict.append([f"{name}: one request mends them", f"{mend[0]}", "≤ 1", judge(mend[0], 1)])
        if len(bad) == 1:
            verdict.append([f"{name}: request bytes", f"{bytes_share:.1%}", "≤ 25 %", judge(bytes_share, 0.25)])
            verdict.append([f"{name}: output tokens", f"{tokens_share:.1%}", "≤ 2 %", judge(tokens_share, 0.02)])
    return "\n\n".join([markdown(table), markdown(verdict)])


def _count(bad: tuple[int, ...]) -> dict[str, tuple[int, int, int]]:
    good = {"number": "A-17", "rows": [_row(n) for n in range(ROWS)]}
    wrong: dict[str, Any] = json.loads(json.dumps(good))
    for n in bad:
        wrong["rows"][n]["quantity"] = 0
    document = "Order A-17\n" + "\n".join(" ".join(str(v) for v in _row(n).values()) for n in range(ROWS))
    found = {}
    for how in ("mend", "full"):
        with (
            StandIn() as server,
            extract.Client(engine=RunAPI(api_key=server.api_key, base_url=server.base_url)) as client,
        ):
            server.script([json.dumps(wrong), _mended if how == "mend" else json.dumps(good)])
            if how == "mend":
                extraction = client.run(Order, document)
                assert [row.quantity for row in extraction.value.rows] == [n % 9 + 1 for n in range(ROWS)]
                asked = extraction.attempts[1:]
                sizes = [len(json.dumps(seen.body)) for seen in server.requests[1:]]
                found[how] = (len(asked), sum(sizes), sum(_tokens(a.reply.text) for a in asked if a.reply))
            else:
                found[how] = (1, _full_reask(document, json.dumps(wrong)), _tokens(json.dumps(good)))
    return found


def _full_reask(document: str, wrong: str) -> int:
    """The bytes of the request that asks for everything again, as this library writes it."""
    from extract.engines import _chat
    from extract.exchange import Task
    from extract.exchange._prompt import reask_request
    from extract.typing import Reply

    schema = extract.Schema.of(Order)
    task = Task(schema=schema, document=document, model="gpt-5.4-mini")
    issue = extract.Issue(("rows", 123, "quantity"), "Input should be greater than or equal to 1")
    request = reask_request(task, Reply(text=wrong), (issue,), 1)
    return len(_chat.compose(request, _chat.envelope(request, extras={}, learned={})).body)


def _mended(request: dict[str, Any]) -> str:
    schema = request["response_format"]["json_schema"]["schema"]
    return json.dumps({key: int(key.split("_")[1]) % 9 + 1 for key in schema["properties"]})


def _row(n: int) -> dict[str, Any]:
    return {"sku": f"SKU-{n:05}", "name": f"Article number {n}", "quantity": n % 9 + 1, "price": f"{n}.95"}


def _tokens(text: str) -> int:
    return max(1, len(text) // CHARACTERS_A_TOKEN)
