"""Does a raw JSON Schema accept what the official test suite calls valid, and nothing else? Counts, and every deviation.

EXTRACT_SHARED_DATA names the folder of json_schema_test_suite.jsonl.gz (2020-12 and draft-07), by default ../shared/data.

An instance is encoded, checked and decoded; what encode refuses counts as refused. `unsaid` are valid instances that a
strict wire has no place for: keys the schema does not name, kinds it leaves open.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("EXTRACT_SHARED_DATA", HERE.parent / "shared" / "data")) / "json_schema_test_suite.jsonl.gz"
DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}
KNOWN = {
    "format.json": "formats are enforced, not only noted",
    "optional/format/ecmascript-regex.json": "patterns of Python's making are run too; no look-behind of variable width",
    "optional/dependencies-compatibility.json": "jsonschema knows no `dependencies` in 2020-12",
    "optional/content.json": "contentEncoding and contentMediaType are words",
    "optional/format/idn-hostname.json": "the rule for names of two directions",
    "vocabulary.json": "jsonschema applies all vocabularies",
}


def compiled(case: Any, dialect: str) -> Any:
    """Compile the schema of a case; a truth value comes as a file."""
    from extract.schema import Schema

    schema = case["schema"]
    if isinstance(schema, bool):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "truth.json"
            path.write_text(json.dumps(schema))
            return Schema.of(path, dialect=dialect)
    return Schema.of({"$schema": DRAFTS[case["draft"]], **schema}, dialect=dialect)


def verdict(schema: Any, test: Any) -> str:
    """Say how an instance fared."""
    from extract.errors import ValidationError

    try:
        wire = schema.encode(test["data"])
    except ValidationError:
        return "unsaid" if test["valid"] else "right"
    checked = schema.check(wire, strictness="exact")
    if checked.ok is not test["valid"]:
        return "other"
    return "right" if not checked.ok or checked.value == test["data"] else "changed"


def main() -> None:
    """Print one row a dialect, then what deviates and why."""
    from extract.errors import SchemaError

    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    print(
        f"{'dialect':>20} {'strict':>7} {'loose':>6} {'refused':>8} {'right':>6} {'unsaid':>7} {'other':>6} {'changed':>8}"
    )
    for dialect in ("openai-strict", "json-schema-2020-12"):
        row: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for case in cases:
            try:
                schema = compiled(case, dialect)
            except SchemaError as error:
                row["refused"] += 1
                told[f"refused: {_reason(str(error))}"] += 1
                continue
            row["strict" if schema.strict else "loose"] += 1
            for test in case["tests"]:
                how = verdict(schema, test)
                row[how] += 1
                if how in ("other", "changed"):
                    told[f"{how}: {case['file']}: {KNOWN.get(case['file'], 'UNKNOWN ' + test['description'])}"] += 1
        cells = zip(
            ("strict", "loose", "refused", "right", "unsaid", "other", "changed"), (7, 6, 8, 6, 7, 6, 8), strict=True
        )
        print(f"{dialect:>20} {' '.join(f'{row[key]:>{size}}' for key, size in cells)}")
        for line, count in told.most_common():
            print(f"{count:>6}  {line}")


def _reason(text: str) -> str:
    for said in ("not at hand", "no pattern", "is no regex", "leads nowhere", "itself", "admits no value", "no branch"):
        if said in text:
            return said
    return text[:80].replace("\n", " ")


if __name__ == "__main__":
    main()
