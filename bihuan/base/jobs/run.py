"""What a running job is handed: its arguments' owner, the time, progress and the wish to stop."""

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from bihuan.base.access.actor import Actor, system_actor

if TYPE_CHECKING:
    from bihuan.base.jobs.models import Job


class Cancelled(Exception):
    """Raised out of `Run.progress` when an operator asked the job to stop."""


@dataclass
class Run:
    """One attempt at a job."""

    row: "Job"
    at: datetime
    by: Actor = field(default_factory=lambda: system_actor("worker"))
    _told: float = 0.0

    def progress(self, *, done: int, total: int | None = None) -> None:
        """Say how far it is (written at most four times a second); raises Cancelled when asked to stop."""
        from bihuan.base.jobs.queue import extend_lease

        if monotonic() - self._told < 0.25 and done != total:
            return
        self._told = monotonic()
        if extend_lease(row=self.row, done=done, total=total):
            raise Cancelled

    def result(self, value: dict[str, Any]) -> None:
        """Keep a JSON result with the job."""
        self.row.result = value
        self.row.save(update_fields=["result"])
