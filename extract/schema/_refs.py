"""Where does a reference lead? Into the schema, into a metaschema, or into a file beside it; nothing is fetched."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlparse
from urllib.request import url2pathname

from extract.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from extract.errors import Path

__all__ = ["References"]

Json = dict[str, Any]
MAX_FILES = 200
MAX_FILE_BYTES = 4_000_000
_DRAFTS = ("Draft202012Validator", "Draft7Validator", "Draft4Validator")


class References:
    """One schema with all that it may refer to.

    Attributes:
        kind: The judge of its draft; where none is named, the newest one under which it is a valid schema.
        schema: The schema, as its references find it.
        root: What resolves the references of the whole schema.
    """

    def __init__(self, schema: Json, base: FilePath | None) -> None:
        # Imported here: it costs 100 ms, and only schemas without a type need it.
        from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # noqa: PLC0415
        from referencing import Registry  # noqa: PLC0415

        self.base = base
        self.kind: Any = _kind(schema)
        if self.kind.__name__ == "Draft3Validator":
            raise SchemaError("A schema of draft 3", advice="write it in draft 4 or later")
        self._specification: Any = _specification(self.kind)
        self._own = base.resolve().as_uri() if base is not None else ""
        self._id = str(self._specification.create_resource(schema).id() or "")
        # Named as its references find it. A named draft would make jsonschema take the stock judge at every "#".
        self.schema: Json = {key: each for key, each in schema.items() if key != "$schema"}
        if base is not None and not self._id:
            self.schema["id" if self.kind.__name__ == "Draft4Validator" else "$id"] = self._own
        resource = self._specification.create_resource(self.schema)
        registry: Any = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
        known = [(uri, resource) for uri in {urljoin(self._own, self._id), self._own}]
        self.registry: Any = REGISTRY.combine(registry.with_resources(known)).crawl()
        self.root: Any = self.registry.resolver(urljoin(self._own, self._id))
        self._found: dict[tuple[str, str], tuple[Any, Any]] = {}

    @property
    def is_alone(self) -> bool:
        """Whether a reference hides what stands beside it, as in the older drafts."""
        return self.kind.__name__ in {"Draft3Validator", "Draft4Validator", "Draft6Validator", "Draft7Validator"}

    def inside(self, schema: Json, resolver: Any) -> Any:
        """Take the base that a schema declares for what is in it."""
        if "$id" not in schema and "id" not in schema:
            return resolver
        return resolver.in_subresource(self._specification.create_resource(schema))

    def follow(self, ref: Any, resolver: Any, path: Path) -> tuple[Any, Any]:
        """Follow a reference: the schema there, and what resolves its references.

        Raises:
            SchemaError: It leads nowhere.
        """
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

        key = (resolver._base_uri, str(ref))  # noqa: SLF001 - it has no public name
        if key in self._found:
            return self._found[key]
        try:
            found = resolver.lookup(str(ref))
        except (Unresolvable, ValueError, TypeError, AttributeError) as error:
            if type(error).__name__ == "Unresolvable":
                raise SchemaError(
                    f"{urljoin(*key)!r} is not at hand, and nothing is fetched",
                    path=path,
                    advice="put it beside the schema, or inline it",
                ) from error
            raise SchemaError(f"The reference {str(ref)!r} leads nowhere", path=path) from error
        self._found[key] = found.contents, found.resolver
        return self._found[key]

    def _retrieve(self, uri: str) -> Any:
        from referencing.exceptions import NoSuchResource  # noqa: PLC0415 - see above

        found = self._beside(uri)
        if found is None:
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg]
        return _specification(_kind(found, self.kind)).create_resource(found)

    def _beside(self, uri: str) -> Any:
        """Look for a document in the schema's folder: at its place there, else by the id it gives itself."""
        if self.base is None:
            return None
        folder = self.base.resolve().parent
        parsed = urlparse(uri)
        if parsed.scheme == "file":
            path = folder.__class__(url2pathname(parsed.path)).resolve()
        else:
            # A schema that says where it is published has its neighbours beside it here too.
            start = self._id.rsplit("/", 1)[0] + "/"
            path = (folder / unquote(uri.removeprefix(start))).resolve() if uri.startswith(start) else folder
        # Only files beside the schema: a schema is not to read the rest of the disk.
        if path.is_relative_to(folder) and path.is_file():
            return _read(path)
        return self._named.get(uri) or self._named.get(parsed.path)

    @cached_property
    def _named(self) -> dict[str, Any]:
        assert self.base is not None  # noqa: S101 - asked for only then
        out: dict[str, Any] = {}
        for path in sorted(self.base.resolve().parent.glob("*.json"))[:MAX_FILES]:
            document = _read(path)
            if not isinstance(document, dict):
                continue
            said = document.get("$id", document.get("id"))
            if isinstance(said, str):
                out.setdefault(said.rstrip("#"), document)
        return out


def _read(path: FilePath) -> Any:
    try:
        return json.loads(path.read_bytes()) if path.stat().st_size <= MAX_FILE_BYTES else None
    except (OSError, ValueError):
        return None


def _kind(schema: Any, default: Any = None) -> Any:
    import jsonschema  # noqa: PLC0415 - see above
    from jsonschema.validators import validator_for  # noqa: PLC0415

    named: Any = validator_for(schema, default=None)  # type: ignore[arg-type]
    if named is not None or default is not None:
        return named or default
    kinds = [getattr(jsonschema, name) for name in _DRAFTS]
    return next((kind for kind in kinds if kind(kind.META_SCHEMA).is_valid(schema)), kinds[0])


def _specification(kind: Any) -> Any:
    from referencing.jsonschema import DRAFT202012, specification_with  # noqa: PLC0415 - see above

    return specification_with(kind.ID_OF(kind.META_SCHEMA) or "", default=DRAFT202012)
