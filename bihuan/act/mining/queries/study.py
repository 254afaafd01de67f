"""One process looked at: its log, its diagram, the figures of each step, and how well it runs as drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Diagram, read_diagram
from bihuan.act.mining.queries.kept import forget_logs
from bihuan.act.mining.queries.logs import Mined, Wanted, log_of_events, mined, rework_of
from bihuan.act.mining.rules.comparing import Compared, cases_of, compared
from bihuan.act.mining.rules.conformance import Conformance, conformance, elements_of, game_of
from bihuan.act.mining.rules.figures import Figure, Whole, done_again, figures, grouped, whole
from bihuan.act.mining.rules.log import Ints, Log, coded
from bihuan.act.mining.rules.measuring import measured_of
from bihuan.act.mining.rules.simulating import Change, Tried, tried
from bihuan.act.mining.rules.tokens import Game
from bihuan.act.processes.models import Process, State, Version
from bihuan.base.access import Actor
from bihuan.base.calendars import service_time_between
from bihuan.base.calendars.queries import calendar_for
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments.queries import members, segments_of

#: No zone is shifted by less than a quarter of an hour: all of one lies in the same month.
QUARTER_US = 900_000_000
By = Literal["step", "role", "person", "month", "segment"]
#: Segments that figures are told of at once; each is found anew.
MOST_SEGMENTS = 20


@dataclass(frozen=True, kw_only=True)
class Study:
    """The log of a process along the diagram of one version; `steps` are the figures of its elements, by id. `mined` is None
    for an imported log."""

    process: Process
    version: Version
    diagram: Diagram
    log: Log
    whole: Whole
    steps: Mapping[str, Figure]
    conformance: Conformance
    mined: Mined | None = None


def studied(process: Process, wanted: Wanted, *, actor: Actor, at: datetime) -> Study:
    """The instances that are wanted, on the diagram of their version: the one that is asked for, else the newest that ran."""
    version = version_of(process, wanted.version)
    found = mined(process, wanted, actor=actor, at=at)
    return _study(process, version, found.log, mined=found)


def studied_events(
    process: Process, *, question: Mapping[str, Any], version: int | None, actor: Actor, at: datetime
) -> Study:
    """Imported cases along the diagram; ValidationError ("question") for a wrong question."""
    log = log_of_events(question=question, actor=actor, at=at)
    return _study(process, version_of(process, version), log, mined=None)


def version_of(process: Process, number: int | None) -> Version:
    """The version of a number, else the published one, else the newest. ValidationError ("version") without it."""
    rows = list(process.versions.order_by("-number").defer("xml"))
    if number is None:
        return next((row for row in rows if row.state == State.PUBLISHED), rows[0])
    found = next((row for row in rows if row.number == number), None)
    if found is None:
        text = _("There is no version %(n)s of this process.") % {"n": number}
        raise ValidationError({"version": text})
    return found


def _study(process: Process, version: Version, log: Log, *, mined: Mined | None) -> Study:
    diagram = diagram_of(version)
    elements = elements_of(diagram, log.activities)
    again = rework_of(log, diagram, done_again(log))
    steps = figures(
        log, keys=tuple(dict.fromkeys(one for one in elements if one)), key_of=_places(elements)[log.activity]
        if len(log.activities) else log.activity, again=again,
    )  # fmt: skip
    return Study(
        process=process, version=version, diagram=diagram, log=log, mined=mined, whole=whole(log, again=again),
        steps={one.key: one for one in steps}, conformance=conformance(log, diagram, game=_game(version, log, diagram)),
    )  # fmt: skip


def _places(elements: tuple[str, ...]) -> Ints:
    """For each activity the place of its element among those that occur, -1 for none."""
    place = {one: number for number, one in enumerate(dict.fromkeys(one for one in elements if one))}
    return np.asarray([place.get(one, -1) for one in elements], np.int64)


def diagram_of(version: Version) -> Diagram:
    """A draft as it is, a published version from memory."""
    return read_diagram(version.xml) if version.state == State.DRAFT else _kept_diagram(version.pk)


@lru_cache(maxsize=200)
def _kept_diagram(version: int) -> Diagram:
    return read_diagram(Version.objects.get(pk=version).xml)


def _game(version: Version, log: Log, diagram: Diagram) -> Game:
    fresh = game_of(log, diagram)
    return fresh if version.state == State.DRAFT else _kept_game(version.pk, fresh.told)


@lru_cache(maxsize=50)
def _kept_game(version: int, told: frozenset[str]) -> Game:
    return Game(_kept_diagram(version), told=told)


def forget() -> None:
    """Tests whose database begins again begin again here."""
    _kept_diagram.cache_clear()
    _kept_game.cache_clear()
    forget_logs()


def by_group(study: Study, by: By, *, actor: Actor, at: datetime) -> tuple[Figure, ...]:
    """The figures of each role, person, month (of the end of the step) or kept segment of accounts instead of each step. An
    account may be in several segments."""
    log, found = study.log, study.mined
    if by == "segment":
        return _by_segment(study, actor=actor, at=at)
    if by == "person":
        keys, key_of = grouped({n: name for n, name in enumerate(log.people) if name}, log.who)
    elif by == "role" and found is not None:
        keys, key_of = grouped({n: name for n, name in enumerate(found.roles) if name}, found.role)
    elif by == "month":
        quarters, quarter = np.unique(log.done_us // QUARTER_US, return_inverse=True)
        months, month = coded([_month(one * QUARTER_US) for one in quarters.tolist()])
        keys, key_of = grouped(dict(enumerate(months)), month[quarter])
    else:
        return tuple(study.steps.values())
    return figures(log, keys=keys, key_of=key_of, again=rework_of(log, study.diagram, done_again(log)))


def _by_segment(study: Study, *, actor: Actor, at: datetime) -> tuple[Figure, ...]:
    log = study.log
    account, again = log.account[log.case], rework_of(log, study.diagram, done_again(log))
    told: list[Figure] = []
    for segment in segments_of("account").order_by("title")[:MOST_SEGMENTS]:
        try:
            ids = members(segment=segment, actor=actor, as_of=timezone.localdate(at)).ids
        except QuestionError:
            continue  # its rule no longer fits what is known; the page of segments says so
        inside = np.where(np.isin(account, ids), 0, -1)
        told += figures(log, keys=(segment.title,), key_of=inside, again=again)
    return tuple(told)


def _month(us: int) -> str:
    return timezone.localtime(
        datetime.fromtimestamp(us / 1_000_000, tz=timezone.get_default_timezone())
    ).strftime("%Y-%m")


def compared_versions(
    process: Process, *, before: int, after: int, wanted: Wanted, actor: Actor, at: datetime
) -> tuple[tuple[Compared, ...], tuple[int, int]]:
    """The measures of two versions, and how many cases each has."""
    now = round(at.timestamp() * 1_000_000)
    found = []
    for number in (before, after):
        diagram = diagram_of(version_of(process, number))
        asked = Wanted(since=wanted.since, until=wanted.until, version=number, segment=wanted.segment)
        one = mined(process, asked, actor=actor, at=at)
        again = rework_of(one.log, diagram, done_again(one.log))
        found.append(cases_of(one.log, deviated=one.deviated, again=again, now_us=now))
    return compared(*found), (len(found[0].days), len(found[1].days))


def pools_of(found: Mined) -> Ints:
    """For each step whose people do it: its role's; where it has no role, those of the step itself."""
    nobody = np.asarray([not name for name in found.roles], np.bool_)
    own = nobody[found.role] if len(found.roles) else np.zeros(0, np.bool_)
    return np.where(own, len(found.roles) + found.log.activity, found.role)


def simulated(study: Study, change: Change) -> Tried:
    """What would change; ValidationError when too little was measured, or for a step that nobody did."""
    if study.mined is None:
        raise ValidationError(_("Only instances that ran here tell who works on what."))
    log = study.log
    calendar = calendar_for()

    def between(begin: int, end: int) -> float:
        first, last = (
            datetime.fromtimestamp(us / 1_000_000, tz=timezone.get_default_timezone()) for us in (begin, end)
        )
        return service_time_between(calendar=calendar, start=first, end=last).total_seconds()

    measured = measured_of(log, role=pools_of(study.mined), between=between)
    if len(measured.cases) < 2 or not measured.gaps:
        raise ValidationError(_("At least two instances must have ended, with steps that people did."))
    if change.step and change.step not in measured.pool_of:
        raise ValidationError({"step": _("Nobody has done this step in this period.")})
    return tried(measured, change)
