"""A JSON Schema and a judge in, valid values out: drawn by seed, mended by what the judge complains about."""

from __future__ import annotations

import copy
import random
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Path = tuple[str | int, ...]

__all__ = ["draws", "places"]

TURNS = 24
MENDS = 12
_DEEP = 5
_TEXTS = {
    "date": "2024-02-29", "date-time": "2024-02-29T12:00:00Z", "time": "12:00:00Z", "duration": "P1D",
    "uuid": "12345678-1234-4234-8234-567812345678", "uuid4": "12345678-1234-4234-8234-567812345678",
    "ipv4": "1.2.3.4", "ipv6": "::1", "ipv4network": "10.0.0.0/8", "ipvanyaddress": "1.2.3.4", "email": "a@example.com",
    "hostname": "example.com", "uri": "https://example.com/a", "uri-reference": "/a", "iri": "https://example.com/a",
    "regex": "a+", "json-pointer": "/a", "binary": "aGVsbG8=", "base64url": "aGVsbG8=", "json-string": "[1]",
    "file-path": "/etc/hosts", "directory-path": "/etc", "path": "a/b",
}  # fmt: skip
_WORDS = (
    "abc", "1", "1.5", "2024-02-29", "https://example.com/a", "a@example.com", "2024-02-29T12:00:00Z", "true", "en",
    "12345678-1234-4234-8234-567812345678", "aGVsbG8=", "1.0.0", "urn:a:b", "{}", "#/a", "00:01.000", "",
)  # fmt: skip


def draws(
    schema: Any, complaints: Callable[[Any], Iterable[tuple[Path, bool]]], *, wanted: int = 3, turns: int = TURNS
) -> list[Any]:
    """Draw distinct valid values.

    Args:
        schema: Any JSON Schema; references inside it are followed.
        complaints: What is wrong with a value: path, and whether the thing there should go rather than change.
        wanted: How many to stop at.
        turns: How many to try.
    """
    found: list[Any] = []
    for turn in range(turns):
        drawer = _Drawer(schema, random.Random(turn), few=turn % 3 == 0)
        value = _mended(drawer.value(schema, 0), complaints, drawer)
        if value is not _NONE and not any(value == each for each in found):
            found.append(value)
        if len(found) >= wanted:
            break
    return found


_NONE: Any = object()


def _mended(value: Any, complaints: Callable[[Any], Iterable[tuple[Path, bool]]], drawer: _Drawer) -> Any:
    for turn in range(MENDS):
        bad = list(complaints(copy.deepcopy(value)))
        if not bad:
            return value
        for path, goes in sorted(bad, key=lambda each: -len(each[0])):
            value = drawer.again(value, path, goes=goes or turn % 2 == 1)
            if value is _NONE:
                return _NONE
    return _NONE


def places(value: Any, loc: Iterable[str | int], *, missing: bool = False) -> Path:
    """Follow a location as far as the value goes, stepping over names of branches; ``missing``: and to what is not there."""
    path: list[str | int] = []
    loc = tuple(loc)
    if missing and loc:
        return (*places(value, loc[:-1]), loc[-1])
    for step in loc:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            path.append(step)
            value = value[step]
    return tuple(path)


class _Drawer:
    def __init__(self, root: Any, rng: random.Random, *, few: bool) -> None:
        self.root = root
        self.rng = rng
        self.few = few
        self.ids: dict[str, Any] = {}
        self.named: dict[str | int, list[Any]] = {}
        self.steps = 0
        self._gather(root)

    def again(self, value: Any, path: Path, *, goes: bool) -> Any:
        """Change or take away what stands at a path."""
        if not path:
            return self._elsewhere(value)
        here = value
        for step in path[:-1]:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):  # noqa: PERF203
                return value
        last = path[-1]
        if isinstance(here, dict) and here.get(last) is None and self.named.get(last):
            # Told to be missing, though the schema may not say that it must be there.
            here[last] = self.value(self.rng.choice(self.named[last]), 2)
            return value
        try:
            if goes:
                del here[last]
            elif isinstance(here[last], str):
                here[last] = self.rng.choice(_WORDS)
            elif isinstance(here[last], (int, float)):
                here[last] = self.rng.choice([0, 1, 2, 10, 100, 1000])
            else:
                del here[last]
        except (KeyError, IndexError, TypeError):
            return self.again(value, path[:-1], goes=True)
        return value

    def _elsewhere(self, value: Any) -> Any:
        """Change any text of an object that is wrong as a whole."""
        texts = [key for key, item in value.items() if isinstance(item, str)] if isinstance(value, dict) else []
        return self.again(value, (self.rng.choice(texts),), goes=False) if texts else _NONE

    def value(self, node: Any, depth: int) -> Any:
        """Draw a value, as small as its depth asks for."""
        self.steps += 1
        if self.steps > 3_000 or depth > 40:
            return None
        if not isinstance(node, dict) or not node:
            return self.rng.choice([None, "abc", 1, True, [1], {"a": 1}]) if node is not False else None
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            return self.rng.choice(node["enum"])
        said = [each for each in (node.get("examples"), node.get("default")) if each is not None]
        if said and self.rng.random() < 0.15:
            return (
                said[0][0] if isinstance(said[0], list) and said[0] and "examples" in node else copy.deepcopy(said[0])
            )
        own = self._own(node, depth) if self._is_own(node) else _NONE
        for part in self._parts(node, depth):
            drawn = self.value(part, depth + (depth > 2))
            own = (
                {**own, **drawn}
                if isinstance(own, dict) and isinstance(drawn, dict)
                else drawn
                if own is _NONE
                else own
            )
        return self.rng.choice(["abc", 1, {"a": 1}]) if own is _NONE else own

    def _is_own(self, node: Any) -> bool:
        return bool(node.keys() & {"type", "properties", "items", "prefixItems", "patternProperties", "required", "pattern", "format", "additionalProperties"}) and not (
            "type" not in node and "$ref" in node and not node.keys() & {"properties", "items"}
        )  # fmt: skip

    def _parts(self, node: Any, depth: int) -> Iterator[Any]:
        if isinstance(node.get("$ref"), str):
            yield self._find(node["$ref"])
        yield from node.get("allOf", ())
        for key in ("anyOf", "oneOf"):
            if node.get(key):
                yield self._branch(node[key], depth)
        if "if" in node and ("then" in node or "else" in node):
            yield from ([node["if"], node.get("then", {})] if self.rng.random() < 0.5 else [node.get("else", {})])

    def _branch(self, branches: list[Any], depth: int) -> Any:
        if depth > _DEEP:
            small = [
                each
                for each in branches
                if isinstance(each, dict)
                and (
                    "enum" in each
                    or "const" in each
                    or each.get("type") in ("null", "string", "boolean", "integer", "number")
                )
            ]
            branches = small or branches
        return self.rng.choice(branches)

    def _own(self, node: Any, depth: int) -> Any:
        kind = node.get("type")
        if isinstance(kind, list):
            kind = self.rng.choice(kind) if depth <= _DEEP else "null" if "null" in kind else kind[0]
        if kind == "object" or (
            kind is None and node.keys() & {"properties", "patternProperties", "required", "additionalProperties"}
        ):
            return self._object(node, depth)
        if kind == "array" or (kind is None and node.keys() & {"items", "prefixItems"}):
            return self._array(node, depth)
        if kind in ("integer", "number"):
            return self._number(node, kind)
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "null":
            return None
        return self._text(node)

    def _object(self, node: Any, depth: int) -> Any:
        required = (
            [key for key in node.get("required", ()) if isinstance(key, str)]
            if isinstance(node.get("required"), list)
            else []
        )
        properties = node.get("properties", {})
        likely = 0.0 if self.few and depth else 0.6 if depth < 2 else 0.25 if depth < _DEEP else 0.0
        if len(properties) > 12:
            likely *= 12 / len(properties)
        out = {}
        for key, inner in properties.items():
            if key in required or (inner is not False and self.rng.random() < likely):
                out[key] = self.value(inner, depth + 1)
        for key in required:
            if key not in out:
                more = node.get("additionalProperties", True)
                out[key] = self.value(more if isinstance(more, dict) else {}, depth + 1)
        for pattern, inner in node.get("patternProperties", {}).items():
            if self.rng.random() < likely:
                out[_matching(pattern, self.rng)] = self.value(inner, depth + 1)
        more = node.get("additionalProperties")
        least = node.get("minProperties", 0)
        if isinstance(more, dict) and (len(out) < least or self.rng.random() < likely):
            names = node.get("propertyNames")
            for name in ("k", "b")[: max(1, least)]:
                out[
                    self.value(names, depth) if isinstance(names, dict) and names.keys() & {"enum", "pattern"} else name
                ] = self.value(more, depth + 1)
        return out

    def _array(self, node: Any, depth: int) -> Any:
        least = node.get("minItems", 0)
        size = (
            min(least, 20)
            if depth > 3 or self.few
            else min(max(least, self.rng.randint(0, 2)), node.get("maxItems", 99), 20)
        )
        items = node.get("items", True)
        prefix = node.get("prefixItems", items if isinstance(items, list) else [])
        rest = node.get("additionalItems", True) if isinstance(items, list) else items
        out = [self.value(each, depth + 1) for each in prefix[: max(size, len(prefix) if rest is False else 0)]]
        while len(out) < size and rest is not False:
            out.append(self.value(rest, depth + 1))
        return out

    def _number(self, node: Any, kind: str) -> Any:
        least = node.get("minimum", node.get("exclusiveMinimum", 0))
        most = node.get("maximum", node.get("exclusiveMaximum"))
        least = 0 if isinstance(least, bool) else least
        value = (
            max(least + 1, 1)
            if most is None or isinstance(most, bool)
            else (least + most) / 2
            if kind == "number"
            else min(max(int(least) + 1, 1), int(most))
        )
        step = node.get("multipleOf")
        value = step * (int(value // step) + 1) if step else value
        return (
            int(value)
            if kind == "integer"
            else self.rng.choice([value, value + 0.5])
            if most is None and not step
            else value
        )

    def _text(self, node: Any) -> str:
        least, most = node.get("minLength", 0), node.get("maxLength", 1 << 30)
        if isinstance(node.get("pattern"), str):
            text = _matching(node["pattern"], self.rng)
        else:
            text = _TEXTS.get(node.get("format", ""), "") or self.rng.choice(("abc", "abc", "x y", "é…", "1"))
        return (text + "a" * (least - len(text)))[:most]

    def _find(self, ref: str) -> Any:
        if ref in self.ids:
            return self.ids[ref]
        here = self.root if ref.startswith("#") else self.ids.get(ref.partition("#")[0], {})
        for step in ref.partition("#")[2].split("/")[1:]:
            key = step.replace("%25", "%").replace("~1", "/").replace("~0", "~")
            try:
                here = here[int(key)] if isinstance(here, list) else here[key]
            except (KeyError, IndexError, ValueError, TypeError):
                return {}
        return here

    def _gather(self, schema: Any) -> None:
        work = [schema]
        while work:
            each = work.pop()
            if isinstance(each, dict):
                if isinstance(each.get("properties"), dict):
                    for name, inner in each["properties"].items():
                        self.named.setdefault(name, []).append(inner)
                for key in ("$id", "id"):
                    if isinstance(each.get(key), str):
                        self.ids.setdefault(each[key].rstrip("#"), each)
                for key in ("$anchor", "$dynamicAnchor"):
                    if isinstance(each.get(key), str):
                        self.ids.setdefault(f"#{each[key]}", each)
                work.extend(each.values())
            elif isinstance(each, list):
                work.extend(each)


def _matching(pattern: str, rng: random.Random) -> str:
    """Write a text that a pattern matches; as good a guess as looks ahead and boundaries allow."""
    import re._parser as parser

    try:
        tree = parser.parse(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern).replace(r"\p{L}", "a").replace(r"\/", "/"))
    except (re.error, OverflowError):
        return "abc"
    return _of_tree(tree, rng, {})


_CLASSES = {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_DIGIT": "a", "CATEGORY_NOT_WORD": "-"}  # fmt: skip


def _of_tree(tree: Any, rng: random.Random, groups: dict[int, str]) -> str:
    out = ""
    for kind, said in tree:
        name = str(kind)
        if name == "LITERAL":
            out += chr(said)
        elif name == "NOT_LITERAL":
            out += "b" if said != ord("b") else "c"
        elif name == "ANY":
            out += "a"
        elif name == "IN":
            out += _of_class(said, rng)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = said
            for _ in range(min(max(int(least), rng.randint(0, 2)), int(most))):
                out += _of_tree(inner, rng, groups)
        elif name == "BRANCH":
            out += _of_tree(rng.choice(said[1]), rng, groups)
        elif name == "SUBPATTERN":
            text = _of_tree(said[3], rng, groups)
            groups[said[0]] = text
            out += text
        elif name == "GROUPREF":
            out += groups.get(said, "")
    return out


def _of_class(members: Any, rng: random.Random) -> str:
    letters: list[str] = []
    negated = False
    for kind, said in members:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            letters.append(chr(said))
        elif name == "RANGE":
            letters.extend(chr(each) for each in range(said[0], min(said[1], said[0] + 200) + 1))
        elif name == "CATEGORY":
            letters.append(_CLASSES.get(str(said), "a"))
    if negated:
        return next(each for each in "abcxyz019_-. ~\u00e9" if each not in letters)
    return rng.choice(letters) if letters else "a"
