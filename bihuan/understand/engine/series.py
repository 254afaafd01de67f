"""The series of a breakdown that an answer shows: which, what they are called, and how many it does not show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.understand.engine.listing import HIDDEN, VALUES
from bihuan.understand.engine.scope import Names, biggest


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`kept`: the values of the breakdown, the biggest first; without a breakdown only None. `hidden`: how many more there
    are."""

    by: str | None
    kept: tuple[str | None, ...]
    titles: Mapping[str | None, str]
    hidden: int

    def label(self, series: str | None) -> tuple[str, ...]:
        """What stands in a row for the series; nothing without a breakdown."""
        return (self.titles[series],) if self.by else ()

    def cell(self, series: str | None) -> dict[str, Any]:
        """What names the series to whoever asks for the list behind a number."""
        return {"series": series} if self.by else {}

    @property
    def left_out(self) -> dict[str, int]:
        """What the answer says it does not show."""
        return {HIDDEN: self.hidden} if self.hidden else {}

    def told(self, left_out: Mapping[str, Any]) -> dict[str, Any]:
        """The same beside what else an answer says of what was left out (`told_left_out`)."""
        nobody = {HIDDEN: VALUES} if self.hidden else {}
        return {
            **left_out,
            "left_out": left_out["left_out"] | self.left_out,
            "nobody": left_out["nobody"] | nobody,
        }


def shown_of(sizes: Mapping[str | None, float], *, by: str | None, names: Names) -> Shown:
    """The series to show of those with these sizes."""
    kept: list[str | None] = biggest(sizes) if by else [None]
    return Shown(
        by=by, kept=tuple(kept), titles=names(by, kept), hidden=len(sizes) - len(kept) if by and sizes else 0
    )
