"""A reply's text in, its JSON value out, with every liberty taken on record."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from extract.decode._candidates import Candidate, Finder, choose
from extract.decode._cursor import ABSENT, Options
from extract.decode._omissions import NO_WORDS, leaves_out
from extract.decode._reader import Reader
from extract.decode._repairs import Notes
from extract.decode._strict import Strict
from extract.decode._strings import QUOTES, Piece
from extract.decode._words import LITERALS, read_number
from extract.errors import DecodeError
from extract.typing import Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extract.errors import Path
    from extract.typing import JSON


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a text says, and what it took to read it.

    Args:
        value: The JSON value.
        repairs: Every liberty taken; empty for a text that is JSON.
        complete: Nothing is known to be missing: the text was not cut off, left no value out and
            abbreviated nothing with dots or words.
        cut: Where the text ended before the value did; None when it did not. A path to a string or a
            number says that the text ended inside it; a path to an object or a list, between its items.
        missing: Every path that the text names without giving a value, and where dots or words
            stood for values (in a list: before which of its items).
        start: Where the value begins in the text, in characters.
        end: Where it ends.
        others: Further values of the text, best first.
    """

    value: JSON = field(repr=False)
    repairs: tuple[Repair, ...] = ()
    complete: bool = True
    cut: Path | None = None
    missing: tuple[Path, ...] = ()
    start: int = 0
    end: int = 0
    others: tuple[Decoded, ...] = field(default=(), repr=False)


def decode(
    text: str,
    *,
    max_depth: int = 256,
    max_repairs: int = 100_000,
    cut_text: Literal["drop", "keep"] = "drop",
    bare_text: bool = False,
    exact_floats: bool = False,
) -> Decoded:
    """Read the JSON value that a model's reply holds.

    Strict JSON is read as it is. Anything else is repaired in one pass, linear in the text: no value
    appears that the text does not contain, no complete value disappears, and every liberty is a
    :class:`~extract.typing.Repair` whose kind is explained in ``REPAIRS``.

    Args:
        text: The reply's text.
        max_depth: Deepest nesting accepted.
        max_repairs: Repairs after which the text counts as garbage.
        cut_text: Whether a string that the text's end cut off is left out (it stays in its repair's
            ``before``) or kept as far as it goes; ``cut`` names its path either way. Numbers and
            literals that may not be whole are always left out.
        bare_text: Take a text that holds no JSON at all as one string.
        exact_floats: Read numbers with a fraction as Decimal, so that no digit is lost.

    Raises:
        DecodeError: No JSON in the text, nested too deep, or garbage.
    """
    options = Options(max_depth, max_repairs, cut_text, bare_text, exact_floats)
    whole, cleaned = _clean(text)
    strict = Strict(whole, max_depth=max_depth, exact_floats=exact_floats)
    begin = len(whole) - len(whole.lstrip(_SPACE))
    lone = "\\u" in whole and _LONE_ESCAPE.search(whole) is not None
    if not cleaned and not lone:
        found = strict.read(begin)
        if found is not None and not whole[found[1] :].strip(_SPACE):
            return Decoded(found[0], start=begin, end=found[1])
    decoded = _repaired(whole, options, depth=0, strict=not lone)
    return replace(decoded, repairs=(*cleaned, *decoded.repairs)) if cleaned else decoded


_SPACE: Final = " \t\r\n"
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE_ESCAPE = re.compile(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", re.DOTALL)


def _clean(text: str) -> tuple[str, list[Repair]]:
    """Replace what is no character; every offset stays as it is."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text, []
    found = _SURROGATE.search(text)
    repair = Repair("lone-surrogate", None, found.start() if found else None, None, "\ufffd")
    return _SURROGATE.sub("\ufffd", text), [repair]


# How often a text may have been escaped as a whole.
_MOST_LEVELS = 3
# Texts that were escaped as a whole, and how one level is taken off.
_Rewrite = tuple[str, re.Pattern[str], "Callable[[str], str]"]
_ONE_LEVEL: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_REWRITES: Final[tuple[_Rewrite, ...]] = (
    (
        "escaped-text",
        re.compile(r"[^\"{\[\\]*(?:[{\[][\s{\[]*)?(?:\\[nrt]\s*){0,1000}\\+\"[^\"\n\\]*\\+\""),
        lambda text: re.sub(r"\\(.)", lambda escape: _ONE_LEVEL.get(escape[1], escape[0]), text),
    ),
    (
        "quote-marks",
        re.compile(r"(?:[^\n{\[>]*\n){0,50}?[ \t]*>[ \t]*(?:[{\[]|`{3,}\w*[ \t]*$)[^\n]*\n[ \t]*>", re.MULTILINE),
        lambda text: re.sub(r"(?m)^[ \t]*>[ \t]?", "", text),
    ),
    ("html-escaped", re.compile(r"[^\"{\[]*[{\[][\s{\[]*&(?:quot|#34|#x22);"), html.unescape),
)


def _repaired(text: str, options: Options, *, depth: int, strict: bool) -> Decoded:
    for kind, sign, rewrite in _REWRITES:
        if depth < _MOST_LEVELS and sign.match(text):
            inner = _rewritten(rewrite(text), options, depth=depth + 1)
            repairs = tuple(replace(repair, offset=None) for repair in inner.repairs)
            return replace(inner, repairs=(Repair(kind, None, 0), *repairs), start=0, end=len(text))
    finder = Finder(text, options)
    found = finder.candidates(strict=strict)
    if not found:
        return _scalar(text, options)
    answer, rest = choose(found)
    others = tuple(sorted(map(_joined, rest), key=lambda one: one.start - one.end))
    decoded = _to_the_end(text, _joined(answer))
    repairs = (*_around(text, answer, finder.answer, others), *decoded.repairs)
    return replace(decoded, repairs=repairs, others=others)


def _rewritten(text: str, options: Options, *, depth: int) -> Decoded:
    strict = Strict(text, max_depth=options.max_depth, exact_floats=options.exact_floats)
    lone = "\\u" in text and _LONE_ESCAPE.search(text) is not None
    found = None if lone else strict.read(len(text) - len(text.lstrip(_SPACE)))
    if found is not None and not text[found[1] :].strip(_SPACE):
        return Decoded(found[0])
    return _repaired(text, options, depth=depth, strict=not lone)


def _joined(run: Sequence[Candidate]) -> Decoded:
    """Make one value of those that stand next to each other."""
    first, last = run[0], run[-1]
    if len(run) == 1:
        complete = first.cut is None and not first.missing
        return Decoded(first.value, tuple(first.repairs), complete, first.cut, first.missing, first.start, first.end)
    cut = (len(run) - 1, *last.cut) if last.cut is not None else None
    missing: list[Path] = []
    repairs = [Repair("concatenated", (), first.start)]
    for index, one in enumerate(run):
        gap = _in_the_gap(one, index)
        missing += [(index,) for repair in gap if repair.kind == "ellipsis"]
        missing += [(index, *path) for path in one.missing]
        repairs += gap
        repairs += [replace(repair, path=(index, *(repair.path or ()))) for repair in one.repairs]
    complete = cut is None and not missing
    return Decoded([one.value for one in run], tuple(repairs), complete, cut, tuple(missing), first.start, last.end)


def _to_the_end(text: str, decoded: Decoded) -> Decoded:
    """See whether the words after a value say that there is more of it."""
    after = text[decoded.end : decoded.end + _FEW_WORDS]
    if decoded.cut is None and _RUNS_ON.match(after):
        # A bracket closed the value too early: what follows is no prose.
        return replace(decoded, complete=False, missing=(*decoded.missing, ()))
    if decoded.cut is not None or not leaves_out(after, "around"):
        return decoded
    path: Path = (len(decoded.value),) if isinstance(decoded.value, list) else ()
    repairs = (*decoded.repairs, Repair("ellipsis", path, decoded.end, after.strip()))
    return replace(decoded, repairs=repairs, complete=False, missing=(*decoded.missing, path))


_RUNS_ON = re.compile(r"[\s,}\]]*\"[^\"\n]{1,100}\"\s*:\s*(?:[\"\[{\d-]|true|false|null)")
# How much is looked at of the words after a value.
_FEW_WORDS = 200


def _in_the_gap(one: Candidate, index: int) -> list[Repair]:
    """Say what stood between a value and the one before it, but for space and commas."""
    begin = one.start - len(one.gap)
    if leaves_out(one.gap.strip(NO_WORDS), "item"):
        return [Repair("ellipsis", (index,), begin, one.gap)]
    made = []
    for found in _IN_GAP.finditer(one.gap):
        kind = _GAP_SIGNS.get(found.group()[0], "comment")
        kind = "ellipsis" if kind == "comment" and leaves_out(found.group(), "comment") else kind
        made.append(Repair(kind, (index,), begin + found.start(), found.group()))
    return made


_IN_GAP = re.compile(r"\.{3}|[}\])]+|//[^\n]*|/\*[\s\S]*?\*/|#[^\n]*|<!--[\s\S]*?-->")
_GAP_SIGNS: Final = {".": "ellipsis", **dict.fromkeys("}])", "stray-close")}


def _around(text: str, run: Sequence[Candidate], thought: int, others: tuple[Decoded, ...]) -> list[Repair]:
    """Say what stood around the value."""
    first, last = run[0], run[-1]
    made = []
    if text.startswith("\ufeff"):
        made.append(Repair("byte-order-mark", None, 0))
    if 0 < thought <= first.start:
        made.append(Repair("thinking", None, 0, text[:thought]))
    before, after = text[min(thought, first.start) : first.start], text[last.end :].rstrip()
    fence = _FENCE_MARK.search(before + after)
    if first.fenced or fence:
        made.append(Repair("fence", None, max(text.rfind("```", 0, first.start), 0), fence.group() if fence else None))
    made += [Repair("other-candidate", None, one.start, text[one.start : one.end]) for one in others]
    words = _FENCE_MARK.sub("", f"{before}\ufeff{after}")
    if not _CLOSERS.isdisjoint(after):
        made.append(Repair("stray-close", None, last.end, after))
    if _WORDS.search(words):
        made.append(Repair("prose", None, 0, before, after))
    elif "," in words or ";" in words:
        made.append(Repair("extra-comma", None, last.end, after))
    elif _ODD_SPACE.search(before) or _ODD_SPACE.search(after):
        made.append(Repair("odd-space", None, 0, before, after))
    return made


_FENCE_MARK = re.compile(r"`{3,}[ \t]*[\w+-]*")
_CLOSERS: Final = frozenset("}])")
_WORDS = re.compile(r"[^\s,;}\])\ufeff]")
_ODD_SPACE = re.compile(r"[^\S \t\r\n]")


def _scalar(text: str, options: Options) -> Decoded:
    """Read a text without brackets: one string, number or literal, or else nothing."""
    body = _BODY.search(text)
    if body is None or not body.group("body"):
        raise DecodeError("the reply is empty", advice="Ask again; a reasoning model may have spent its output limit.")
    begin, end = body.span("body")
    notes = Notes(options.max_repairs)
    for kind, signs in (("byte-order-mark", "\ufeff"), ("fence", "`"), ("extra-comma", ",;")):
        if any(sign in text[:begin] or sign in text[end:] for sign in signs):
            notes.add(kind, None, 0, text[:begin], text[end:])
    if _ODD_SPACE.search(text[:begin]) or _ODD_SPACE.search(text[end:]):
        notes.add("odd-space", None, 0)
    reader = Reader(Piece(text, end), notes, Strict(text, max_depth=options.max_depth), options)
    word = text[begin:end]
    if word[0] in QUOTES or word in LITERALS or read_number(word, exact=False) is not None:
        reader.read(begin)
        rest = text[reader.pos : end].strip()
        if not rest and reader.value is not ABSENT and not _may_go_on(word):
            cut = reader.cut
            return Decoded(reader.value, tuple(notes.made), cut is None, cut, (), begin, reader.pos)
    strict = Strict(text, max_depth=options.max_depth, exact_floats=options.exact_floats)
    fenced = _fenced_scalar(text, strict)
    if fenced is not None:
        return fenced
    found = _loose_scalars(word, strict)
    if found is not None:
        kind, value = found
        return Decoded(value, (*notes.made, Repair(kind, (), begin, word, value)), start=begin, end=end)
    if not options.bare_text:
        raise DecodeError(
            "the reply holds no JSON value",
            advice="Ask for JSON and nothing else; a refusal in plain words is no value.",
        )
    return Decoded(word, (*notes.made, Repair("bare-text", (), begin, word, word)), start=begin, end=end)


_BODY = re.compile(r"\ufeff?\s*(?:`{3,}[\w+-]*)?\s*(?P<body>(?:[\s\S]*[^\s`,;])?)[\s`,;]*\Z")


def _fenced_scalar(text: str, strict: Strict) -> Decoded | None:
    """Read the scalar that stands alone in the only code fence of a text."""
    fences = list(_FENCED_SCALAR.finditer(text))
    inner = strict.run(f"[{fences[0][1]}]") if len(fences) == 1 else None
    if inner is None or len(inner) != 1:
        return None
    (start, end), fence = fences[0].span(1), fences[0]
    repairs = [Repair("fence", None, fence.start())]
    before, after = text[: fence.start()], text[fence.end() :]
    if before.strip() or after.strip():
        repairs.append(Repair("prose", None, 0, before, after))
    return Decoded(inner[0], tuple(repairs), start=start, end=end)


def _loose_scalars(word: str, strict: Strict) -> tuple[str, JSON] | None:
    """Read one scalar in a call, or one scalar a line."""
    called = _CALL.fullmatch(word)
    if called:
        inner = strict.run(f"[{called[1]}]")
        return ("call", inner[0]) if inner is not None and len(inner) == 1 else None
    lines = word.splitlines()
    items = strict.run("[" + ",".join(lines) + "]") if len(lines) > 1 else None
    return ("concatenated", items) if items is not None and len(items) == len(lines) else None


_CALL = re.compile(r"[A-Za-z_$][\w$.]*\s*\(\s*((?:[^\s()]|[ \t](?=[^\s()]))+)\s*\)")


_FENCED_SCALAR = re.compile(
    r"^[ \t]*`{3,}(?:json)?[ \t]*\n\s*(\"[^\"\n]*\"|-?\d[\d.eE+-]{0,400}|true|false|null)\s*\n[ \t]*`{3,}", re.MULTILINE
)


def _may_go_on(word: str) -> bool:
    """Whether a number may have been cut off: the text ends in its point or its exponent."""
    return word[0] not in QUOTES and word[-1] in ".eE+-" and word not in LITERALS
