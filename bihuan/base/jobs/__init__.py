"""Jobs and the scheduler: rows in a lease table, claimed by a worker, retried, then parked in sight."""

from typing import TYPE_CHECKING, Any

from bihuan.base.jobs.registry import job, job_kinds
from bihuan.base.jobs.run import Cancelled, Run

if TYPE_CHECKING:
    from bihuan.base.jobs.queue import enqueue

__all__ = ["Cancelled", "Run", "enqueue", "job", "job_kinds"]


def __getattr__(name: str) -> Any:
    """`enqueue` needs the models, which Django loads after this package."""
    if name == "enqueue":
        from bihuan.base.jobs.queue import enqueue

        return enqueue
    raise AttributeError(name)
