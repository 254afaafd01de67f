"""The nouns that can be imported. Apps register theirs; the importer, far below them, calls by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bihuan.base.access.actor import Actor

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a noun: its kind is text, int, decimal, date, datetime, bool or json."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] | None = None
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that was not stored: its index in the call, the field, its value, and why."""

    index: int
    field: str
    value: str
    reason: str


@dataclass(kw_only=True)
class ImportCount:
    """What a load did. Rows that were equal to what was there count as unchanged. `before` is what updated rows held until
    then, by id and column."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    before: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, other: "ImportCount", *, offset: int = 0) -> None:
        """Add another batch whose first row stands at `offset`."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.before |= other.before
        self.rejected += [
            Rejected(index=r.index + offset, field=r.field, value=r.value, reason=r.reason)
            for r in other.rejected
        ]


class Load(Protocol):
    """Stores rows in one transaction and publishes one fact about the whole batch."""

    def __call__(self, *, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount: ...


@dataclass(frozen=True, kw_only=True)
class Noun:
    """Something that a mapping file can fill."""

    name: str
    fields: tuple[Field, ...]
    load: Load
    permission: str


_nouns: dict[str, Noun] = {}


def register_noun(noun: Noun) -> None:
    """Make a noun importable; a second registration of a name is an error."""
    if noun.name in _nouns:
        raise ValueError(f"the noun {noun.name!r} is registered twice")
    _nouns[noun.name] = noun


def noun(name: str) -> Noun:
    """The noun of that name; LookupError lists what there is."""
    try:
        return _nouns[name]
    except KeyError:
        raise LookupError(
            f"nothing called {name!r} can be imported; there is: {', '.join(sorted(_nouns))}"
        ) from None


def nouns() -> dict[str, Noun]:
    """Every importable noun by name (a copy)."""
    return dict(_nouns)


References = Callable[[set[str]], dict[str, Any]]


def references(*, queryset: Any, column: str = "key") -> References:
    """A look-up of external keys in one query: returns {key: pk}."""

    def look_up(keys: set[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        wanted = sorted(keys)
        for start in range(0, len(wanted), 900):
            chunk = wanted[start : start + 900]
            found.update(queryset.filter(**{f"{column}__in": chunk}).values_list(column, "pk"))
        return found

    return look_up
