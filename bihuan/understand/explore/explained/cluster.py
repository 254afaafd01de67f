"""Who is alike, in sentences: what sets each cluster apart, and how far the clusters are from one another."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer
from bihuan.understand.engine.cluster import FAR, NEAR
from bihuan.understand.explore.explained.common import Line, clauses, not_used, units_text
from bihuan.understand.explore.names import field_name, value_text

MOST_MARKS = 4
#: Silhouettes as Kaufman and Rousseeuw read them: "Finding Groups in Data" (1990), chapter 2.
CLEAR, WEAK = 0.5, 0.25


def explained(answer: Answer) -> list[Line]:
    """A line a cluster, then its quality and who belongs nowhere."""
    found, unit = answer.summary, answer.question.get("unit", "account")
    marks: dict[int, list[Sequence[Any]]] = {}
    for row in answer.rows:
        marks.setdefault(row[0], []).append(row)
    lines = [
        Line(head=_("Cluster %(n)s, %(units)s (%(share)s)") % {
            "n": one["cluster"], "units": units_text(one["units"], unit), "share": formats.percent(one["share"])},
            text=_apart(marks[one["cluster"]]))
        for one in found["described"]
    ]  # fmt: skip
    if found["noise"]:
        text = _("%(units)s are unlike any dense group (%(share)s).")
        numbers = {
            "units": units_text(found["noise"], unit),
            "share": formats.percent(found["noise"] / found["units"]),
        }
        lines.append(Line(text=text % numbers, head=_("Belong to none")))
    return [*lines, *_quality(found), *not_used(found["measures_left_out"])]


def _apart(marks: Sequence[Sequence[Any]]) -> str:
    """What it has much or little of, with both means and how many deviations lie between."""
    told = [row for row in marks if abs(row[6]) >= NEAR and row[4] is not None][:MOST_MARKS]
    return clauses(_mark(row) for row in told) or _("like the others in all that was chosen")


def _mark(row: Sequence[Any]) -> str:
    _n, _units, _share, measure, mean, others, gap, _missing = row
    text = (
        (_("%(name)s far above the others") if gap > 0 else _("%(name)s far below the others"))
        if abs(gap) >= FAR
        else (_("%(name)s above the others") if gap > 0 else _("%(name)s below the others"))
    ) % {"name": field_name(measure)}
    return _("%(what)s: %(mean)s against %(others)s (%(gap)s s.d.)") % {
        "what": text, "mean": value_text(measure, mean), "others": value_text(measure, others),
        "gap": formats.signed(f"{gap:+.1f}"),
    }  # fmt: skip


def _quality(found: Mapping[str, Any]) -> list[Line]:
    value = found["silhouette"]
    if value is None:
        return [Line(text=_("There is one group only: nothing sets some apart from the others."))]
    if value > CLEAR:
        text = _("The clusters lie well apart (silhouette %(value)s).")
    elif value > WEAK:
        text = _(
            "The clusters run into one another (silhouette %(value)s): a way to look at them, not kinds of their own."
        )
    else:
        text = _("Hardly any clusters (silhouette %(value)s): the borders are arbitrary.")
    return [Line(text=text % {"value": f"{value:.2f}"})]
