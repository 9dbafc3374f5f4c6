"""Does a value already match a wire schema? One function a schema node, made once, no errors collected."""

from __future__ import annotations

import math
import re
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from extract.schema.coerce._date import MOMENTS, is_iso, is_told
from extract.schema.coerce._duration import is_certain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extract.typing import JSON

__all__ = ["Matcher", "Node"]

Node: TypeAlias = Any
"""A place of a JSON Schema: a mapping, or true/false."""

_Test: TypeAlias = "Callable[[Any], bool]"
_HOPS = 50


class Matcher:
    """A schema, looked up by node: what a ``$ref`` means, which alternatives there are, whether a value matches.

    Args:
        schema: A wire schema.
        typed: It was made from a declared type, which tells integers from whole numbers.
        formats: Dates and times must be ISO texts; otherwise they are any text that says all that a type may read in
            it, and other things that have a form any but digits alone. ``None``: any text, for nothing reads them.
    """

    __slots__ = ("_branches", "_formats", "_keep", "_met", "_resolved", "_tests", "_types", "root")

    def __init__(self, schema: Mapping[str, Any], *, typed: bool = False, formats: bool | None = True) -> None:
        self.root = schema
        self._types = _TYPED if typed else _TYPES
        self._formats = formats
        self._tests: dict[int, _Test] = {}
        self._resolved: dict[int, Node] = {}
        self._branches: dict[int, tuple[Node, ...]] = {}
        # Nodes we make ourselves must live as long as the tables keyed by their identity.
        self._keep: list[Node] = []
        # Alternatives inside alternatives would meet one value 2^depth times.
        self._met: dict[tuple[int, int], tuple[JSON, bool]] = {}

    def forget(self) -> None:
        """Let go of the values met so far; called before and after each of them."""
        self._met.clear()

    def matches(self, value: JSON, node: Node) -> bool:
        """Say whether a value is as the node asks; keywords beyond structure, enum and bounds count as met."""
        return self._test(node)(value)

    def takes_any_words(self, node: Node) -> bool:
        """Say whether a node is content with a text of any kind."""
        return self.matches("any words at all", node)

    def resolve(self, node: Node) -> Node:
        """Follow ``$ref``; keywords beside it (a description) win over the target's."""
        if not isinstance(node, dict) or "$ref" not in node:
            return node
        found = self._resolved.get(id(node))
        if found is None:
            found = self._follow(node)
            self._resolved[id(node)] = found
            self._keep.append(found)
        return found

    def _follow(self, node: Node) -> Node:
        beside: dict[str, Any] = {}
        for _ in range(_HOPS):
            if not isinstance(node, dict) or "$ref" not in node:
                break
            beside = {**{key: value for key, value in node.items() if key not in ("$ref", "$defs")}, **beside}
            node = self._point(str(node["$ref"]))
        else:
            node = {}
        return {**node, **beside} if beside and isinstance(node, dict) else node

    def _point(self, ref: str) -> Node:
        node: Any = self.root
        if ref != "#" and not ref.startswith("#/"):
            # Another document or an anchor: nothing we could hold a value against.
            return {}
        for part in ref.removeprefix("#").split("/")[1:]:
            step = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and step.isdigit() and int(step) < len(node):
                node = node[int(step)]
            elif isinstance(node, dict) and step in node:
                node = node[step]
            else:
                return {}
        return node

    def branches(self, node: Node) -> tuple[Node, ...]:
        """The alternatives of a resolved node: ``anyOf``, ``oneOf`` or a list of types; none for a plain one.

        A description or title on the whole reaches the branches that have none of their own, for it may
        say how dates or numbers are written.
        """
        if not isinstance(node, dict):
            return ()
        found = self._branches.get(id(node))
        if found is None:
            found = self._branch(node)
            self._branches[id(node)] = found
            self._keep.append((node, found))
        return found

    def _branch(self, node: Mapping[str, Any]) -> tuple[Node, ...]:
        told = {key: node[key] for key in ("description", "title") if key in node}
        listed = node.get("anyOf") or node.get("oneOf")
        if listed:
            return tuple({**told, **part} if isinstance(part, dict) and "$ref" not in part else part for part in listed)
        if isinstance(node.get("type"), list):
            return tuple(_typed(node, kind) for kind in node["type"])
        return ()

    def kind(self, node: Node) -> str | None:
        """The declared JSON type of a resolved plain node, read from its shape where it is not said."""
        if not isinstance(node, dict):
            return None
        if isinstance(node.get("type"), str):
            return str(node["type"])
        if "properties" in node:
            return "object"
        return "array" if "items" in node or "prefixItems" in node else None

    def _test(self, node: Node) -> _Test:
        made = self._tests.get(id(node))
        if made is None:
            # A recursive schema meets itself while it is being made.
            self._tests[id(node)] = self._later(id(node))
            made = self._make(self.resolve(node))
            self._tests[id(node)] = made
            self._keep.append(node)
        return made

    def _later(self, key: int) -> _Test:
        def test_later(value: Any) -> bool:
            return self._tests[key](value)

        return test_later

    def _make(self, node: Node) -> _Test:
        if not isinstance(node, dict):
            return (lambda _: False) if node is False else (lambda _: True)
        branches = self.branches(node)
        if branches:
            return self._any([self._test(branch) for branch in branches], id(node))
        tests = [self._test(part) for part in node.get("allOf", ())]
        kind = self.kind(node)
        if kind in ("object", "array"):
            shaped = self._object(node) if kind == "object" else self._array(node)
            tests.insert(0, shaped if "type" in node else _only(dict if kind == "object" else list, shaped))
        elif kind is not None:
            tests.insert(0, self._types.get(kind, lambda _: True))
        if self._formats is None:
            node = {key: part for key, part in node.items() if key != "format"}
        elif not self._formats:
            form = node.get("format")
            if form in MOMENTS:
                tests.append(_told(form))
            elif form in _NEVER_A_COUNT:
                tests.append(_is_no_count)
            node = _without_moment(node)
        elif self._types is _TYPES and node.get("format") == _DURATION:
            # Only a type makes so many days of a month.
            node = {key: part for key, part in node.items() if key != "format"}
        tests.extend(make(node) for keys, make in _KEYWORDS if not keys.isdisjoint(node))
        return reduce(_both, tests) if tests else (lambda _: True)

    def _any(self, tests: list[_Test], key: int) -> _Test:
        def test_any(value: Any) -> bool:
            if not isinstance(value, (dict, list)):
                return any(test(value) for test in tests)
            met = self._met.get((key, id(value)))
            if met is None or met[0] is not value:
                met = value, any(test(value) for test in tests)
                self._met[key, id(value)] = met
            return met[1]

        return test_any

    def _object(self, node: Mapping[str, Any]) -> _Test:
        tests = {key: self._test(part) for key, part in node.get("properties", {}).items()}
        patterns = [(_search(key), self._test(part)) for key, part in node.get("patternProperties", {}).items()]
        required = frozenset(node.get("required", ()))
        rest = self._test(node.get("additionalProperties", True))

        def test_object(value: Any) -> bool:
            if not isinstance(value, dict):
                return False
            for key, item in value.items():
                test = tests.get(key)
                if test is None:
                    fitting = [part for pattern, part in patterns if pattern(key)]
                    if not all(part(item) for part in fitting or [rest]):
                        return False
                elif not test(item):
                    return False
            return required <= value.keys()

        return test_object

    def _array(self, node: Mapping[str, Any]) -> _Test:
        first = [self._test(part) for part in node.get("prefixItems", ())]
        test = self._test(node.get("items", True))
        least, most = node.get("minItems", 0), node.get("maxItems", math.inf)

        def test_array(value: Any) -> bool:
            if not isinstance(value, list) or not least <= len(value) <= most:
                return False
            if not all(each(item) for each, item in zip(first, value, strict=False)):
                return False
            return all(map(test, value[len(first) :] if first else value))

        return test_array


def _only(container: type, test: _Test) -> _Test:
    """Without a type, keywords of objects and lists speak of these alone."""
    return lambda value: not isinstance(value, container) or test(value)


def _both(one: _Test, other: _Test) -> _Test:
    return lambda value: one(value) and other(value)


def _typed(node: Mapping[str, Any], kind: str) -> Node:
    if kind == "null":
        return {"type": "null"}
    return {**node, "type": kind}


def _is_number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return isinstance(value, int) or math.isfinite(value)


_TYPES: dict[str, _Test] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


_TYPED: dict[str, _Test] = {
    **_TYPES,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}
"""JSON Schema takes 3.0 for an integer and knows no infinity; declared types are not JSON Schema."""


def _enum(node: Mapping[str, Any]) -> _Test:
    members = [node["const"]] if "const" in node else list(node["enum"])
    # JSON tells true from 1; Python's == does not.
    exact = [(isinstance(member, bool), member) for member in members]
    return lambda value: any(value == member and isinstance(value, bool) is flag for flag, member in exact)


_DURATION = "duration"
_NEVER_A_COUNT = frozenset({_DURATION, "uuid", "ipv4", "ipv6", "email"})
_COUNT = re.compile(r"\s*[+-]?\d+(?:\.\d*)?\s*")


def _is_no_count(value: Any) -> bool:
    return not isinstance(value, str) or _COUNT.fullmatch(value) is None


def _told(form: str) -> _Test:
    return lambda value: not isinstance(value, str) or is_told(value, form)


def _without_moment(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: part for key, part in node.items() if key != "format" or part not in MOMENTS}


def _format(node: Mapping[str, Any]) -> _Test:
    form = node["format"]
    if form == _DURATION:
        return lambda value: not isinstance(value, str) or is_certain(value)
    if form not in MOMENTS:
        return lambda _: True
    return lambda value: not isinstance(value, str) or is_iso(value, form)


def _pattern(node: Mapping[str, Any]) -> _Test:
    test = _search(node["pattern"])
    return lambda value: not isinstance(value, str) or test(value)


def _search(pattern: str) -> Callable[[str], bool]:
    try:
        found = re.compile(pattern).search
    except re.error:
        # Another flavour of regular expressions: left for the validator.
        return lambda _: True
    return lambda text: found(text) is not None


def _bounds(node: Mapping[str, Any]) -> _Test:
    least, most = node.get("minimum", -math.inf), node.get("maximum", math.inf)
    above, below = node.get("exclusiveMinimum", -math.inf), node.get("exclusiveMaximum", math.inf)
    open_ended = above == -math.inf, below == math.inf

    def test_bounds(value: Any) -> bool:
        if not _is_number(value):
            return True
        return bool(least <= value <= most and (open_ended[0] or value > above) and (open_ended[1] or value < below))

    return test_bounds


def _multiple(node: Mapping[str, Any]) -> _Test:
    step = node["multipleOf"]
    if not isinstance(step, int) or not step:
        # Fractions are left to the validator, which knows how near is near enough.
        return lambda _: True
    return lambda value: not isinstance(value, int) or value % step == 0


def _length(node: Mapping[str, Any]) -> _Test:
    least, most = node.get("minLength", 0), node.get("maxLength", math.inf)
    return lambda value: not isinstance(value, str) or least <= len(value) <= most


_KEYWORDS: tuple[tuple[frozenset[str], Callable[[Mapping[str, Any]], _Test]], ...] = (
    (frozenset({"enum", "const"}), _enum),
    (frozenset({"format"}), _format),
    (frozenset({"pattern"}), _pattern),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}), _bounds),
    (frozenset({"multipleOf"}), _multiple),
    (frozenset({"minLength", "maxLength"}), _length),
)
