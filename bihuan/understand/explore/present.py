"""An answer as a page and a file show it: headline numbers, cells in the reader's language, links behind numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.ui import formats
from bihuan.base.ui.charts import Chart
from bihuan.base.ui.export import harmless
from bihuan.know.accounts.models import Account, Person
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.scope import after, read_period
from bihuan.understand.explore.document import write_text
from bihuan.understand.explore.drawing import charts_of
from bihuan.understand.explore.explained import Line, explained
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import colon, column_title, headline_title, kind_title, value_title
from bihuan.understand.explore.words_of_units import span

ON_PAGE = 200
MOST_HEADLINES = 7
NOT_FIRST = ("series", "buckets", "p25_seconds", "p75_seconds")
SHARES = ("rate", "stickiness", "day_", "week_", "month_", "share", "S(", "gross_", "net_", "renewal_")
#: How many seconds the units of durations have.
SECONDS = {"s": 1, "minutes": 60, "hours": 3_600}
EXACT = ("auc", "silhouette", "concordance")
#: What is worth reading first, where the summary holds more than that.
FIRST = {
    "survival": ("units", "events", "median", "log_rank_p", "concordance"),
    "tree": ("units", "did", "rate", "auc"),
    "cluster": ("units", "clusters", "silhouette", "noise"),
    "segment": ("size", "of", "share", "first", "change", "size_a", "size_b", "in_both"),
    "tickets": (
        "tickets",
        "solved",
        "escalated",
        "resolution_mean",
        "resolution_p50",
        "first_response_mean",
        "satisfaction_mean",
    ),
    "experiment": ("sample_ratio_p",),
    "revenue": (
        "mrr",
        "arr",
        "accounts",
        "paying_accounts",
        "share_of_top_fifth",
        "accounts_for_80_percent",
        "net_retention",
        "gross_retention",
        "renewal_rate",
        "ltv",
    ),
}
MONEY = {"revenue": ("mrr", "arr", "ltv")}
EVENTS_IN = ("event", "events", "steps", "series", "start", "activity", "from", "to", "touch", "conversion")

#: What a kind that is not about events is about.
ABOUT = {
    "tree": "did",
    "segment": "segment",
    "experiment": "experiment",
    "revenue": "",
    "tickets": "",
    "health": "",
}


def address_of(question: Mapping[str, Any]) -> str:
    """Where the explorer shows a question."""
    return f"{reverse('explore:page')}?{urlencode({'q': write_text(question)})}"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: what is read, what it sorts by, and where it leads."""

    text: str
    sort: str
    number: bool
    day: bool = False
    url: str = ""
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Presented:
    """An answer for one reader on one day."""

    answer: Answer
    actor: Actor
    today: date

    @property
    def question(self) -> dict[str, Any]:
        """As it was asked."""
        return self.answer.question

    @cached_property
    def title(self) -> str:
        """The kind and the events it is about."""
        arrow = " → " if self.answer.kind in ("funnel", "path") else formats.listed(["", ""])
        names = self._about
        shown = arrow.join(names[:4]) + ("…" if len(names) > 4 else "")
        return f"{kind_title(self.answer.kind)}{colon()}{shown}" if shown else kind_title(self.answer.kind)

    @property
    def _about(self) -> list[str]:
        """The events, fields or rule that it speaks of."""
        asked = self.question
        if self.answer.kind == "cluster":
            return [field_name(name) for name in asked["measures"]]
        if self.answer.kind in ABOUT:
            said = asked.get(ABOUT[self.answer.kind])
            return [str(said)] if said else []
        fields = ("start", "end") if self.answer.kind == "survival" else EVENTS_IN
        given = [asked.get(field) for field in fields]
        return list(dict.fromkeys(
            name for value in given if self.answer.kind != "survival" or isinstance(value, Mapping) for name in events_in(value)
        ))  # fmt: skip

    @cached_property
    def definition(self) -> list[str]:
        """What the numbers mean."""
        return [in_words(line) for line in self.answer.definition]

    @cached_property
    def headlines(self) -> list[tuple[str, str]]:
        """(title, number) of what is worth reading first."""
        currency = next((column.unit for column in self.answer.columns if column.type == "money"), "")
        spans = {column.name: column for column in self.answer.columns if column.unit in SECONDS}
        found = []
        for name, value in self._headlined():
            if name.startswith(("day_", "week_", "month_")) and not name.endswith("_1"):
                continue
            money = name in MONEY.get(self.answer.kind, ())
            text = formats.money(value, currency, short=True) if money else headline(name, value)
            if name in spans:
                text = written(value, type=spans[name].type, unit=spans[name].unit)
            found.append((self._headline_title(name), text))
        return found[:MOST_HEADLINES]

    def _headlined(self) -> list[tuple[str, Any]]:
        """The numbers of the summary that are there, those of FIRST before all others or alone."""
        told = {name: value for name, value in self.answer.summary.items() if _is_number(value)}
        if first := FIRST.get(self.answer.kind):
            names = dict.fromkeys((*first, *(name for name in told if name.startswith("S("))))
            return [(name, told[name]) for name in names if name in told and (told[name] or name != "noise")]
        return [
            (name, value)
            for name, value in told.items()
            if not name.startswith("step_") and name not in NOT_FIRST
        ]

    def _headline_title(self, name: str) -> str:
        if name.startswith("S("):
            time = span(float(name[2:-1]), self.question.get("every", "month"))
            return _("Still there after %(time)s") % {"time": time}
        return headline_title(name, kind=self.answer.kind)

    @cached_property
    def explained(self) -> list[Line]:
        """What the numbers say, in sentences."""
        return explained(self.answer)

    @cached_property
    def left_out(self) -> list[tuple[str, str]]:
        """(reason, how many) of what did not take part."""
        return [(in_words(reason), formats.number(n)) for reason, n in self.answer.left_out.items()]

    @cached_property
    def charts(self) -> list[Chart]:
        """Its pictures."""
        return charts_of(self.answer, today=self.today, behind=self.reached)

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """(title, whether numbers) of the table."""
        return [
            (self._head(n), column.type not in ("text", "date", "time"))
            for n, column in enumerate(self.answer.columns)
        ]

    def _head(self, n: int) -> str:
        column = self.answer.columns[n]
        bucket = self.answer.kind == "retention" and column.type == "date"
        return column_title(column.name, kind="" if bucket else self.answer.kind)

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The first rows of the table."""
        names = self._units
        return [
            [self._cell(n, value, row, names) for n, value in enumerate(row)]
            for row in self.answer.rows[:ON_PAGE]
        ]

    @property
    def hidden(self) -> int:
        """How many rows are in the file only."""
        return max(0, len(self.answer.rows) - ON_PAGE)

    @property
    def about_units(self) -> bool:
        """Whether it asks who there is, not what happened."""
        return self.answer.kind in ("survival", "tree", "cluster", "segment", "health")

    @cached_property
    def is_list(self) -> bool:
        """Whether it lists the units behind a number."""
        return self.answer.kind == "funnel" and "list" in self.question

    @cached_property
    def without_list(self) -> str:
        """Back from the list to the numbers."""
        return address_of({name: value for name, value in self.question.items() if name != "list"})

    def reached(self, step: int) -> str:
        """The address of those who reached a step; empty where the kind cannot list them."""
        return self._listed("reached", step)

    def _listed(self, what: str, step: int) -> str:
        if self.answer.kind != "funnel" or self.is_list or {"by", "every"} & set(self.question):
            return ""
        return address_of({**self.question, "list": {what: step}})

    def _of_rule(self, rule: str) -> str:
        """The units that a rule of a tree describes, as a segment."""
        unit = self.question.get("unit", "account")
        within = self.question.get("segment", "")
        if within.startswith("@"):
            return ""
        whole = f"({within}) && {rule}" if within else rule
        asked = {"kind": "segment", "unit": unit, "segment": whole}
        return address_of(asked | ({"as_of": self.question["as_of"]} if "as_of" in self.question else {}))

    @cached_property
    def _units(self) -> dict[str, dict[Any, tuple[str, str]]]:
        """By column: id or name → (name, address) of the accounts and people of the territory that rows speak of."""
        found: dict[str, dict[Any, tuple[str, str]]] = {}
        shown = self.answer.rows[:ON_PAGE]
        for n, column in enumerate(self.answer.columns):
            values = {row[n] for row in shown if row[n] is not None}
            if column.name == "account_key" or (column.name == "account" and not self.is_list):
                field = "key" if column.name == "account_key" else "name"
                rows = (
                    Account.objects.visible_to(self.actor)
                    .filter(**{f"{field}__in": values})
                    .values_list(field, "pk")
                )
                found[column.name] = {said: (said, f"/accounts/{pk}/") for said, pk in rows}
            elif self.is_list and column.name in ("account", "person"):
                objects: Any = Account.objects if column.name == "account" else Person.objects
                room = "accounts" if column.name == "account" else "people"
                visible = objects.visible_to(self.actor).in_bulk([int(value) for value in values])
                found[column.name] = {pk: (str(row), f"/{room}/{pk}/") for pk, row in visible.items()}
        return found

    def _cell(
        self, n: int, value: Any, row: tuple[Any, ...], names: dict[str, dict[Any, tuple[str, str]]]
    ) -> Cell:
        column = self.answer.columns[n]
        number = column.type not in ("text", "date", "time")
        if column.name in names:
            text, url = names[column.name].get(value, (str(value), ""))
            return Cell(text=text, sort=text, number=False, url=url)
        text = written(value, type=column.type, unit=column.unit)
        if column.name == "measure":
            text = field_name(value)
        elif isinstance(value, str) and column.name.startswith(("account.", "person.")):
            text = value_text(column.name, value)
        url = mark = ""
        if self.answer.kind == "tree" and column.name == "units" and self.actor.may("segments.view"):
            url = self._of_rule(str(row[0]))
        if self.answer.kind == "funnel" and value and column.name in ("units", "dropped"):
            step = row[next(k for k, one in enumerate(self.answer.columns) if one.name == "step")]
            if column.name == "units":
                url = self._listed("reached", step)
            elif step > 1:
                url = self._listed("dropped_after", step - 1)
        if n == 0 and self.answer.kind == "trend":
            url, mark = self._behind_bucket(value), _("not over yet") if self._unfinished(value) else ""
        return Cell(text=text, sort=raw(value), number=number, day=column.type == "date", url=url, mark=mark)

    def _unfinished(self, bucket: Any) -> bool:
        every = self.answer.columns[0].name
        return type(bucket) is date and after(bucket, every) > self.today

    def _behind_bucket(self, bucket: Any) -> str:
        """The accounts behind one bucket of a plain trend: the same measure of that bucket, by account."""
        asked = self.question
        if type(bucket) is not date or {
            "series",
            "formula",
            "by",
            "per",
            "cumulative",
            "smooth",
            "compare",
        } & set(asked):
            return ""
        try:
            first, last = read_period(asked.get("period"), today=self.today)
        except QuestionError:
            return ""
        ends = after(bucket, self.answer.columns[0].name) - timedelta(days=1)
        period = {"from": max(first, bucket), "to": min(last, ends)}
        return address_of({**asked, "by": "account", "every": "all", "period": period})

    def file_rows(self) -> Iterator[list[Any]]:
        """Title and definition, then the table with raw numbers, for an export."""
        yield [harmless(self.title)]
        for line in self.definition:
            yield [harmless(line)]
        for said in self.explained:
            yield [harmless(str(said))]
        for reason, n in self.left_out:
            yield [harmless(_("Left out:") + f" {reason} {n}")]
        yield [harmless(_("Asked:") + f" {self.answer.as_of or self.today.isoformat()}")]
        yield []
        yield [harmless(title) for title, _number in self.columns]
        names = self._units_of_all() if self.is_list else {}
        for row in self.answer.rows:
            yield [
                harmless(names.get((self.answer.columns[n].name, value), value_title(value)))
                for n, value in enumerate(row)
            ]

    def _units_of_all(self) -> dict[tuple[str, Any], str]:
        column = self.answer.columns[0].name
        if column not in ("account", "person"):
            return {}
        objects: Any = Account.objects if column == "account" else Person.objects
        rows = objects.visible_to(self.actor).in_bulk([int(row[0]) for row in self.answer.rows])
        return {(column, pk): str(row) for pk, row in rows.items()}

    @property
    def names_people(self) -> bool:
        """Whether its rows are people."""
        return any(column.name in ("person", "person.name") for column in self.answer.columns)


def events_in(value: Any) -> list[str]:
    """The names of events that a value of a question holds, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return events_in(value.get("events", value.get("event")))
    return [name for one in value for name in events_in(one)] if isinstance(value, list) else []


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
    if name.endswith("_days"):
        return _("%(n)s d") % {"n": formats.number(value, 1)}
    return formats.number(value, 0 if float(value).is_integer() else 1)


def written(value: Any, *, type: str, unit: str) -> str:
    """A value for reading."""
    if value is None:
        return formats.NOTHING
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, str):
        return str(value_title(value))
    if type == "percent":
        return formats.percent(value, 1)
    if type == "money":
        return formats.money(value, unit)
    if unit in SECONDS:
        return duration(value * SECONDS[unit])
    if unit == "d":
        return _("%(n)s d") % {"n": formats.number(value, 1)}
    return formats.number(value, 0 if float(value).is_integer() else 2)


def duration(seconds: float) -> str:
    """45 s, 12 min, 3.5 h, 4.2 d."""
    size = abs(seconds)
    if size < 90:
        return _("%(n)s s") % {"n": formats.number(seconds)}
    if size < 5_400:
        return _("%(n)s min") % {"n": formats.number(seconds / 60)}
    if size < 172_800:
        return _("%(n)s h") % {"n": formats.number(seconds / 3_600, 1)}
    return _("%(n)s d") % {"n": formats.number(seconds / 86_400, 1)}


def raw(value: Any) -> str:
    """What a cell sorts by."""
    return value.isoformat() if isinstance(value, (date, datetime)) else "" if value is None else str(value)
