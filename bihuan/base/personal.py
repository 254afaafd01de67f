"""What is kept of one person, by app: each says how to tell it and how to erase it, in its `personal.py`.

A person may ask for a copy of everything and for its erasure (PIPL articles 45 and 47, GDPR articles 15 and 17).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Holding:
    """`tell(person_id)`: JSON values; `erase(person_id)`: how many rows went; doing it twice does no harm."""

    name: str
    tell: Callable[[int], Any]
    erase: Callable[[int], int]
    order: int


_holdings: dict[str, Holding] = {}


def holds_personal(
    name: str, *, tell: Callable[[int], Any], erase: Callable[[int], int], order: int = 50
) -> None:
    """Register what an app keeps of people; those with a smaller `order` are erased first."""
    if name in _holdings:
        raise ValueError(f"personal data {name!r} is registered twice")
    _holdings[name] = Holding(name=name, tell=tell, erase=erase, order=order)


def everything_of(person_id: int) -> dict[str, Any]:
    """All that is kept of this person, by the name of what keeps it."""
    return {one.name: one.tell(person_id) for one in _in_order()}


def erase_everywhere(
    person_id: int, *, told: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, int]:
    """Erase it all; returns how many rows went from where. `told(done, total)` follows the holdings."""
    gone: dict[str, int] = {}
    found = _in_order()
    for done, one in enumerate(found):
        told(done, len(found))
        gone[one.name] = one.erase(person_id)
    told(len(found), len(found))
    return gone


def _in_order() -> list[Holding]:
    return sorted(_holdings.values(), key=lambda one: (one.order, one.name))
