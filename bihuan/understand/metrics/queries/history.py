"""The values of one metric in a period and in those of the same length before it."""

from datetime import datetime

from bihuan.base.access import Actor
from bihuan.understand.metrics.queries.known import known_metrics
from bihuan.understand.metrics.queries.valued import Period, Valued, values_in


def history_of(
    *, metric: str, period: Period, periods: int, actor: Actor, at: datetime
) -> list[tuple[Period, Valued]]:
    """The earliest period first, the given one last; within the actor's territory."""
    known, spans = known_metrics(), [period]
    while len(spans) < periods:
        spans.append(spans[-1].before)
    return [
        (span, values_in(keys=[metric], metrics=known, period=span, actor=actor, at=at)[metric])
        for span in reversed(spans)
    ]
