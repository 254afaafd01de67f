"""Mining in words: spans, differences, what a comparison says."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Diagram
from bihuan.act.mining.rules.comparing import Compared
from bihuan.act.mining.rules.conformance import Difference
from bihuan.base.ui.formats import number, percent
from bihuan.base.ui.nav import Text

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MEASURES: Mapping[str, Text] = {
    "days_p50": gettext_lazy("Half of the cases end within"),
    "days_p90": gettext_lazy("Nine of ten cases end within"),
    "late": gettext_lazy("Cases with a step that was late"),
    "rework": gettext_lazy("Cases with rework"),
    "deviations": gettext_lazy("Cases with a deviation"),
}
VERDICTS: Mapping[str, Text] = {
    "yes": pgettext_lazy("comparison", "Better"), "no": pgettext_lazy("comparison", "Worse"),
    "unsure": gettext_lazy("Cannot be told yet"),
}  # fmt: skip
VERDICT_KINDS = {"yes": "ok", "no": "bad", "unsure": "quiet"}


def span(seconds: float | None, *, elapsed: bool = False) -> str:
    """40 s, 25 min, 3.5 h; days only of `elapsed` time, since a working day has fewer hours."""
    if seconds is None:
        return "–"
    if seconds < 1.5 * MINUTE:
        return _("%(n)s s") % {"n": number(seconds)}
    if seconds < 1.5 * HOUR:
        return _("%(n)s min") % {"n": number(seconds / MINUTE)}
    if elapsed and seconds >= 2 * DAY:
        return _("%(n)s d") % {"n": number(seconds / DAY, 1)}
    hours = seconds / HOUR
    return _("%(n)s h") % {"n": number(hours, 0 if hours >= 100 else 1)}


def step_name(diagram: Diagram, element: str) -> str:
    """What people call an element; what the diagram does not have is called as the log calls it."""
    node = diagram.nodes.get(element)
    return node.named(get_language() or "") if node else element


def difference_text(diagram: Diagram, one: Difference) -> str:
    """One line of what is not as drawn."""
    step = step_name(diagram, one.step)
    if one.kind == "left_out":
        return _("left out: %(step)s") % {"step": step}
    if one.known:
        return _("done where it is not drawn: %(step)s") % {"step": step}
    return _("not in the diagram: %(step)s") % {"step": step}


def differences_text(diagram: Diagram, found: Iterable[Difference]) -> str:
    """All of a case, in the order of the case."""
    return pgettext("clauses", "; ").join(difference_text(diagram, one) for one in found)


def value_text(row: Compared, value: float | None) -> str:
    """Days or a share, as the reader writes it."""
    if value is None:
        return "–"
    return percent(value, 1) if row.unit == "share" else _("%(n)s d") % {"n": number(value, 1)}


def change_text(row: Compared, value: float | None) -> str:
    """A difference with its sign; shares in percentage points."""
    if value is None:
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    if row.unit == "share":
        return _("%(n)s points") % {"n": f"{sign}{number(100 * size, 1)}"}
    return _("%(n)s d") % {"n": f"{sign}{number(size, 1)}"}
