"""How long until it happens, in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.explained.common import Line, clauses, not_used, p_text, units_text
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words_of_units import span

MOST_HAZARDS = 10
SURE = 0.05


def explained(answer: Answer) -> list[Line]:
    """The median, the groups and whether they differ, what makes it sooner."""
    found, every = answer.summary, answer.question.get("every", "month")
    if not found["units"]:
        return []
    lines = [Line(text=_median(found, every))]
    if groups := found.get("groups"):
        unit, by = answer.question.get("unit", "account"), answer.question["by"]
        lines += [Line(text=_of_group(group, unit=unit, every=every), head=value_text(by, name))
                  for name, group in groups.items()]  # fmt: skip
        lines += _compared(found)
    return [*lines, *_hazards(found)]


def _median(found: Mapping[str, Any], every: str) -> str:
    if found["median"] is None:
        return _("Even at %(longest)s, the longest seen, it has happened to fewer than half.") % {
            "longest": span(found["longest"], every)
        }
    low, high = found["median_low"], found["median_high"]
    bounds = {"median": span(found["median"], every), "low": span(low, every) if low is not None else "",
              "high": span(high, every) if high is not None else ""}  # fmt: skip
    if low is None:
        return _("By %(median)s it has happened to half.") % bounds
    if high is None:
        return _("By %(median)s it has happened to half (95 %% interval: from %(low)s on).") % bounds
    return _("By %(median)s it has happened to half (95 %% interval: %(low)s to %(high)s).") % bounds


def _of_group(group: Mapping[str, Any], *, unit: str, every: str) -> str:
    parts = [
        units_text(group["units"], unit),
        _("it happened to %(n)s") % {"n": formats.number(group["events"])},
    ]
    if group["median"] is not None:
        parts.append(_("to half of them by %(median)s") % {"median": span(group["median"], every)})
    times = [
        (float(name[2:-1]), share)
        for name, share in group.items()
        if name.startswith("S(") and share is not None
    ]
    if times:
        time, share = times[-1]
        parts.append(
            _("%(share)s still there after %(time)s")
            % {"share": formats.percent(share), "time": span(time, every)}
        )
    return clauses(parts)


def _compared(found: Mapping[str, Any]) -> list[Line]:
    p = found["log_rank_p"]
    if p is None or p != p:
        return [Line(text=_("There is nothing to compare: one group only, or it has happened to nobody."))]
    if p < SURE:
        text = _("The groups differ: chance alone would rarely part them so far (log-rank, %(p)s).")
    else:
        text = _("That the groups differ is not shown: chance alone may part them so far (log-rank, %(p)s).")
    return [Line(text=text % {"p": p_text(p)})]


def _hazards(found: Mapping[str, Any]) -> list[Line]:
    if "hazards" not in found:
        return []
    if refused := found.get("hazards_refused"):
        return [Line(text=in_words(refused), head=_("No Cox model"))]
    sure = [one for one in found["hazards"] if one["p"] < SURE]
    lines = [Line(text=_hazard(one), head=feature_name(one)) for one in sure[:MOST_HAZARDS]]
    if others := [feature_name(one) for one in found["hazards"] if one["p"] >= SURE]:
        lines.append(Line(text=formats.listed(others[:MOST_HAZARDS]), head=_("No effect shown")))
    lines += not_used(found["hazards_left_out"])
    if (right := found["concordance"]) == right:
        text = _("Of two of whom one went first, the model names the right one in %(right)s (guessing: 50%%); on the same ones "
                 "that it was fitted to, which flatters it a little.")  # fmt: skip
        lines.append(Line(text=text % {"right": formats.percent(right)}))
    return lines


def feature_name(hazard: Mapping[str, Any]) -> str:
    """ "industry: retail", or the name of a number."""
    name, value = field_name(hazard["field"]), hazard["value"]
    if value is None:
        return name
    return f"{name} = {_('unknown') if value == '—' else value_text(hazard['field'], value)}"


def _hazard(one: Mapping[str, Any]) -> str:
    sooner, number = one["ratio"] > 1, one["value"] is None
    how = {
        (True, True): _("it happens sooner with each one more"),
        (False, True): _("it happens later with each one more"),
        (True, False): _("it happens sooner than with the most frequent value"),
        (False, False): _("it happens later than with the most frequent value"),
    }[sooner, number]
    return _("%(how)s, at %(ratio)s times the rate (%(low)s to %(high)s, %(p)s)") % {
        "how": how, "ratio": f"{one['ratio']:.2f}", "low": f"{one['low']:.2f}", "high": f"{one['high']:.2f}",
        "p": p_text(one["p"]),
    }  # fmt: skip
