"""What happened to a type on its way to the wire? A compiled schema's facts in, a report to read before paying out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extract.schema._limits import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from extract.schema._describe import Rewrite
    from extract.schema._dialect import Dialect
    from extract.schema._limits import Use
    from extract.schema._parts import Part

__all__ = ["Explanation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was rewritten and why, what the gateway cannot enforce, how much of each limit is used.

    Args:
        name: The name that travels.
        dialect: What the schema was fitted to.
        strict: Whether the gateway holds the model to it.
        rewrites: Places where the wire form differs from the declared one.
        use: How much of each limit is used.
        parts: The questions asked; one, unless a limit is exceeded.
        characters: Length of the wire schema as it travels.
        notes: What a careful reader should know.
    """

    name: str
    dialect: Dialect
    strict: bool
    rewrites: tuple[Rewrite, ...] = field(repr=False)
    use: Use
    parts: tuple[Part, ...] = field(repr=False)
    characters: int
    notes: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Estimated prompt tokens of the schema, over all parts."""
        return round(sum(len(part.format.encoded) for part in self.parts) / CHARACTERS_PER_TOKEN)

    @property
    def unenforced(self) -> tuple[Rewrite, ...]:
        """Constraints that travel as words only and are enforced here, on the way back."""
        return tuple(
            each for each in self.rewrites if "told in the description" in each.what or "checked here" in each.what
        )

    def __str__(self) -> str:
        held = "strict" if self.strict else "a hint only (not strict)"
        lines = [f"{self.name}: {self.dialect.name}, {held}, about {self.tokens} prompt tokens"]
        for name in ("depth", "properties", "characters", "enum_values", "long_enum_characters"):
            limit = getattr(self.dialect.limits, name)
            lines.append(f"  {name.replace('_', ' ')}: {getattr(self.use, name)} of {limit or 'any number'}")
        if len(self.parts) > 1:
            lines.append(f"asked in {len(self.parts)} questions ({self.parts[0].why}):")
            lines.extend(
                f"  {part.format.name}: {len(part.keys)} properties @ {_show(part.path)}" for part in self.parts
            )
        if self.rewrites:
            lines.append("rewritten:")
            lines.extend(f"  {_show(each.path)}: {each.what} ({each.why})" for each in self.rewrites)
        else:
            lines.append("nothing was rewritten: the wire form is the declared form")
        lines.extend(f"note: {note}" for note in self.notes)
        return "\n".join(lines)


def _show(path: tuple[str | int, ...]) -> str:
    return "$" + "".join(str(step) if step == "[]" else f".{step}" for step in path)
