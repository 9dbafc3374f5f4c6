"""Many documents at once: the same methods, awaited.

Runs offline: without RUNAPI_API_KEY a script answers in the gateway's place.
"""

import asyncio
import os
from pathlib import Path

import extract
from extract.schemas.invoice import Invoice
from extract.testing import ScriptedEngine

FOLDER = Path(__file__).parent
DOCUMENTS = [
    FOLDER / "documents" / name for name in ("invoice-bakery.txt", "invoice-studio.html", "invoice-garden.pdf")
]


def offline() -> ScriptedEngine:
    return ScriptedEngine([(FOLDER / "gold" / f"{path.stem}.json").read_text(encoding="utf-8") for path in DOCUMENTS])


async def main() -> None:
    engine = "runapi" if os.environ.get("RUNAPI_API_KEY") else offline()
    async with extract.AsyncClient(engine=engine) as client:
        invoices = await asyncio.gather(*(client.extract(Invoice, path) for path in DOCUMENTS))
    for path, invoice in zip(DOCUMENTS, invoices, strict=True):
        print(f"{path.name:22} {invoice.seller.name:32} {invoice.total:>9} {invoice.currency}")


if __name__ == "__main__":
    asyncio.run(main())
