"""Which member, truth value or "nothing" does a word of a document stand for? Text in, a value or a refusal out."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from extract.schema.coerce._kinds import Fitted, Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from extract.typing import JSON

__all__ = ["EXACT", "fit_boolean", "fit_member", "fold", "is_null_word", "one_slip", "words_of"]

_YES_WORDS = "true t yes y ja j wahr oui o vrai si verdadero vero sim tak da да on 1 x checked [x] ✓ ✔ ☑ ✅"
_YES = frozenset(_YES_WORDS.split())
_NO_WORDS = "false f no n nein falsch non faux falso nao não nee nie нет off 0 unchecked [] ✗ ✘ ☐ ❌"
_NO = frozenset((*_NO_WORDS.split(), "[ ]"))
_NULL = frozenset(
    {
        "", "-", "--", "---", "–", "—", "n/a", "n.a.", "n. a.", "na", "#n/a", "none", "null", "nil", "nan", "undefined",
        "unknown", "not available", "not applicable", "not specified", "not provided", "not given", "not stated",
        "not found", "not mentioned", "missing", "empty", "k.a.", "k. a.", "keine angabe", "keine angaben", "unbekannt",
        "nicht angegeben", "nicht vorhanden", "keine", "entfällt", "aucun", "aucune", "non précisé", "inconnu",
        "néant", "ninguno", "ninguna", "no disponible", "desconocido", "sin datos", "nessuno", "non disponibile",
        "geen", "onbekend", "nvt", "n.v.t.", "?", "...", "…",
    }
)  # fmt: skip
# "not paid" does not say which of the others it is, nor does "partly paid".
_DENIALS = (
    "not", "never", "neither", "nor", "no", "nicht", "kein", "keine", "keinesfalls", "pas", "non", "ni", "be",
    "partly", "partially", "half", "almost", "nearly", "semi", "teilweise", "fast", "partiellement", "presque",
)  # fmt: skip
_BESIDE_DENIALS = "yet really fully entirely completely noch ganz encore ancora todavia aun"
_IN_DENIALS = frozenset((*_DENIALS, *_BESIDE_DENIALS.split()))
# Nor do these, wherever they stand.
_QUALIFIERS = frozenset(
    (
        "part", "partly", "partially", "partial", "teilweise", "partiellement", "partiel", "half", "almost", "nearly",
        "maybe", "perhaps", "possibly", "probably", "unsure", "unclear", "doubtful", "vielleicht", "unklar", "peut",
    )
)  # fmt: skip
_SHORTEST_SLIP = 5
EXACT = 2**53
"""From it on a number with a fraction part no longer holds every integer."""


def fit_boolean(value: str | float) -> Outcome:
    """Read a word for yes or no, or 1 and 0."""
    if isinstance(value, str):
        word = _plain(value.strip().strip(".!\"'").casefold())
        if word in _YES or word in _NO:
            return Fitted(word in _YES, "boolean-from-text")
    elif value in (0, 1):
        return Fitted(value == 1, "boolean-from-number")
    return Refused("wrong-type", "Should be true or false")


def is_null_word(text: str) -> bool:
    """Say whether a text says that there is no value."""
    return text.strip().strip("[]()<>\"'").strip().casefold() in _NULL


def fold(text: str) -> str:
    """A text without case, accents, white space and punctuation, for comparing spellings."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(char for char in parts if char.isalnum())


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, cut at case changes, white space and punctuation."""
    cut = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return tuple(word for word in (fold(part) for part in re.split(r"[\W_]+", cut)) if word)


def one_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two names differ by one typing slip (a letter added, lost, changed or swapped) in one long word.

    The first letter and every digit must agree, so ``import`` is not ``export`` and ``line1`` not ``line2``.
    """
    if len(one) != len(other):
        one, other = ["".join(one)], ["".join(other)]
    unequal = [(left, right) for left, right in zip(one, other, strict=True) if left != right]
    if len(unequal) != 1:
        return False
    left, right = unequal[0]
    if min(len(left), len(right)) < _SHORTEST_SLIP or left[0] != right[0]:
        return False
    if [char for char in left if char.isdigit()] != [char for char in right if char.isdigit()]:
        return False
    return _slip(left, right)


def _slip(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1:
        return False
    start = next(
        (i for i, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right))
    )
    one, other = left[start:], right[start:]
    swapped = one[1::-1] == other[:2] and one[2:] == other[2:]
    return one[1:] == other or one == other[1:] or one[1:] == other[1:] or (len(one) > 1 and swapped)


def fit_member(value: JSON, node: Mapping[str, Any], *, lenient: bool) -> Outcome:
    """Find the permitted value that a text stands for: by spelling, label, leading word or one typing slip.

    Args:
        value: What stands in the answer.
        node: A place with ``enum`` or ``const``; labels come from ``enumNames`` and their like and from a
            description that writes ``FR = France``.
        lenient: Also take the only member that occurs somewhere in the text.
    """
    members: list[JSON] = [node["const"]] if "const" in node else list(node["enum"])
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return Refused("not-a-member", "Should be one of the permitted values")
    # To Python 1 is true as well.
    numbers = [member for member in members if type(member) is int]
    if isinstance(value, float) and abs(value) < EXACT and value in numbers:
        return Fitted(int(value), "integer-from-number")
    text = _literal(value)
    for kind, hits in _searches(text, members, node, lenient=lenient):
        unique = [hit for i, hit in enumerate(hits) if hit not in hits[:i]]
        if len(unique) == 1:
            return Fitted(unique[0], kind)
        if unique:
            return Refused("ambiguous-member", "Should be one of the permitted values; the text is near to several")
    return Refused("not-a-member", "Should be one of the permitted values")


def _searches(
    text: str, members: list[JSON], node: Mapping[str, Any], *, lenient: bool
) -> Iterator[tuple[str, list[JSON]]]:
    """Yield what each way of looking finds, closest way first."""
    folded = _key(text)
    names = [(_key(_literal(member)), member) for member in members]
    yield "enum-spelling", [member for member in members if _literal(member) == text.strip()]
    if "?" in text and not lenient:
        return  # who asks is not sure
    yield "enum-spelling", [member for name, member in names if name == folded]
    labels = list(_labels(members, node))
    yield "enum-label", [member for label, member in labels if _key(label) == folded]
    words = words_of(text)
    own = {word for member in members for word in words_of(_literal(member))}
    qualified = not _QUALIFIERS.isdisjoint(set(words) - own)
    head = re.match(r"[\W_]*(.+?)\s*(?:[:(\[;,=]|\s[-–—]\s|\.\s)", text, re.DOTALL)
    if (
        head
        and not qualified
        and not _denies(text[head.end() :])
        and not _names_another(_key(head[1]), text[head.end() :], members)
    ):
        start = _key(head[1])
        yield "enum-noted", [member for name, member in names if name == start]
        yield "enum-noted", [member for label, member in labels if _key(label) == start]
    yield "enum-near", [member for member in members if one_slip(words, words_of(_literal(member)))]
    if lenient and not qualified:
        within = f" {' '.join(words)} "
        named = [(f" {' '.join(words_of(_literal(member)))} ", member) for member in members]
        denied = any(f" {word}{name}" in within for name, _ in named for word in _DENIALS)
        yield "enum-within", [] if denied else [member for name, member in named if name in within]


def _denies(remark: str) -> bool:
    """Whether a remark says nothing else than that it is not so: "paid (not yet)"."""
    words = words_of(remark)
    return not _IN_DENIALS.isdisjoint(words) and _IN_DENIALS.issuperset(words)


def _names_another(start: str, remark: str, members: Sequence[JSON]) -> bool:
    """Whether the remark after a member names a further one: "A - not B" may mean either."""
    within = f" {' '.join(words_of(remark))} "
    others = [_literal(member) for member in members if _key(_literal(member)) != start]
    return any(words_of(other) and f" {' '.join(words_of(other))} " in within for other in others)


def _key(text: str) -> str:
    # "+" and "-" are members of their own; without letters the sign is all there is.
    return fold(text) or text.strip()


def _labels(members: Iterable[JSON], node: Mapping[str, Any]) -> Iterator[tuple[str, JSON]]:
    told = str(node.get("description", ""))
    for i, member in enumerate(members):
        for key in ("enumNames", "x-enumNames", "x-enum-varnames", "x-enum-labels"):
            names = node.get(key)
            if isinstance(names, list) and i < len(names):
                yield str(names[i]), member
            elif isinstance(names, dict) and str(member) in names:
                yield str(names[str(member)]), member
        name = re.escape(_literal(member))
        for found in re.finditer(rf"(?<!\w)[`'\"]?{name}[`'\"]?\s*(?:=|:|->|→|[-–—]\s)\s*([^;,\n|()]+)", told):
            yield found[1].strip(" .`'\""), member
        for found in re.finditer(rf"(?<!\w)[`'\"]?{name}[`'\"]?\s*\(([^()]+)\)", told):
            yield found[1].strip(), member
    if "const" in node and "title" in node:
        yield str(node["title"]), node["const"]


def _literal(value: JSON) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return value if isinstance(value, str) else str(value)


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
