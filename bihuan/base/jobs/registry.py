"""Declaring jobs: `@job("exports.build", title=…, every="*/5 * * * *")` in an app's jobs.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cronsim import CronSim
from django.utils.functional import Promise

JobFunction = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A declared job: what to call, what to call it on the page, and the cron line it runs on, if any."""

    name: str
    title: str | Promise
    function: JobFunction
    every: str | None
    attempts: int


_kinds: dict[str, JobKind] = {}


def job(
    name: str, *, title: str | Promise, every: str | None = None, attempts: int = 5
) -> Callable[[JobFunction], JobFunction]:
    """Register `function(run: Run, **args)`; `every` is a cron line in the organisation's time zone."""

    def register(function: JobFunction) -> JobFunction:
        if name in _kinds:
            raise ValueError(f"the job {name!r} is registered twice")
        if every is not None:
            CronSim(every, datetime(2000, 1, 1, tzinfo=UTC))
        _kinds[name] = JobKind(name=name, title=title, function=function, every=every, attempts=attempts)
        return function

    return register


def job_kinds() -> dict[str, JobKind]:
    """Every declared job by name (a copy)."""
    return dict(_kinds)


def kind_of(name: str) -> JobKind:
    """The declared job of that name; KeyError names it when its app is gone."""
    return _kinds[name]


def next_time(*, every: str, after: datetime) -> datetime:
    """The first time of a cron line after `after` (aware; the cron fields are read in its zone)."""
    moment: Any = next(CronSim(every, after))
    return datetime.fromisoformat(moment.isoformat())
