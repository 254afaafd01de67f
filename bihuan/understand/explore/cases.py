"""The steps of cases themselves, for whoever lays them along a diagram: what the process question counts, before it counts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.capture.store import StoreError
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.kinds import KINDS, EventKind
from bihuan.understand.engine.process import ProcessQuestion, measured, steps_of
from bihuan.understand.engine.scope import Reach, chosen, in_scope, unit_of
from bihuan.understand.explore.event_kinds import Beside, ask_store
from bihuan.understand.explore.reach import reach_of

MOST_STEPS = 2_000_000
_PROCESS = next(kind for kind in KINDS if kind.name == "process")


def steps_of_cases(
    *, question: Mapping[str, Any], actor: Actor, at: datetime
) -> tuple[ProcessQuestion, pa.Table]:
    """The question read, and one row a step in the order of its case: case, activity, us (microseconds since 1970), account
    (null for none), and seconds `waiting` and `service` (null where nobody knows; waiting since the step before).

    QuestionError for a wrong question, and for more than MOST_STEPS steps."""
    today = timezone.localdate(at)
    asked = _PROCESS.read(question, today=today)
    if asked.listed is not None or asked.by is not None:
        raise QuestionError("question", "ask for the steps of all cases: without list and by")
    reach = reach_of(actor=actor, segment=asked.scope.segment, day=min(asked.scope.last, today))
    tables = {f"reach_{column}": table for column, table in reach.items()}
    tables |= asked.beside(zone=settings.TIME_ZONE)
    try:
        found = ask_store(_STEPS, asked, Beside(reach=reach, trait=None, tables=tables))
    except StoreError as error:
        raise QuestionError("question", f"the events cannot be read at the moment: {error}") from error
    rows = found.rows["rows"]
    if rows.num_rows > MOST_STEPS:
        raise QuestionError("period", f"it holds more than {MOST_STEPS:,} steps; ask for a shorter one")
    return asked, rows


def _plans(
    q: ProcessQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.events, internal_source=internal_source, field="events.where"))
    steps = steps_of(q, t, traits=None)
    within = ibis.window(group_by="case", order_by="pos")
    known = measured(q)
    waiting = steps.waiting if known else steps.us - steps.us.lag().over(within)
    service = steps.service if known else ibis.null("int64")
    steps = steps.select(
        "case", "activity", "us", "pos", waiting=_seconds(waiting), service=_seconds(service)
    )
    whose = t.select(owned=unit_of(t, q.scope.unit), account=t.account_id)
    owners = whose.group_by("owned").aggregate(account=whose.account.max())
    found = steps.left_join(owners, steps.case == owners.owned)
    found = found.select("case", "activity", "us", "pos", "waiting", "service", "account")
    return {"rows": found.order_by("case", "pos").limit(MOST_STEPS + 1)}


def _seconds(us: ir.Value) -> ir.Value:
    return us.cast("float64") / 1_000_000


_STEPS: EventKind = replace(_PROCESS, name="process_steps", plans=_plans)
