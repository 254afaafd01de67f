"""An answer as a page and a file show it: headline numbers, cells in the reader's language, links behind numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
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
from bihuan.understand.explore.headlines import headlines_of, title_of
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import column_title, value_title
from bihuan.understand.explore.written import raw, written

ON_PAGE = 200


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
        """The kind and what it is about."""
        return title_of(self.answer)

    @cached_property
    def definition(self) -> list[str]:
        """What the numbers mean."""
        return [in_words(line) for line in self.answer.definition]

    @cached_property
    def headlines(self) -> list[tuple[str, str]]:
        """(title, number) of what is worth reading first."""
        return headlines_of(self.answer)

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
        if column.name.startswith("m."):
            return field_name(column.name)
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
        if within.startswith("@") or rule == "true":
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
            elif column.name == "person_key":
                people: Any = Person.objects
                known = people.visible_to(self.actor).filter(key__in=values).values_list("key", "pk")
                found[column.name] = {key: (key, f"/people/{pk}/") for key, pk in known}
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
        text = written(value, type=column.type, unit=column.unit, column=column.name)
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
                harmless(
                    names.get(
                        (self.answer.columns[n].name, value),
                        value_title(value, column=self.answer.columns[n].name),
                    )
                )
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
