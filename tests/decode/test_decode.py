"""What decode promises for every text: nothing invented, nothing lost, nothing changed that is JSON."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract.decode import REPAIRS, Decoded, decode
from extract.decode._candidates import Finder
from extract.decode._cursor import Options
from extract.errors import DecodeError

Steps = Callable[[Callable[[], Any]], int]

characters = st.characters(exclude_categories=["Cs"])
keys = st.text(st.sampled_from("ab \"\\'{}[]:,\n/`é😀“’#*<>=.-0t"), max_size=6) | st.text(characters, max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | keys
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
containers = st.lists(values, max_size=4) | st.dictionaries(keys, values, max_size=4)
tokens = st.sampled_from(
    [
        *"{}[]()\"'“”`:,;=+",
        "```",
        "a",
        "b1",
        "true",
        "tru",
        "null",
        "None",
        "12",
        "-",
        ".5",
        "1e",
        "\\",
        '\\"',
        "\\u12",
        "\\ud83d",
        "//",
        "/*",
        "*/",
        "#",
        "...",
        '{"a":',
        '"a":1,',
        '["x",',
        '"""',
        "ObjectId(",
        "&quot;",
        "é",
        "…",
        "</a>",
        "<!--",
        'r"',
        "1_000",
        "0x1F",
        "NaN",
        "f(",
        "：",
        "，",
        "｛",
        "「",
        "」",
        "and so on.",
        "<think>",
        "</think>",
    ]
) | st.sampled_from(["\n", " ", "\x00", "\ufeff", "\ud83d", "```json\n", "\u00a0"])
soup = st.lists(tokens, max_size=25).map("".join)
modest = settings(deadline=None, max_examples=150)


def same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@modest
@given(values, st.sampled_from([None, 1]), st.booleans())
def test_json_is_never_changed(value: object, indent: int | None, ascii_only: object) -> None:
    """Strict JSON comes back as it is, without a single repair."""
    text = json.dumps(value, indent=indent, ensure_ascii=bool(ascii_only))
    decoded = decode(text)
    assert same(json.loads(text), decoded.value)
    assert (decoded.repairs, decoded.complete, decoded.cut) == ((), True, None)


@modest
@given(containers, st.sampled_from([None, 1]))
def test_the_repairing_reader_agrees_with_the_strict_one(value: object, indent: int | None) -> None:
    """JSON read by the hand-written reader alone gives the same value and no repair."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    (candidate,) = Finder(text, Options()).candidates(strict=False)
    assert same(value, candidate.value)
    assert list(candidate.repairs) == []


def is_part(part: object, whole: object) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and is_part(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(part) <= len(whole) and all(map(is_part, part, whole))
    return same(part, whole)


@modest
@given(containers, st.data())
def test_a_cut_text_gives_a_part_of_the_whole_and_says_so(value: object, data: st.DataObject) -> None:
    """Wherever JSON is cut off, what comes back is a true part of it and is called incomplete."""
    text = json.dumps(value, ensure_ascii=False)
    cut = data.draw(st.integers(1, len(text) - 1))
    try:
        decoded = decode(text[:cut])
    except DecodeError:
        return
    assert is_part(decoded.value, value)
    assert decoded.complete is False
    assert decoded.cut is not None


def complete_scalars(text: str) -> list[str]:
    """The strings of a JSON text that are closed, by a scanner of its own."""
    found, at = [], 0
    while (start := text.find('"', at)) >= 0:
        end = start + 1
        while end < len(text) and text[end] != '"':
            end += 2 if text[end] == "\\" else 1
        if end >= len(text):
            break
        found.append(json.loads(text[start : end + 1]))
        at = end + 1
    return found


def strings_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *strings_of(item))]
    if isinstance(value, list):
        return [text for item in value for text in strings_of(item)]
    return [value] if isinstance(value, str) else []


@modest
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.text(st.sampled_from('xy "\\{}é'), max_size=5)), max_size=4),
    st.data(),
)
def test_no_complete_string_disappears(value: list[dict[str, str]], data: st.DataObject) -> None:
    """Every string whose closing quote is in a cut text is in the value, but a key that has no value."""
    text = json.dumps(value)
    cut = data.draw(st.integers(1, len(text)))
    decoded = decode(text[:cut])
    kept, there = strings_of(decoded.value), complete_scalars(text[:cut])
    keyless = isinstance(decoded.cut, tuple) and bool(decoded.cut) and isinstance(decoded.cut[-1], str)
    assert kept == there[: len(there) - keyless]


def marked(shape: object, counter: Iterator[int]) -> object:
    """The same shape with leaves and keys that are told apart at sight."""
    if isinstance(shape, list):
        return [marked(item, counter) for item in shape]
    if isinstance(shape, dict):
        return {f"k{next(counter)}k": marked(item, counter) for item in shape.values()}
    return f"w{next(counter)}w" if shape else next(counter)


shapes = st.recursive(
    st.booleans(),
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
).filter(lambda shape: isinstance(shape, (list, dict)))


def leaves_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in (key, *leaves_of(item))]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves_of(item)]
    return [value if isinstance(value, str) else json.dumps(value)]


# What became of another kind of container after it had gone on record was once forgotten there.
ALL_OF_IT = {"": [[False, False, True, True], {"": False, "0": False}]}
damage = st.text(st.sampled_from("{}[]():,.'x1-`/\n\\\" …=+#;"), max_size=4)


@settings(deadline=None, max_examples=400)
@example(ALL_OF_IT, None, 71, 1, "]{")
@example({"a": [False]}, None, 11, 0, "}({")
@example([False, True], None, 1, 0, "{…:")
@given(shapes, st.sampled_from([None, 1]), st.integers(0, 2000), st.integers(0, 4), damage)
def test_damage_costs_only_what_it_hits(shape: object, indent: int | None, place: int, gone: int, put: str) -> None:
    """Whatever happens to a few signs of a JSON text, all other leaves are in the value or on record, and no new ones."""
    whole = marked(shape, itertools.count(1000))
    text = json.dumps(whole, indent=indent)
    at = place % len(text)
    damaged = text[:at] + put + text[at + gone :]
    try:
        decoded = decode(damaged, cut_text="keep")
    except DecodeError:
        return
    kept = [decoded.value, [one.before for one in decoded.repairs], [one.after for one in decoded.repairs]]
    record = json.dumps([*kept, [one.value for one in decoded.others], decoded.missing, decoded.cut], default=str)
    hit = {
        leaf
        for leaf in re.findall(r"\w+", text)
        for where in [text.index(leaf)]
        if where <= at + gone and at <= where + len(leaf)
    }
    # A number that ends the text may go on: it is left out, and its repair says so.
    lost = [leaf for leaf in leaves_of(whole) if leaf not in record and leaf not in hit and leaf in damaged]
    assert not lost
    for leaf in leaves_of(decoded.value):
        assert all(word in damaged for word in words_of(leaf))


def words_of(leaf: str) -> list[str]:
    """The words and digits that a text must hold to say this; strings may have been joined, points stand alone."""
    digits = leaf.removesuffix(".0").removeprefix("0.")
    return [word for word in re.findall(r"[wk]?\d+[wk]?|\w+", digits) if word not in ("true", "false", "null")]


@modest
@given(shapes, st.data())
def test_a_prefix_gives_a_prefix_of_the_leaves(shape: object, data: st.DataObject) -> None:
    """What is complete of a text that was cut off is what the whole begins with, in its order."""
    whole = marked(shape, itertools.count(1000))
    text = json.dumps(whole)
    part = decode(text[: data.draw(st.integers(1, len(text)))])
    there = [leaf for leaf in leaves_of(part.value) if leaf[:1] != "k"]
    assert there == [leaf for leaf in leaves_of(whole) if leaf[:1] != "k"][: len(there)]


def numbers_of(value: object) -> list[int | float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_of(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers_of(item)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


@settings(deadline=None, max_examples=400)
@given(soup)
def test_no_text_escapes_the_error_tree_and_no_number_is_invented(text: str) -> None:
    """Whatever comes in, a value or a DecodeError comes out; numbers stand in the text; all is serialisable."""
    try:
        decoded = decode(text, cut_text="keep")
    except DecodeError:
        return
    json.dumps(decoded.value, ensure_ascii=False).encode()
    hash(decoded.repairs)
    assert {repair.kind for repair in decoded.repairs} <= set(REPAIRS)
    assert 0 <= decoded.start <= decoded.end <= len(text)
    allowed = {12, 0.5, 12.5, 1, 1000, 31, 0, 112, 121, 100012, 10000, 1000.5, 1.5}
    for number in numbers_of(decoded.value):
        assert math.isnan(number) or any(digit in text for digit in str(abs(number))) or number in allowed


@modest
@given(st.text())
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    """Arbitrary Unicode, with lone surrogates among it."""
    try:
        decoded = decode(text, bare_text=True)
    except DecodeError:
        return
    assert isinstance(decoded, Decoded)


@modest
@given(containers, st.sampled_from(["Here it is:\n", "```json\n", '<think>hm [1] {"a":2}</think>\n', "\ufeff"]))
def test_what_stands_around_the_value_does_not_change_it(value: object, before: str) -> None:
    """A fence, a thought or a sentence leaves a value of some size as it is."""
    text = json.dumps({"answer to the question": value}, ensure_ascii=False)
    decoded = decode(before + text + ("\n```\nDone." if "`" in before else "\nDone."))
    assert same({"answer to the question": value}, decoded.value)
    assert decoded.complete
    assert decoded.repairs


GARBAGE = {
    "letters": "abc def ",
    "braces": "{",
    "brackets": "[",
    "quotes": '"',
    "backslashes": "\\",
    "key after key": '{"a":',
    "empty lists": "[]",
    "fences": "```",
    "thoughts": "<think>",
    "comments": "/*",
    "open strings": '"a" x ',
    "braces in prose": "see [1] and {a: 2} ",
    "escaped quotes": '\\"',
    "members with inner quotes": '{"a":"b "c" d"},',
    "white space": " \n",
    "blocks of code": '{"a":```\nx ',
    "parentheses": '"a": f(x, (y), ',
    "words and quotes": '12 "x',
    "full-width signs": "｛「a」：１，",
    "sentences": "and so on. ",
    "keys with spaces": '"x", a b c: ',
    "dots": '{"a": ... ',
    "scalars in fences": "```\n12\n```\n",
}


@pytest.mark.parametrize("unit", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("opening", ["", "[", '{"k":', '{"k":"'], ids=["bare", "list", "member", "string"])
def test_garbage_costs_no_more_than_its_length(unit: str, opening: str, steps: Steps) -> None:
    """Twice the garbage takes at most about twice the steps, whatever it is made of; ``bench garbage`` has seconds."""
    small, large = (opening + unit * (size // len(unit)) for size in (10_000, 20_000))
    assert steps(lambda: decode(large)) <= 2.3 * steps(lambda: decode(small)) + 500


def test_an_opening_brace_for_ever_is_nested_too_deep() -> None:
    """A brace may be doubled by a template, not a million times."""
    with pytest.raises(DecodeError, match="nested"):
        decode("{" * 1_000)
    assert decode("{{" * 3 + '"a": 1' + "}}" * 3).value == {"a": 1}


@pytest.mark.parametrize("unit", ["[", '{"a":', "(", "[{'a':"])
def test_deep_nesting_is_refused_cleanly(unit: str) -> None:
    """Ten thousand levels are a DecodeError, whether they are strict JSON or not."""
    with pytest.raises(DecodeError):
        decode(unit * 10_000)
    closed = "[" * 10_000 + "]" * 10_000
    with pytest.raises(DecodeError, match="nested"):
        decode(closed)
    assert decode("[" * 200 + "]" * 200).complete


def test_a_key_that_comes_twice_loses_nothing() -> None:
    """The last value stands, the first one is on record at its path."""
    decoded = decode('{"a": {"b": 1, "b": [2]}}')
    (repair,) = decoded.repairs
    assert decoded.value == {"a": {"b": [2]}}
    assert (repair.kind, repair.path, repair.before, repair.after) == ("duplicate-key", ("a", "b"), 1, [2])


@pytest.mark.parametrize(
    ("text", "kind", "before", "after"),
    [
        ('{"a": 1, {5}}', "value-without-key", [5], None),
        ('{"a": 1, {"x", "y"}}', "value-without-key", ["x", "y"], None),
        ('{"a": 1, (5)}', "value-without-key", 5, None),
        ('{"a": 1, ({"b": 2}, [3]', "value-without-key", [{"b": 2}, [3]], None),
        ('{"a": [1], "a": {5}}', "duplicate-key", [1], [5]),
        ('{"a": {5}, "a": (6, 7)}', "duplicate-key", [5], [6, 7]),
        ('[{"a": 1, "a": ({2, 3})}]', "duplicate-key", 1, [2, 3]),
    ],
)
def test_a_container_goes_on_record_as_what_it_turns_out_to_be(
    text: str, kind: str, before: object, after: object
) -> None:
    """A set, a tuple or a grouping is known as one at its end only, and so are the values in it."""
    (repair,) = (repair for repair in decode(text).repairs if repair.kind == kind)
    assert (before, after) == (repair.before, repair.after)


def test_a_cut_string_is_dropped_or_kept_as_the_caller_says() -> None:
    """Either way its path is told, and the record holds what there was of it."""
    text = '{"a": 1, "b": "New Yo'
    dropped, kept = decode(text), decode(text, cut_text="keep")
    assert (dropped.value, dropped.cut) == ({"a": 1}, ("b",))
    assert (kept.value, kept.cut) == ({"a": 1, "b": "New Yo"}, ("b",))
    assert dropped.repairs[-1].before == '"New Yo'
    assert decode('{"n": 12', cut_text="keep").value == {}


def test_other_values_of_the_text_are_kept() -> None:
    """The answer is the last of the large ones; the draft is there beside it, the thought too."""
    decoded = decode('<think>{"a": 0}</think> First {"a": 1}, no: {"a": 2}')
    assert decoded.value == {"a": 2}
    assert sorted((one.value for one in decoded.others), key=str) == [{"a": 0}, {"a": 1}]
    assert "other-candidate" in {repair.kind for repair in decoded.repairs}


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("[1] // and\n[2]", [[1], [2]], "// and"),
        ('{"a": 1} /* "k": 2 */ {"b": 3}', [{"a": 1}, {"b": 3}], '/* "k": 2 */'),
        ("[1]}\n[2]", [[1], [2]], "}"),
        ("[1] ... [2]", [[1], [2]], "..."),
        ('[\n]//  "k1000k": {}\n }\n]', {}, "k1000k"),
        ('[1]//  "k1000k": {}', {}, "k1000k"),
    ],
)
def test_what_stands_between_values_is_on_record(text: str, value: object, said: str) -> None:
    """Values are taken together only across what a repair tells; one inside a comment stands apart."""
    decoded = decode(text)
    assert decoded.value == value
    assert said in json.dumps([repair.before for repair in decoded.repairs]).replace('\\"', '"')


def test_values_apart_without_end_are_garbage() -> None:
    """Nobody can tell which of very many values in prose is the answer."""
    with pytest.raises(DecodeError, match="stand apart"):
        decode("see [1] and " * 20_001)


def test_bare_text_is_a_string_only_when_asked_for() -> None:
    """Words alone are no JSON; a caller who expects one word may take them."""
    with pytest.raises(DecodeError):
        decode("positive")
    assert decode("positive", bare_text=True).value == "positive"
    assert decode('{"a": 1}', bare_text=True).value == {"a": 1}


def test_what_is_not_finite_is_read_as_it_is_and_noted() -> None:
    """NaN and infinities are no JSON; they are not turned into null either."""
    decoded = decode('{"a": NaN, "b": -Infinity, "c": 1}')
    assert isinstance(decoded.value, dict)
    assert str(decoded.value) == "{'a': nan, 'b': -inf, 'c': 1}"
    assert [repair.kind for repair in decoded.repairs] == ["not-finite", "not-finite"]


def test_floats_keep_their_digits_when_asked_to() -> None:
    """Decimal for every fraction, through the strict reader and through the repairing one."""
    exact = {"a": Decimal("0.10000000000000000001"), "b": 2}
    assert decode('{"a": 0.10000000000000000001, "b": 2}', exact_floats=True).value == exact
    assert decode("{'a': 0.10000000000000000001, 'b': 2,}", exact_floats=True).value == exact


def test_a_repair_says_where_it_was_made() -> None:
    """Path and offset lead to the place, and neither the value nor the text is in the representation."""
    decoded = decode('{"rows": [{"secret": \'x1y2\'}]}')
    (repair,) = decoded.repairs
    assert (repair.kind, repair.path, repair.offset) == ("single-quotes", ("rows", 0, "secret"), 21)
    assert "x1y2" not in repr(decoded)


@pytest.mark.parametrize("damage", ["{'n': 0}", '{"n": 0,}', "lone", "{n: 0"], ids=["quotes", "comma", "word", "brace"])
def test_one_damaged_row_among_thousands_costs_only_itself(damage: str) -> None:
    """The rows before and behind the damaged one come back as they are."""
    rows = [{"n": n, "t": ["},", {"x": n / 3}]} for n in range(6000)]
    before, behind = (json.dumps(half)[1:-1] for half in (rows[:3000], rows[3000:]))
    decoded = decode(f"[{before}, {damage}, {behind}]")
    assert isinstance(decoded.value, list)
    assert decoded.value[:3000] == rows[:3000]
    assert decoded.value[-2900:] == rows[-2900:]
    assert decoded.repairs


def test_too_many_repairs_are_garbage() -> None:
    """The limit is the caller's; its error says so."""
    with pytest.raises(DecodeError, match="more than 3 repairs"):
        decode("{'a': 'b', 'c': 'd', 'e': 'f'}", max_repairs=3)


def test_the_documentation_lists_every_repair() -> None:
    """docs/decode.md holds the same kinds with the same sentences, in the same order."""
    text = (Path(__file__).parents[2] / "docs" / "decode.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    assert list(REPAIRS.items()) == [(kind.strip("`"), sentence.strip()) for kind, sentence in rows]
