"""REST of mining: figures, conformance of instances and of imported logs, two versions, what if."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from bihuan.act.mining.queries import (
    Study,
    Wanted,
    by_group,
    compared_versions,
    simulated,
    studied,
    studied_events,
)
from bihuan.act.mining.rules.figures import Figure
from bihuan.act.mining.rules.simulating import Change
from bihuan.act.mining.said import difference_text, step_name
from bihuan.act.processes.models import Kind, Process
from bihuan.base.access import Allow, actor_of

router = Router(tags=["Mining"])
Segment = Annotated[
    str | None, Field(max_length=2_000, description="A rule over accounts, or @ and the key of a segment")
]


class MiningQuery(Schema):
    """Which instances: those started in days (inclusive), on a version, about accounts of a segment."""

    since: date | None = None
    until: date | None = None
    version: int | None = Field(None, ge=1, le=1_000_000)
    segment: Segment = None

    @property
    def wanted(self) -> Wanted:
        """As the queries take it."""
        return Wanted(since=self.since, until=self.until, version=self.version, segment=self.segment)


class FiguresQuery(MiningQuery):
    """And by what."""

    by: Literal["step", "role", "person", "month", "segment"] = "step"


class TimesOut(Schema):
    """Median and 90th percentile in seconds of the `n` that are known."""

    n: int
    p50: float | None
    p90: float | None


class FigureOut(Schema):
    """One step, role, person, month or segment."""

    key: str
    name: str
    steps: int
    cases: int
    rework_cases: int
    rework_steps: int
    waiting: TimesOut
    work: TimesOut
    limited: int
    late: int
    deviations: int = 0
    open: int = 0
    late_now: int = 0


class MiningWholeOut(Schema):
    """All cases; `days` in days."""

    cases: int
    ended: int
    steps: int
    variants: int
    pairs: int
    rework_cases: int
    rework_steps: int
    days: TimesOut
    limited_cases: int
    late_cases: int


class FiguresOut(Schema):
    """The figures of a process."""

    version: int
    whole: MiningWholeOut
    rows: list[FigureOut]


class LogQuery(Schema):
    """A process question about imported events: unit, activity, events, where, period, segment, transition, calendar."""

    question: dict[str, Any] = Field(
        ..., examples=[{"unit": "props.case", "period": {"from": "2010-01-01", "to": "2014-12-31"}}]
    )
    version: int | None = Field(
        None, ge=1, le=1_000_000, description="Of the diagram; the published one when absent"
    )


class DifferenceOut(Schema):
    """What is not as drawn: left_out or extra."""

    kind: str
    step: str
    text: str


class DeviatingOut(Schema):
    """A case that does not run as drawn; for instances `case` is the instance's number."""

    case: str
    fitness: float
    differences: list[DifferenceOut]


class ConformanceOut(Schema):
    """How well a log fits; `flows` says how often each arrow was taken. At most `limit` cases are listed."""

    version: int
    judged: int
    fitting: int
    not_judged: int
    fitness: float
    flows: dict[str, int]
    left_out: dict[str, int]
    extra: dict[str, int]
    unknown: dict[str, int]
    deviating: int
    cases: list[DeviatingOut]


class ComparisonQuery(Schema):
    """Two versions, and which instances of them."""

    before: int = Field(..., ge=1, le=1_000_000)
    after: int = Field(..., ge=1, le=1_000_000)
    since: date | None = None
    until: date | None = None
    segment: Segment = None


class ComparedOut(Schema):
    """One measure: days or a share; less is better. `better`: yes, no or unsure."""

    name: str
    unit: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    better: str


class ComparisonOut(Schema):
    """The measures, and how many cases each version has."""

    cases_before: int
    cases_after: int
    rows: list[ComparedOut]


class SimulationIn(Schema):
    """What is tried: people more (or fewer) for a step, arrivals and work as a factor of today's."""

    step: str = Field(..., min_length=1, max_length=120, examples=["check"])
    people: int = Field(1, ge=-20, le=20)
    arrivals: float = Field(1.0, ge=0.1, le=10)
    work: float = Field(1.0, ge=0.1, le=10)
    since: date | None = None
    until: date | None = None
    version: int | None = Field(None, ge=1, le=1_000_000)
    segment: Segment = None


class OutcomeOut(Schema):
    """Waiting of each step and of the whole case: [median, p90] in seconds of service time; how busy each pool is."""

    waiting: dict[str, list[float]]
    whole: list[float]
    busy: dict[str, float]


class SimulationOut(Schema):
    """Today and then; `saved` is how many seconds sooner half of the cases are over, with the interval of 95 of 100 runs."""

    today: OutcomeOut
    then: OutcomeOut
    saved: float
    low: float
    high: float
    runs: int
    cases: int


def _of(key: str) -> Process:
    return get_object_or_404(Process, key=key, kind=Kind.PROCESS)


@router.get(
    "/processes/{key}/figures",
    auth=Allow("mining.view"),
    response=FiguresOut,
    summary="Read figures of a process",
)
def read_figures(request: HttpRequest, key: str, asked: Query[FiguresQuery]) -> Any:
    """Of the instances within the territory; by person only with `mining.people`."""
    actor = actor_of(request)
    if asked.by == "person" and not actor.may("mining.people"):
        raise PermissionDenied("mining.people")
    at = timezone.now()
    study = studied(_of(key), asked.wanted, actor=actor, at=at)
    return {
        "version": study.version.number, "whole": asdict(study.whole),
        "rows": [_figure(study, one, asked.by) for one in by_group(study, asked.by, actor=actor, at=at)],
    }  # fmt: skip


def _figure(study: Study, one: Figure, by: str) -> dict[str, Any]:
    found: dict[str, Any] = asdict(one)
    found["name"] = step_name(study.diagram, one.key) if by == "step" else one.key
    if study.mined is not None and by == "step":
        found |= {"deviations": study.mined.deviations.get(one.key, 0), "open": study.mined.open.get(one.key, 0),
                  "late_now": study.mined.late.get(one.key, 0)}  # fmt: skip
    return found


@router.get(
    "/processes/{key}/conformance", auth=Allow("mining.view"), response=ConformanceOut, summary="Compare instances to a diagram"
)  # fmt: skip
def read_conformance(
    request: HttpRequest,
    key: str,
    asked: Query[MiningQuery],
    limit: Annotated[int, Field(ge=0, le=10_000)] = 1_000,
) -> Any:
    """Every instance along the diagram of the version."""
    return _conformance(studied(_of(key), asked.wanted, actor=actor_of(request), at=timezone.now()), limit)


@router.post(
    "/processes/{key}/conformance", auth=Allow("mining.view"), response=ConformanceOut, summary="Compare a log to a diagram"
)  # fmt: skip
def ask_conformance(
    request: HttpRequest, key: str, body: LogQuery, limit: Annotated[int, Field(ge=0, le=10_000)] = 1_000
) -> Any:
    """Every case of the log along the diagram; steps are matched by their names or ids."""
    study = studied_events(
        _of(key), question=body.question, version=body.version, actor=actor_of(request), at=timezone.now()
    )
    return _conformance(study, limit)


def _conformance(study: Study, limit: int) -> dict[str, Any]:
    found = study.conformance
    cases = [
        {"case": str(case), "fitness": found.variants[place].fitness, "differences": [
            {"kind": one.kind, "step": one.step, "text": difference_text(study.diagram, one)}
            for one in found.variants[place].differences
        ]}
        for case, place in zip(study.log.cases, found.variant, strict=True) if found.variants[place].differences
    ]  # fmt: skip
    return {
        "version": study.version.number, "judged": found.judged, "fitting": found.fitting, "not_judged": found.too_wide,
        "fitness": found.fitness, "flows": found.flows, "left_out": found.left_out, "extra": found.extra,
        "unknown": found.unknown, "deviating": len(cases), "cases": cases[:limit],
    }  # fmt: skip


@router.get(
    "/processes/{key}/comparison", auth=Allow("mining.view"), response=ComparisonOut, summary="Compare two versions"
)  # fmt: skip
def read_comparison(request: HttpRequest, key: str, asked: Query[ComparisonQuery]) -> Any:
    """Each measure before and after with the 95 % interval of its difference."""
    wanted = Wanted(since=asked.since, until=asked.until, segment=asked.segment)
    rows, cases = compared_versions(
        _of(key),
        before=asked.before,
        after=asked.after,
        wanted=wanted,
        actor=actor_of(request),
        at=timezone.now(),
    )
    found = [asdict(one) | {"better": one.better} for one in rows]
    return {"cases_before": cases[0], "cases_after": cases[1], "rows": found}


@router.post(
    "/processes/{key}/simulation", auth=Allow("mining.view"), response=SimulationOut, summary="Simulate more or fewer people"
)  # fmt: skip
def simulate(request: HttpRequest, key: str, body: SimulationIn) -> Any:
    """From measured arrivals, ways and times; 422 when too little was measured."""
    wanted = Wanted(since=body.since, until=body.until, version=body.version, segment=body.segment)
    study = studied(_of(key), wanted, actor=actor_of(request), at=timezone.now())
    change = Change(step=body.step, people=body.people, arrivals=body.arrivals, work=body.work)
    return asdict(simulated(study, change))
