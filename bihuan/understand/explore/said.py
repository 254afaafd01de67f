"""What the engine says in English — definitions, reasons, refusals — in the reader's language.

The engine knows no languages. Each text here is the English sentence with its varying parts named; a sentence is found by its
shape and said again. One that is not listed stays English.
"""

import re
from functools import cache

from django.utils.translation import get_language, gettext, gettext_noop

from bihuan.understand.explore import said_of_units
from bihuan.understand.explore.words import CHOICES, COLUMNS, column_title, field_title, value_title
from bihuan.understand.explore.words_of_units import VALUES

_ = gettext_noop
DEFINITIONS = (
    _("%(measure)s of all product events"),
    _("%(measure)s of %(events)s where %(rule)s"),
    _("%(first)s to %(last)s, inclusive days in %(zone)s"),
    _("weeks start on Monday"),
    _("an event without a person does not count"),
    _("an event without an account does not count"),
    _("per %(unit)s: divided by the different %(units)s of the bucket"),
    _("cumulative: running totals from the first day in each series of the formula"),
    _("cumulative: running totals from the first day"),
    _("formula %(formula)s; empty where a series is, and for a division by nought"),
    _("moving average of %(n)s buckets, this one and those before"),
    _("before: %(first)s to %(last)s, bucket by bucket"),
    _("segment %(rule)s; an event of nobody in it does not count"),
    _("segment %(rule)s; by account; unknown is not inside"),
    _("segment %(rule)s; by person; unknown is not inside"),
    _("@%(key)s: %(rule)s; by account; unknown is not inside"),
    _("@%(key)s: %(rule)s; by person; unknown is not inside"),
    _("@%(key)s: %(title)s, a list written down on %(day)s"),
    _("behaviour.%(name)s: number of %(what)s in %(n)s days"),
    _("behaviour.%(name)s: days with %(what)s in %(n)s days"),
    _("segment as of %(day)s"),
    _("as of %(day)s"),
    _("as of %(day)s in %(zone)s"),
    _("properties as they are today; measures, chain and behaviour as of each day"),
    _("%(b)s against %(a)s; units of both count in both"),
    _("d: difference of means in pooled deviations; delta: P(b > a) − P(b < a); of yes and no the difference of shares"),
    _("it describes who they are, it does not say why"),
    _("MRR counts lines with start ≤ day and (no end or end > day); trials at zero"),
    _("ARR = 12 × MRR"),
    _("contracts in %(currency)s; other currencies are not converted and not added"),
    _("%(first)s to %(last)s in %(zone)s, by %(every)s; opening is the evening before"),
    _("by account, both ends compared: new never paid before, reactivated paid earlier and not at the opening; amounts of contraction and churned are subtracted: opening + new + expansion − contraction − churned + reactivated = closing"),  # noqa: E501
    _("gross retention = (opening − contraction − churned) ÷ opening; net retention adds expansion"),
    _("summary: movements are the sums of the rows, retention compares both ends of the whole period"),
    _("renewal rate = renewed value ÷ value due: paid lines that end, renewed by what begins within %(n)s days"),
    _("LTV = closing MRR per paying account ÷ monthly rate of lost MRR ((contraction + churned) ÷ opening, over the months of the period); margin is not deducted"),  # noqa: E501
    _("paying customers, the biggest first; customers and revenue are the shares so far"),
    _("top fifth: the biggest 20 % of paying customers, rounded up"),
    _("opened %(first)s to %(last)s, inclusive days in %(zone)s"),
    _("time to solve and to the first answer by the wall clock; satisfaction of rated ones only"),
    _("by %(unit)s: an event without a %(what)s does not count"),
    _("by %(unit)s: an event without an %(what)s does not count"),
    _("window %(span)s from step 1, end inclusive; every step inside the period"),
    _("in this order; others may occur between"),
    _("in this order, one right after the other; any other event of the unit breaks it"),
    _("in any order; an event counts for the first step that it fits, the window runs from the first of them"),
    _("re-entry optimised: a later step 1 may start a better attempt"),
    _("first entry: only the attempt of the first step 1 counts"),
    _("one event never satisfies two steps; ties in time are broken by step order; a unit counts once"),
    _("time to a step: from the latest step 1 that allows it to the first event that completes it"),
    _("%(what)s after step %(after)s and before step %(before)s ends the attempt"),
    _("all steps of an attempt have the same %(property)s; an event without it does not count"),
    _("by %(by)s of the unit's %(what)s of the attempt that got furthest"),
    _("by %(by)s from step %(step)s of the attempt that got furthest"),
    _("by the %(bucket)s in which the attempt that got furthest began"),
    _("incomplete: the window of some had not ended when the period did"),
    _("who is behind what was left out: %(why)s"),
    _("who is behind one number: %(cell)s"),
    _("by %(by)s: each value has a life cycle of its own, a unit with several stands in each"),
    _("by %(by)s of the event that the path is read from"),
    _("its window: the buckets from %(first)s to %(last)s"),
    _("units of all series"),
    _("those who reached step %(step)s"),
    _("those who dropped after step %(step)s"),
    _("start: %(start)s; return: %(back)s"),
    _("active in %(bucket)s n or later"),
    _("active in %(bucket)s n"),
    _("rolling: %(bucket)s 1 begins %(span)s after the start"),
    _("calendar: %(bucket)s 1 is the next calendar %(again)s"),
    _("first-time cohorts: a unit once, by its first start ever"),
    _("recurring cohorts: a unit again in every cohort in which it starts, from its first start there"),
    _("%(bucket)s 0 is the whole cohort; the average is weighted by size, over complete periods"),
    _("incomplete: the period had not ended for all of the cohort"),
    _("by %(by)s of the start"),
    _("in how many %(buckets)s of the period a unit had %(what)s"),
    _("stickiness: the mean, divided by the %(n)s %(buckets)s of the period"),
    _("by %(by)s: a unit with several values stands in each"),
    _("active: %(what)s"),
    _("new: first ever activity; returning: active also in the %(a)s before; resurrected: active earlier, not in the %(b)s "
      "before; dormant: active in the %(c)s before, not now"),
    _("new + returning + resurrected = active"),
    _("the first %(bucket)s is whole, from %(day)s"),
    _("paths to the last %(what)s, read backwards"),
    _("paths from the first %(what)s"),
    _("paths from the first the unit's first event in the period"),
    _("ties in time in the order in which they were received, then by name"),
    _("over %(what)s; %(n)s events at most; one path a unit"),
    _("the same event again and again is one step"),
    _("every repetition is a step"),
    _("at each step the %(n)s most frequent events, the rarer ones together as %(mark)s"),
    _("ties in time in the order in which they were received, then by id"),
    _("within %(span)s of that event, end inclusive"),
    _("case: %(unit)s; activity: %(activity)s; events: %(what)s"),
    _("events of a case in order of time, ties by when they were received, then by id"),
    _("variant: the sequence of activities; directly-follows: neighbours in a case; rework: an activity done again in the "
      "same case"),
    _("duration: wall clock from the first to the last event of the case inside the period; percentiles interpolated"),
    _("working, waiting and service time run on the calendar (%(hours)s) in %(zone)s"),
    _("a step is a completion by %(property)s; service: from the first start since the activity was last completed in the case "
      "to its completion; waiting: from the completion of the step before to that start"),
    _("waiting: from the event before; the events tell no start, so service time is part of it"),
    _("an event without %(unit)s does not count"),
    _("by %(by)s of the case's first event"),
    _("touch: %(touch)s; conversion: %(conversion)s"),
    _("model last: all to the last touch"),
    _("model first: all to the first touch"),
    _("model linear: equal parts to all touches"),
    _("model decay: parts that halve every %(span)s before the conversion"),
    _("model position: 40 % to the first touch, 40 % to the last, 20 % to those between; two share equally"),
    _("touches at most %(span)s before the conversion, end inclusive, also before the period; every conversion of the "
      "period counts"),
    _("MRR counts lines with start ≤ day and (no end or end > day); trials at zero"),
    _("ARR = 12 × MRR"),
    _("contracts in %(currency)s; other currencies are not converted and not added"),
    _("health is 0 to 100, high is good; the mean of the points of each measure weighted by the model"),
    _("a missing measure gives its weight to the others; below the minimum coverage health is unknown"),
    _("as of %(day)s in %(zone)s, model version %(version)s"),
    _("risk is the probability of being lost within the horizon, high is bad; health is another field"),
    _("verdict %(verdict)s; risks come from the model in force"),
    _("verdict %(verdict)s; too little signal: there is no probability, ask health"),
    _("model %(number)s, horizon %(days)s d, a loss begins at %(share)s percent less revenue a month"),
    _("weekly plan of %(day)s (Monday) in %(zone)s: %(state)s"),
    _("worth is what is expected to be kept or gained a year: effect × value; effect takes in the account's risk"),
    _("whoever may not edit plans sees their own lines"),
    _("as of %(day)s in %(zone)s"),
    _("%(measure)s of %(events)s"),
    _("where %(rule)s"),
)  # fmt: skip
NOTES = (
    _("no event %(name)s has ever arrived"),
    _("no event %(name)s has ever arrived; near it: %(names)s"),
)
REASONS = (
    _("smaller series, not shown"),
    _("no account"),
    _("no person"),
    _("no %(unit)s"),
    _("beyond the first %(n)s"),
    _("counted, not listed: you may not see them"),
    _("conversions without a touch"),
    _("cases that were started and completed nothing"),
    _("lines in another currency"),
    _("accounts without a score by that day"),
    _("of nobody who is known"),
    _("these events name neither an account nor a person"),
    _("it counts values, not accounts or people; filter by one of them"),
    _("it counts lines of the table, not accounts or people"),
    _("a list ends there; a narrower question has the rest"),
    _("it is time of one of us, not a customer"),
    _("outside of what you may see"),
)
REFUSALS = (
    _("so many long questions of yours are under way: %(names)s; stop one of them or wait"),
    _("write a list of 2 to 20 steps"),
    _("write {name: value}, not %(value)s"),
    _("there is: %(names)s"),
    _("name it, so that it is one number"),
    _("write a text, not %(value)s"),
    _("write a list of texts, not %(value)s"),
    _("write true or leave it out, not %(value)s"),
    _("write a moment with its zone such as 2026-03-02T09:00:00+08:00, not %(value)s"),
    _("name the source, the target or both"),
    _("ask for the steps of all cases: without list and by"),
    _("the events cannot be read at the moment: %(problem)s"),
    _("it holds more than %(n)s steps; ask for a shorter one"),
    _("write {days, hours, holidays, closed, open}, not %(value)s"),
    _("write spans and a country such as 09:00-18:00 CN, not %(value)s"),
    _("write a list of %(names)s, not %(value)s"),
    _("write a list of 1 to %(n)s spans such as 09:00-12:00, not %(value)s"),
    _("write a span such as 09:00-12:00, not %(value)s"),
    _("%(value)s does not follow the span before it within the day"),
    _("write a list of days such as 2026-10-01, not %(value)s"),
    _("write days such as 2026-10-01, not %(value)s"),
    _("write a country by its two letters such as CN, not %(value)s"),
    _("write a user name, not %(value)s"),
    _("name an event"),
    _("write a document with a kind, such as kind: trend"),
    _("line %(line)s is not YAML: %(problem)s"),
    _("it is not YAML: %(problem)s"),
    _("it is longer than %(n)s characters"),
    _("write values out; aliases (*name) are not read"),
    _("%(value)s cannot be asked; there is: %(names)s"),
    _("%(value)s is none of person, account or props.<name>"),
    _("%(value)s is none of %(names)s"),
    _("a %(kind)s has no such field; it has: %(names)s"),
    _("there is: event, events, where, label"),
    _("write the name of an event, or a list of names"),
    _("write the name of an event or {event, where, label}, not %(value)s"),
    _("write a span such as 30m, 12h or 7d, not %(value)s"),
    _("write a number of days such as 28d, not %(value)s"),
    _("write a day such as 2024-06-30, not %(value)s"),
    _("it ends (%(last)s) before it begins (%(first)s)"),
    _("ask for ten years at most"),
    _("ask for days from 1900 to 2200"),
    _("write a whole number from %(least)s to %(most)s, not %(value)s"),
    _("write props.<name>, not %(value)s"),
    _("only `order: ordered` has a between; leave exclude out"),
    _("strict order reads every event of the unit; leave hold out"),
    _("two steps are the same; in any order the second could never be reached"),
    _("ask for paths from an event or to one; leave one of them out"),
    _("only counts and sums add up over time"),
    _("not for hours; ask for days, weeks or months"),
    _("there is no series %(name)s; there is: %(names)s"),
    _("no %(whose)s has %(name)s; there is: %(names)s, or an imported property"),
    _("it cannot be computed: %(problem)s"),
    _("unknown name %(name)s; write account.<name>"),
    _("unknown name %(name)s; write props.<name>, name, ts, distinct_id, person_id, account_id"),
    _("step %(end)s does not come after step %(start)s"),
)
_PARTS = (
    "person",
    "account",
    "day",
    "week",
    "month",
    "hour",
    "event",
    "product",
    "source",
    "count",
    "people",
    "accounts",
)
OF_UNITS = (said_of_units.DEFINITIONS, said_of_units.REASONS, said_of_units.REFUSALS)
_PHRASES = (_("any product event"), _("name of the event"))
_SPANS = {"s": _("%(n)s s"), "m": _("%(n)s min"), "h": _("%(n)s h"), "d": _("%(n)s d")}
_SPAN = re.compile(r"(\d+(?: × \d+)?) ([smhd])")
_HOLE = re.compile(r"%\((\w+)\)s")


def in_words(line: str) -> str:
    """A sentence of the engine in the reader's language."""
    if (get_language() or "en").startswith("en"):
        return line
    for shape, text in _shapes():
        if found := shape.fullmatch(line):
            return _filled(gettext(text), _parts(found))
    label, colon, rest = line.partition(": ")
    return f"{label}：{in_words(rest)}" if colon and len(label) == 1 else line


def _parts(found: re.Match[str]) -> dict[str, str]:
    return {
        name: _phrase(value)
        if name.endswith("_said")
        else _cell(value)
        if name == "cell"
        else in_words(value)
        if name == "why"
        else _part(value)
        for name, value in found.groupdict().items()
    }


def _cell(value: str) -> str:
    """What tells one number from the others: names and their values; what somebody named stays as it is."""
    told = []
    for part in value.split(", "):
        name, _space, said = part.partition(" ")
        if name in ("of", "state"):
            told.append(column_title(said))
        else:
            title = column_title(name) if name in COLUMNS else field_title(name)
            told.append(f"{title} {value_title(said, column=name) if name in ('band', 'did') else said}")
    return gettext("all") if value == "all" else gettext(", ").join(told)


def _phrase(value: str) -> str:
    """A sentence within a sentence."""
    for text in said_of_units.PHRASES:
        if found := _shape(text).fullmatch(value):
            return _filled(gettext(text), _parts(found))
    return _part(value)


def _filled(text: str, parts: dict[str, str]) -> str:
    """The text with its parts; not by %, as some sentences speak of per cent."""
    return _HOLE.sub(lambda hole: parts.get(hole[1], ""), text)


@cache
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    """Each sentence as a pattern; those with fewer holes and more words first, so that the most exact one speaks."""
    texts = sorted(
        (*DEFINITIONS, *NOTES, *REASONS, *REFUSALS, *(text for part in OF_UNITS for text in part)),
        key=lambda text: (len(_HOLE.findall(text)) > 0, -len(_HOLE.sub("", text))),
    )
    return [(_shape(text), text) for text in texts]


@cache
def _shape(text: str) -> re.Pattern[str]:
    pieces = _HOLE.split(text)
    return re.compile(
        "".join(re.escape(one) if n % 2 == 0 else f"(?P<{one}>.+?)" for n, one in enumerate(pieces)),
        re.DOTALL,
    )


def _part(value: str) -> str:
    """A varying part: a word of ours is translated, the name of an event is not."""
    single = value.removesuffix("s")
    if ("compare", value) in VALUES:
        return str(VALUES["compare", value])
    if value in _PHRASES:
        return gettext(value)
    if found := _SPAN.fullmatch(value):
        return gettext(_SPANS[found[2]]) % {"n": found[1]}
    for word in (value, single):
        if word in _PARTS:
            for field in ("unit", "every", "by", "measure"):
                if (field, word) in CHOICES:
                    return str(CHOICES[field, word])
    return value.replace(" or ", gettext(" or "))
