"""The advice on an experiment in words, in the reader's language: what to do, and why, with the numbers."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui import formats
from bihuan.understand.experiments.models import Experiment, Method, State
from bihuan.understand.experiments.queries.found import Found, MetricFound
from bihuan.understand.experiments.rules import LEVEL
from bihuan.understand.stats.multiple import level_of_each

SHARES = ("conversion", "retention")


def written(value: float | None, *, kind: str, sign: bool = False) -> str:
    """A metric's value, shares in per cent; with `sign` a difference, of shares in points."""
    if value is None:
        return formats.NOTHING
    size = abs(value) if sign else value
    if kind in SHARES:
        text = _("%(n)s points") % {"n": formats.number(100 * size, 1)} if sign else formats.percent(size, 1)
    else:
        text = formats.number(size, 0 if size >= 1000 else 2)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}" if sign else text


def headline(experiment: Experiment, found: Found) -> str:
    """What to do, in one sentence."""
    advice = found.advice
    if experiment.state == State.STOPPED:
        words = {"name": experiment.chosen or experiment.control}
        return _("It is over; everybody gets “%(name)s”.") % words
    if advice.action == "repair":
        return _("Do not read the result: the assignment is broken.")
    if advice.action == "ship":
        return _("Give everybody “%(name)s”.") % {"name": advice.variant}
    if advice.action == "stop":
        return _("Stop it and keep “%(name)s”.") % {"name": experiment.control}
    more = advice.more or 0
    text = ngettext(
        "Keep it running until %(n)s more unit has come.", "Keep it running until %(n)s more units have come.", more
    )  # fmt: skip
    return text % {"n": formats.number(more)}


def reasons(experiment: Experiment, found: Found) -> list[str]:
    """Why, a sentence for each thing that matters; the first is the reason of the advice."""
    told = [_reason(experiment, found)]
    if found.days_more and experiment.state == State.RUNNING:
        text = ngettext(
            "At %(pace)s units a day, as until now, that takes about %(n)s day.",
            "At %(pace)s units a day, as until now, that takes about %(n)s days.", found.days_more,
        )  # fmt: skip
        pace = formats.number(found.a_day, 0 if found.a_day >= 10 else 1)
        told.append(text % {"pace": pace, "n": formats.number(found.days_more)})
    if not found.ratio_flagged and found.advice.why != "planned":
        primary = experiment.metrics[0]["name"]
        told += [_compared(row) for row in found.metrics if row.metric == primary and not row.is_control]
        told += _together(experiment)
        told += [
            _("The guard-rail holds: %(sentence)s") % {"sentence": _compared(row)}
            for row in found.metrics
            if row.role == "guard-rail"
            and (row.p is not None or row.chance is not None)
            and row.better is not False
        ]
    return told


def _together(experiment: Experiment) -> list[str]:
    """What is done about several variants, where there are."""
    count = len(experiment.weights) - 1
    if count < 2:
        return []
    words = {
        "n": formats.number(count),
        "bar": formats.percent(level_of_each(level=LEVEL, comparisons=count), 2),
    }
    if experiment.method == Method.BAYESIAN:
        return [_("Of %(n)s variants one looks better by chance more easily than of one: a chance decides from %(bar)s on, not "
                  "from 95%%, and the intervals hold together.") % words]  # fmt: skip
    return [_("Of %(n)s variants one looks better by chance more easily than of one: p is corrected for that (Holm), and the "
              "intervals hold together.") % words]  # fmt: skip


def _reason(experiment: Experiment, found: Found) -> str:
    advice = found.advice
    numbers: Mapping[str, Any] = found.answer.summary["verdicts"].get(advice.variant, {})
    words = {"name": advice.variant, "control": experiment.control, "metric": str(numbers.get("metric", "")),
             "planned": formats.number(experiment.planned), "units": formats.number(found.units)}  # fmt: skip
    if advice.why == "sample_ratio":
        return _broken(found)
    if advice.why == "too_few":
        words["least"] = formats.number(int(numbers.get("least", 0)))
        if int(numbers.get("units", 0)) < int(numbers.get("least", 0)):
            return (
                _(
                    "Fewer than %(least)s units have seen one of the variants; that is too few to say anything."
                )
                % words
            )
        return _("Nothing was counted that differs between units, so nothing can be compared.")
    if advice.why == "planned":
        return _("It has a fixed end at %(planned)s units and %(units)s have come. Who decides earlier takes chance for "
                 "effect; only “look at any time” allows that.") % words  # fmt: skip
    texts = {
        "better": _("“%(name)s” is better than “%(control)s” in “%(metric)s”, and no guard-rail is worse."),
        "worse": _("“%(name)s” is worse than “%(control)s” in “%(metric)s”."),
        "guard_rail": _("The guard-rail “%(metric)s” is worse with “%(name)s”; whatever it gains elsewhere, it costs that."),
        "too_small_to_matter": _("Whatever “%(name)s” changes in “%(metric)s” is smaller than what would matter."),
        "none_better": _("None of the variants is better than “%(control)s”."),
    }  # fmt: skip
    if advice.why in texts:
        return texts[advice.why] % words
    if advice.action == "wait":
        return _("“%(metric)s” cannot be told apart yet: the interval holds better and worse.") % words
    told = _("All planned units have come and “%(metric)s” still cannot be told apart.") % words
    if advice.would_take:
        words["n"] = formats.number(_rounded(advice.would_take))
        told = _("%(told)s To tell the effect that matters, a new one would take about %(n)s units.") % {
            "told": told, **words}  # fmt: skip
    return told


def _broken(found: Found) -> str:
    """How units are spread against how they should be, and where to look."""
    farthest = max(found.variants, key=lambda v: abs(v.units - v.expected))
    return _("“%(name)s” was seen by %(units)s units where %(expected)s were to be expected; by chance alone that happens with "
             "p %(p)s. Look for a variant that does not tell its exposure, for a redirect, for robots; then stop this one and "
             "start a new one.") % {
        "name": farthest.name, "units": formats.number(farthest.units), "expected": formats.number(round(farthest.expected)),
        "p": p_text(found.ratio_p),
    }  # fmt: skip


def _compared(row: MetricFound) -> str:
    """One variant's metric against the control: values are on the page, the difference and how sure it is are said."""
    words = {
        "name": row.variant, "metric": row.metric, "value": written(row.value, kind=row.kind),
        "difference": written(row.difference, kind=row.kind, sign=True),
        "low": written(row.low, kind=row.kind, sign=True), "high": written(row.high, kind=row.kind, sign=True),
    }  # fmt: skip
    if row.chance is not None:
        words["chance"] = formats.percent(row.chance, 1)
        return _("“%(metric)s” with “%(name)s” is %(value)s, a difference of %(difference)s (95 %%: %(low)s to %(high)s); the "
                 "chance that it is better is %(chance)s.") % words  # fmt: skip
    if row.p is None:
        return _("“%(metric)s” with “%(name)s” is %(value)s; there is too little to compare it.") % words
    words["p"] = p_text(row.p)
    return _("“%(metric)s” with “%(name)s” is %(value)s, a difference of %(difference)s (95 %%: %(low)s to %(high)s), "
             "p %(p)s.") % words  # fmt: skip


def p_text(p: float) -> str:
    """A p-value after the letter: = and three places, or that it is smaller."""
    return "< 0.001" if p < 0.001 else f"= {formats.number(p, 3)}"


def _rounded(units: int) -> int:
    """Two figures are all that such an estimate has."""
    step: int = 10 ** max(len(str(units)) - 2, 0)
    return ceil(units / step) * step
