"""How the store stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the index stands: `state` is closed, elsewhere (another process has it), live or rebuilding.

    `url` says where it lies, without a password."""

    state: str
    url: str
    head_seq: int
    applied_seq: int
    rows: int
    unsorted_rows: int
    damaged_groups: int
    sealed_files: int
    sealed_rows: int
    sealed_damaged: list[str]
    set_aside: list[str]

    @property
    def behind(self) -> int:
        """Groups of the log that the index does not hold yet."""
        return max(0, self.head_seq - self.applied_seq)
