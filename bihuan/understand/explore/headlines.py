"""The title of an answer, and the numbers of its summary that are worth reading first."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.explore.names import field_name
from bihuan.understand.explore.words import colon, headline_title, hours, kind_title
from bihuan.understand.explore.words_of_units import span
from bihuan.understand.explore.written import SECONDS, duration, written

MOST = 7
NOT_FIRST = ("series", "buckets", "p25_seconds", "p75_seconds")
SHARES = ("rate", "stickiness", "day_", "week_", "month_", "share", "S(", "gross_", "net_", "renewal_")
EXACT = ("auc", "silhouette", "concordance")
#: What is worth reading first, where the summary holds more than that.
FIRST = {
    "survival": ("units", "events", "median", "log_rank_p", "concordance"),
    "tree": ("units", "did", "rate", "auc"),
    "cluster": ("units", "clusters", "silhouette", "noise"),
    "segment": ("size", "of", "share", "first", "change", "size_a", "size_b", "in_both"),
    "tickets": ("tickets", "solved", "escalated", "resolution_mean", "resolution_p50", "first_response_mean",
                "satisfaction_mean"),
    "experiment": ("sample_ratio_p",),
    "process": ("cases", "variants", "directly_follows", "rework_cases", "duration_p50_days", "working_p50_hours",
                "waiting_p50_hours", "service_p50_hours"),
    "revenue": ("mrr", "arr", "accounts", "paying_accounts", "share_of_top_fifth", "accounts_for_80_percent", "net_retention",
                "gross_retention", "renewal_rate", "ltv"),
}  # fmt: skip
MONEY = {"revenue": ("mrr", "arr", "ltv")}
EVENTS_IN = ("event", "events", "steps", "series", "start", "activity", "from", "to", "touch", "conversion")
#: The field that says what a kind that is not about events is about.
ABOUT = {
    "tree": "did",
    "segment": "segment",
    "experiment": "experiment",
    "revenue": "",
    "tickets": "",
    "health": "",
    "warning": "",
    "plan": "",
}


def title_of(answer: Answer) -> str:
    """The kind, and the events, fields or rule that it is about."""
    if answer.kind == "attribution":
        touches, conversion = (events_in(answer.question.get(field)) for field in ("touch", "conversion"))
        shown = f"{formats.listed(touches)} → {formats.listed(conversion)}"
    else:
        names = _about(answer)
        arrow = " → " if answer.kind in ("funnel", "path") else formats.listed(["", ""])
        shown = arrow.join(names[:4]) + ("…" if len(names) > 4 else "")
    return f"{kind_title(answer.kind)}{colon()}{shown}" if shown else kind_title(answer.kind)


def _about(answer: Answer) -> list[str]:
    asked = answer.question
    if answer.kind == "cluster":
        named = asked.get("measures")
        return (
            [field_name(name) for name in named if isinstance(name, str)] if isinstance(named, list) else []
        )
    if answer.kind in ABOUT:
        said = asked.get(ABOUT[answer.kind])
        return [str(said)] if said else []
    if answer.kind == "survival":  # its moments are events only where they are named so
        given = [asked[field] for field in ("start", "end") if isinstance(asked.get(field), Mapping)]
    else:
        given = [asked.get(field) for field in EVENTS_IN]
    return list(dict.fromkeys(name for value in given for name in events_in(value)))


def events_in(value: Any) -> list[str]:
    """The names of events that a value of a question holds, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return events_in(value.get("events", value.get("event")))
    return [name for one in value for name in events_in(one)] if isinstance(value, list) else []


def headlines_of(answer: Answer) -> list[tuple[str, str, str]]:
    """(title, number, its name in the summary) of what is worth reading first."""
    found = []
    for name, value in _first(answer):
        if name.startswith(("day_", "week_", "month_")) and not name.endswith("_1"):
            continue
        text = said_with_unit(name, value, kind=answer.kind, columns=answer.columns, short=True)
        found.append((_title(name, answer), text, name))
    return found[:MOST]


def said_with_unit(
    name: str, value: Any, *, kind: str, columns: Iterable[AnswerColumn], short: bool = False
) -> str:
    """A number of a summary with its unit or currency: that of the column of its name, else what its name says."""
    known = {column.name: column for column in columns}
    column = known.get(name)
    if column is not None and column.unit in SECONDS:
        return written(value, type=column.type, unit=column.unit)
    if (column is not None and column.type == "money") or name in MONEY.get(kind, ()):
        currency = next((one.unit for one in known.values() if one.type == "money"), "")
        return formats.money(value, currency, short=short)
    return headline(name, value)


def _first(answer: Answer) -> list[tuple[str, Any]]:
    """The numbers that are there; of a kind that names its first ones those alone."""
    told = {name: value for name, value in answer.summary.items() if _is_number(value)}
    if answer.question.get("list") is not None:
        return list(told.items())
    if first := FIRST.get(answer.kind):
        names = dict.fromkeys((*first, *(name for name in told if name.startswith("S("))))
        return [(name, told[name]) for name in names if name in told and (told[name] or name != "noise")]
    return [
        (name, value)
        for name, value in told.items()
        if not name.startswith("step_") and name not in NOT_FIRST
    ]


def _title(name: str, answer: Answer) -> str:
    if name.startswith("S("):
        time = span(float(name[2:-1]), answer.question.get("every", "month"))
        return _("Still there after %(time)s") % {"time": time}
    return headline_title(name, kind=answer.kind)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and value == value


def headline(name: str, value: Any) -> str:
    """A headline number in words."""
    if name in EXACT:
        return f"{value:.2f}"
    if name.endswith("_p"):
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    if name.endswith("_seconds"):
        return duration(value)
    if name.startswith(SHARES):
        return formats.percent(value, 1)
    if name.endswith("_hours"):
        return hours(value)
    if name.endswith("_days"):
        return duration(value * SECONDS["d"])
    return formats.number(value, 0 if round(float(value), 6).is_integer() else 1)
