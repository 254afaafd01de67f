"""What counts as online, and which version an event tells of."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LIVE_PATH = "/live/presence"
ONLINE_FOR = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)
"""A product's clock may be a little ahead of ours."""
VERSION_KEYS = ("$app_version", "app_version", "version")


@dataclass(frozen=True, kw_only=True, slots=True)
class Online:
    """A person who is online: where, in which product and version (empty when no event says), and since when quiet."""

    person_id: int
    account_id: int | None
    product_id: int | None
    version: str
    last_at: datetime


def version_of(props: str | None) -> str:
    """The product's version in an event's properties (JSON text), at most 40 characters; empty when there is none."""
    if not props or "version" not in props:
        return ""
    try:
        said = json.loads(props)
    except ValueError:
        return ""
    for key in VERSION_KEYS:
        value = said.get(key) if isinstance(said, dict) else None
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:40]
    return ""


def counted(people: Iterable[Online], by: Callable[[Online], object]) -> list[tuple[object, int]]:
    """How many people by what `by` says of them, the most first; equal ones in the order of their text."""
    return sorted(Counter(by(one) for one in people).items(), key=lambda pair: (-pair[1], str(pair[0])))


def share(part: Sequence[int], whole: Sequence[int]) -> list[float | None]:
    """Part of whole in percent, one decimal, place by place; None where the whole is nothing; never over 100."""
    return [
        None if not of else round(min(100.0, 100 * some / of), 1)
        for some, of in zip(part, whole, strict=True)
    ]
