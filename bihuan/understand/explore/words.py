"""What kinds, fields, choices, columns and headline numbers of questions are called on pages.

A name that is not here is shown as it is: a kind or a column of a room above reads like its own YAML.
"""

from typing import Any

from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import formats
from bihuan.base.ui.nav import Text
from bihuan.understand.explore import words_of_units

KINDS: dict[str, tuple[Text, str]] = {
    "trend": (_("Trend"), "chart-line"),
    "funnel": (_("Funnel"), "filter"),
    "retention": (_("Retention"), "refresh"),
    "lifecycle": (_("Life cycle"), "arrow-up-right"),
    "stickiness": (_("Stickiness"), "calendar"),
    "path": (_("Path"), "route"),
    "process": (_("Process"), "sitemap"),
    "attribution": (_("Attribution"), "target"),
    "segment": (_("Segment"), "users-group"),
    "cluster": (_("Clusters"), "circle-dashed"),
    "tree": (_("Decision tree"), "hierarchy"),
    "survival": (_("Survival"), "trending-down"),
    "experiment": (_("Experiment"), "flask"),
    "revenue": (_("Revenue"), "coin"),
    "tickets": (_("Tickets"), "ticket"),
    "health": (_("Health"), "heartbeat"),
    "warning": (_("Early warning"), "activity"),
    "plan": (_("Weekly plan"), "calendar-due"),
}
FIELDS: dict[str, Text] = {
    "series": _("What is measured"),
    "steps": _("Steps"),
    "exclude": _("Not in between"),
    "events": _("Events"),
    "event": _("Event"),
    "measure": _("Measure"),
    "label": _("Label"),
    "after": _("After step"),
    "before": _("Before step"),
    "formula": _("Formula"),
    "per": pgettext_lazy("question", "Per"),
    "every": pgettext_lazy("question", "Every"),
    "by": _("Breakdown"),
    "by_step": _("Breakdown from step"),
    "cumulative": _("Running total"),
    "smooth": _("Moving average"),
    "compare": _("Compare with"),
    "unit": _("Counted by"),
    "period": _("Period"),
    "where": _("Only events where"),
    "segment": _("Only accounts where"),
    "within": _("Window"),
    "order": _("Order"),
    "reentry": _("Re-entry"),
    "hold": _("Same value in all steps"),
    "start": pgettext_lazy("retention", "Start"),
    "return": _("Return"),
    "activity": _("Activity"),
    "periods": _("Periods"),
    "returned": _("Counts as returned"),
    "clock": _("Clock"),
    "cohorts": _("Cohorts"),
    "from": pgettext_lazy("path", "From"),
    "to": pgettext_lazy("path", "To"),
    "repeats": _("Repetitions"),
    "top": _("How many"),
    "show": _("Show"),
    "transition": _("Start and completion"),
    "calendar": _("Working calendar"),
    "touch": _("Touches"),
    "conversion": pgettext_lazy("event", "Conversion"),
    "model": _("Model"),
    "half_life": _("Half-life"),
    "value": _("Amount"),
    "as_of": _("As of"),
    "currency": _("Currency"),
} | words_of_units.FIELDS
#: (field, value) → what a choice is called; "" is what holds when nothing is chosen.
CHOICES: dict[tuple[str, str], Text] = {
    ("every", "hour"): _("hour"),
    ("every", "day"): _("day"),
    ("every", "week"): _("week"),
    ("every", "month"): _("month"),
    ("every", "all"): _("whole period"),
    ("per", "account"): _("account"),
    ("per", "person"): _("person"),
    ("compare", "previous"): _("the period before"),
    ("compare", "year"): _("a year earlier"),
    ("order", "ordered"): _("in order, others in between"),
    ("order", "strict"): _("one right after the other"),
    ("order", "any"): _("in any order"),
    ("reentry", "optimised"): _("best attempt"),
    ("reentry", "first"): _("first attempt"),
    ("returned", "on"): _("in that period"),
    ("returned", "on_or_after"): _("in it or later"),
    ("clock", "rolling"): _("rolling, from the start"),
    ("clock", "calendar"): _("calendar"),
    ("cohorts", "first"): _("by first start ever"),
    ("cohorts", "recurring"): _("again at every start"),
    ("repeats", "collapse"): _("as one step"),
    ("repeats", "keep"): _("each as a step"),
    ("show", "variants"): _("variants"),
    ("show", "follows"): _("what follows what"),
    ("show", "activities"): _("activities"),
    ("show", "cases"): _("headline numbers"),
    ("model", "last"): _("last touch"),
    ("model", "first"): _("first touch"),
    ("model", "linear"): _("equal parts"),
    ("model", "decay"): _("decay"),
    ("model", "position"): _("by position"),
    ("unit", "person"): _("person"),
    ("unit", "account"): _("account"),
    ("by", "event"): _("event"),
    ("by", "account"): _("account"),
    ("by", "person"): _("person"),
    ("by", "product"): _("product"),
    ("by", "source"): _("source"),
    ("by", "account.tier"): _("tier of the account"),
    ("by", "account.stage"): _("stage of the account"),
    ("by", "account.industry"): _("industry of the account"),
    ("by", "account.region"): _("region of the account"),
    ("by", "account.country"): _("country of the account"),
    ("by", "account.city"): _("city of the account"),
    ("by", "person.title"): _("title of the person"),
    ("measure", "count"): _("number of events"),
    ("measure", "people"): _("different people"),
    ("measure", "accounts"): _("different accounts"),
    ("measure", "sum"): _("sum of a property"),
    ("measure", "avg"): _("mean of a property"),
    ("measure", "min"): _("least of a property"),
    ("measure", "max"): _("most of a property"),
    ("measure", "p50"): _("median of a property"),
    ("measure", "p90"): _("p90 of a property"),
    ("measure", "p95"): _("p95 of a property"),
} | words_of_units.CHOICES
COLUMNS: dict[str, Text] = {
    **words_of_units.COLUMNS,
    "hour": _("Hour"), "day": _("Day"), "week": _("Week from"), "month": _("Month from"), "period": _("Period"),
    "days": _("Active days"), "weeks": _("Active weeks"), "months": _("Active months"),
    "series": _("Series"), "event": _("Event"), "account": _("Account"), "person": _("Person"),
    "product": _("Product"), "source": pgettext_lazy("column", "Source"), "count": pgettext_lazy("number", "Events"),
    "people": pgettext_lazy("number", "People"), "accounts": pgettext_lazy("number", "Accounts"),
    "before": pgettext_lazy("column", "Before"), "change": pgettext_lazy("column", "Change"),
    "value": pgettext_lazy("column", "Value"), "formula": _("Formula"),
    "step": _("Step"), "title": pgettext_lazy("step", "Title"), "units": _("Units"), "of_first": _("Of the first"),
    "of_previous": _("Of the one before"), "dropped": _("Dropped"), "mean": _("Mean"), "p25": "p25", "p50": "p50",
    "p75": "p75", "p90": "p90", "entered": _("Entered"), "converted": _("Converted"), "rate": _("Rate"),
    "state": _("State"), "reached": _("Reached step"), "start": _("Start"), "cohort": _("Cohort"), "size": _("Size"),
    "active": pgettext_lazy("column", "Active"), "new": pgettext_lazy("column", "New"), "returning": _("Returning"),
    "resurrected": _("Resurrected"), "dormant": _("Dormant"), "share": _("Share"), "units_or_more": _("So many or more"),
    "share_or_more": _("Share of these"), "target": _("then"), "variant": _("Variant"), "cases": _("Cases"),
    "events": pgettext_lazy("number", "Events"), "activity": _("Activity"), "then": _("then"), "frequency": _("Frequency"),
    "times": _("Times"), "duration_days": _("Duration"), "working_mean": _("Mean working time"),
    "working_p50": _("Median working time"), "waiting_mean": _("Mean waiting"), "waiting_p50": _("Median waiting"),
    "service_mean": _("Mean service time"), "service_p50": _("Median service time"), "rework_cases": _("Cases with rework"),
    "rework_events": _("Rework"), "starts": _("First"), "ends": _("Last"),
    "variants": _("Variants"), "length_mean": _("Mean length"), "duration_mean_days": _("Mean duration"),
    "duration_p50_days": _("Median duration"), "duration_p90_days": _("Duration p90"), "touches": _("Touches"),
    "conversions": _("Conversions"), "account_key": _("Account key"), "subscriptions": _("Lines"), "mrr": _("MRR"),
    "cohorts": _("Cohorts"), "until": _("Up to"), "again": _("More than once"), "currency": _("Currency"), "lines": _("Lines"),
    "health": _("Health"), "band": _("Band"), "coverage": _("Coverage of the score"), "change_30d": _("30 d"),
    "risk": _("Risk"), "place": _("Place"),
}  # fmt: skip
HEADLINES: dict[str, Text] = {
    "total": _("Total"), "rate": _("Conversion"), "mean_seconds": _("Mean time"), "p50_seconds": _("Median time"),
    "p25_seconds": _("Time p25"), "p75_seconds": _("Time p75"), "p90_seconds": _("Time p90"), "cohorts": _("Cohorts"),
    "stickiness": _("Stickiness"), "last_active": _("Active at last"),
    "last_new": _("New at last"), "last_returning": _("Returning at last"), "last_resurrected": _("Resurrected at last"),
    "last_dormant": _("Dormant at last"), "links": _("Links"), "attributed": _("Attributed"),
    "value_attributed": _("Amount attributed"), "arr": _("ARR"), "activities": _("Activities"),
    "working_mean_hours": _("Mean working time"), "working_p50_hours": _("Median working time"),
    "waiting_mean_hours": _("Mean waiting a case"), "waiting_p50_hours": _("Median waiting a case"),
    "service_mean_hours": _("Mean service time a case"), "service_p50_hours": _("Median service time a case"),
    "directly_follows": _("Directly-follows"), "pairs": _("Different pairs"), "length_max": _("Longest case"),
    "duration_max_days": _("Longest duration"), "green": _("healthy"), "amber": _("watch"), "red": _("endangered"),
    "unknown": _("unknown"), "day_1": _("Day 1"), "week_1": _("Week 1"), "month_1": _("Month 1"), "currency": _("Currency"),
} | words_of_units.HEADLINES  # fmt: skip
VALUES: dict[str, Text] = {
    "complete": _("complete"), "incomplete": _("incomplete"), "(end)": _("(end)"), "(begin)": _("(begin)"),
    "all": _("whole period"), "green": _("healthy"), "amber": _("watch"), "red": _("endangered"), "unknown": _("unknown"),
}  # fmt: skip


def kind_title(name: str) -> str:
    """Trend, funnel, …"""
    return str(KINDS[name][0]) if name in KINDS else name


def field_title(name: str, *, kind: str = "") -> str:
    """What a field of a question is called; of a part of one, such as steps[2].where, with its place."""
    whole = name.partition(".")[0].partition("[")[0]
    title = words_of_units.FIELDS_OF.get((kind, whole)) or FIELDS.get(whole)
    return f"{title}{name.removeprefix(whole)}" if title else name


def choice_title(field: str, value: str) -> str:
    """What a choice is called."""
    return str(CHOICES.get((field, value), value))


def column_title(name: str, *, kind: str = "") -> str:
    """What a column of an answer is called; a breakdown reads like its choice."""
    if title := words_of_units.COLUMNS_OF.get((kind, name)) or COLUMNS.get(name):
        return str(title)
    return str(CHOICES.get(("by", name), name.removeprefix("props.")))


def headline_title(name: str, *, kind: str = "") -> str:
    """What a headline number is called."""
    own = (kind, name) in words_of_units.COLUMNS_OF
    return str(HEADLINES[name]) if name in HEADLINES and not own else column_title(name, kind=kind)


def hours(value: float) -> str:
    """Working time, which has no days: 25 min, 3.5 h."""
    if abs(value) < 1.5:
        return gettext("%(n)s min") % {"n": formats.number(60 * value)}
    return gettext("%(n)s h") % {"n": formats.number(value, 1)}


def colon() -> str:
    """What stands between a title and what it is about."""
    return pgettext("punctuation", ": ")


def value_title(value: Any, *, column: str = "") -> Any:
    """Words of the engine in cells, in the reader's language; anything else as it is."""
    if not isinstance(value, str):
        return value
    word = words_of_units.VALUES.get((column, value)) or VALUES.get(value)
    return str(word) if word is not None else value
