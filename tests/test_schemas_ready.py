"""The ready-made declarations: what each promises, and that what the model sees changes only on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import extract
from extract.schemas import ROOTS, load
from extract.schemas.__main__ import GOLDENS, golden
from extract.testing import ScriptedEngine

DOCUMENTS = Path(__file__).parents[1] / "examples" / "documents"
GOLD = sorted((DOCUMENTS.parent / "gold").glob("*.json"))


def models(root: type[BaseModel]) -> list[type[BaseModel]]:
    """The root and every model of its own module."""
    module = __import__(root.__module__, fromlist=["_"])
    return [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, BaseModel) and v is not BaseModel]


@pytest.mark.parametrize("name", ROOTS)
def test_every_field_says_what_it_is(name: str) -> None:
    """A model reads the descriptions: every field has one, short and without a full stop."""
    for model in models(load(name)):
        assert model.__doc__
        for field, info in model.model_fields.items():
            assert info.description, f"{model.__name__}.{field}"
            assert len(info.description) <= 80
            assert not info.description.endswith(".")


@pytest.mark.parametrize("name", ROOTS)
def test_roots_are_lean(name: str) -> None:
    """Small models lose the thread: a root has at most 14 fields."""
    assert 5 <= len(load(name).model_fields) <= 14


def test_names_are_forgiving_and_wrong_ones_are_answered_with_the_list() -> None:
    """A hyphen or a capital does not matter; an unknown name gets the known ones."""
    assert load("Purchase-Order") is load("purchase_order")
    with pytest.raises(extract.ConfigError, match=r"invoice(.|\n)*shipping_label"):
        load("invoyce")


def test_every_declaration_has_a_module_of_its_own() -> None:
    """The registry and the folder name the same things."""
    folder = Path(__file__).parents[1] / "extract" / "schemas"
    assert sorted(ROOTS) == sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))


@pytest.mark.parametrize("name", ROOTS)
def test_compiled_schemas_change_only_on_purpose(name: str) -> None:
    """What the model sees is a golden file; after a wanted change write it anew: python -m extract.schemas."""
    assert (GOLDENS / f"{name}.json").read_text(encoding="utf-8") == golden(name)


def test_every_declaration_has_a_sample_document_and_its_gold() -> None:
    """Each of the twelve can be tried, and each sample document says what it should give."""
    assert {path.stem.split("-")[0] for path in GOLD} == set(ROOTS)
    assert {path.stem for path in GOLD} == {path.stem for path in DOCUMENTS.iterdir() if path.is_file()}


@pytest.mark.parametrize("path", GOLD, ids=lambda p: p.stem)
def test_gold_values_pass_through_the_whole_way(path: Path) -> None:
    """A model that answers with the gold value gives just that, at the first attempt and without repairs."""
    root = load(path.stem.split("-")[0])
    gold: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert gold.keys() == root.model_fields.keys()
    [document] = [p for p in DOCUMENTS.glob(f"{path.stem}.*") if p.is_file()]
    schema = extract.Schema.of(root)
    expected = root.model_validate(gold)
    engine = ScriptedEngine([json.dumps(schema.encode(expected), ensure_ascii=False)])
    extraction = extract.Client(engine=engine).run(root, document)
    assert extraction.value == expected
    assert (len(extraction.attempts), extraction.repairs) == (1, ())
