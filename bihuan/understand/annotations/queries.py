"""What happened in a period, as marks of a chart and as lines of a file."""

from dataclasses import replace
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import pgettext

from bihuan.base.access import Actor
from bihuan.base.ui.charts import Chart, Mark, marked
from bihuan.understand.annotations.models import Annotation

#: More lines than this on one chart hide what they stand on.
MOST_MARKS = 40


def marks_between(*, first: date, last: date, actor: Actor) -> tuple[list[Mark], int]:
    """(the newest MOST_MARKS, the earliest of them first, how many older ones there are); none for an actor who may not read
    annotations."""
    if not actor.may("annotations.view"):
        return [], 0
    found = Annotation.objects.kept().between(first, last)
    rows = list(found.select_related("product").order_by("-first_on", "-pk")[:MOST_MARKS])
    older = found.count() - MOST_MARKS if len(rows) == MOST_MARKS else 0
    return [_mark(row, may_edit=actor.may("annotations.edit")) for row in reversed(rows)], older


def _mark(row: Annotation, *, may_edit: bool) -> Mark:
    about = pgettext("annotation", "%(title)s (%(product)s)")
    label = about % {"title": row.title, "product": row.product} if row.product else row.title
    return Mark(
        first=row.first_on, last=row.ends, label=label, kind=str(Annotation.Kind(row.kind).label),
        url=reverse("annotations:edit", args=[row.pk]) if may_edit else "",
    )  # fmt: skip


def annotated(chart: Chart, *, actor: Actor) -> Chart:
    """The chart with what happened on its days and, for who may, where to write down more; one without an axis of time
    stays as it was."""
    if chart.axis is None:
        return chart
    found, older = marks_between(
        first=chart.axis.days[0], last=chart.axis.until - timedelta(days=1), actor=actor
    )
    add = reverse("annotations:new") if actor.may("annotations.edit") else ""
    return replace(
        marked(chart, found), add_mark=add, more_marks=older, all_marks=reverse("annotations:list")
    )
