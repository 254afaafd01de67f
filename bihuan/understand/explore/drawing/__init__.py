"""An answer as pictures: a chart or two a kind, built here and coloured by the theme in the browser."""

from collections.abc import Callable
from datetime import date

from bihuan.base.ui.charts import Chart
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.drawing import compared, flows, groups, lives, money, shares, steps, times
from bihuan.understand.explore.drawing.narrow import fitted

Behind = Callable[[int, str], str]
Draw = Callable[..., list[Chart]]
DRAWN: dict[str, Draw] = {
    "trend": times.trend,
    "lifecycle": times.lifecycle,
    "funnel": steps.funnel,
    "retention": steps.retention,
    "stickiness": shares.stickiness,
    "attribution": shares.attribution,
    "process": flows.process,
    "path": flows.path,
    "survival": lives.survival,
    "tree": groups.tree,
    "cluster": groups.cluster,
    "segment": compared.segment,
    "experiment": compared.experiment,
    "revenue": money.revenue,
    "tickets": money.tickets,
    "health": money.health,
}


def charts_of(answer: Answer, *, today: date, behind: Behind = lambda place, column: "") -> list[Chart]:
    """The charts of an answer; none for one that is a table.

    `behind` tells of a row's place and a column who is behind the number there; a mark keeps it under that name.
    """
    draw = DRAWN.get(answer.kind)
    if draw is None or not answer.rows or "list" in answer.question:
        return []
    return [fitted(one) for one in draw(answer, today=today, behind=behind)]
