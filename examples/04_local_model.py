"""A real language model on this machine: no key, no network.

Needs the extra and the weights: pip install 'typed-extract[local]' && extract model pull
"""

from pathlib import Path

import extract
from extract.schemas.business_card import BusinessCard

DOCUMENT = Path(__file__).parent / "documents" / "business_card-lindqvist.txt"


def main() -> None:
    with extract.Client(engine="local") as client:
        extraction = client.run(BusinessCard, DOCUMENT)
    for field, value in extraction.value:
        print(f"{field:11} {value}")
    print(f"{extraction.model}: {extraction.usage.output_tokens} tokens in {extraction.seconds:.1f} s")


if __name__ == "__main__":
    main()
