"""What the schema tests share: the referee, the judge and the round trip."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import jsonschema
import pytest

SHARED = Path(os.environ.get("EXTRACT_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))

# Written in words that older Pythons cannot compile.
collect_ignore = [] if sys.version_info >= (3, 12) else ["test_type_statements.py"]


@pytest.fixture(scope="session")
def referee():
    """The independent checker of the strict subset, where it is at hand."""
    path = SHARED.parent / "tools" / "strict_subset.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("strict_subset", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.violations


@pytest.fixture(scope="session")
def round_trip(referee):
    """Assert the contract for a compiled schema and valid values of its type."""

    def check(schema, *values):
        if referee is not None and schema.strict:
            hard, _ = referee(schema.wire, schema.name)
            assert hard == []
        jsonschema.Draft202012Validator.check_schema(schema.wire)
        judge = jsonschema.Draft202012Validator(schema.wire)
        for value in values:
            wire = schema.encode(value)
            assert [error.message for error in judge.iter_errors(wire)] == []
            back = schema.decode(wire)
            assert back == value
            assert type(back) is type(value)

    return check
