"""An answer as a page and a file show it: headline numbers, cells in the reader's language, links behind numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
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
from bihuan.understand.annotations.queries import annotated
from bihuan.understand.engine.answer import Answer, QuestionError, plain
from bihuan.understand.engine.scope import after
from bihuan.understand.explore.document import write_text
from bihuan.understand.explore.drawing import charts_of
from bihuan.understand.explore.drawing.common import list_text
from bihuan.understand.explore.drawing.times import STATES
from bihuan.understand.explore.explained import Line, explained
from bihuan.understand.explore.headlines import headlines_of, title_of
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.queries import units_listed
from bihuan.understand.explore.registry import kinds
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import choice_title, colon, column_title, value_title
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
class LeftOut:
    """Why something did not take part, how much, and where those behind it are listed; or else why nobody can be."""

    reason: str
    number: str
    url: str
    nobody: str


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
    def headlines(self) -> list[tuple[str, str, str]]:
        """(title, number, where it leads) of what is worth reading first."""
        told = self.answer
        return [
            (title, text, self._list_of(told.cell_of_summary(name) if told.summary[name] else None))
            for title, text, name in headlines_of(told)
        ]

    def _list_of(self, cell: Mapping[str, Any] | None) -> str:
        """The address of who is behind a number; empty where nobody is."""
        return "" if cell is None else address_of({**self.question, "list": plain(cell)})

    @cached_property
    def explained(self) -> list[Line]:
        """What the numbers say, in sentences."""
        return explained(self.answer)

    @cached_property
    def left_out(self) -> list[LeftOut]:
        """What did not take part."""
        told = self.answer
        return [
            LeftOut(
                reason=in_words(reason), number=formats.number(n), url=self._list_of(told.behind_left_out.get(reason)),
                nobody=in_words(told.nobody.get(reason, "")),
            )
            for reason, n in told.left_out.items()
        ]  # fmt: skip

    @cached_property
    def charts(self) -> list[Chart]:
        """Its pictures, with what happened on their days."""
        drawn = charts_of(self.answer, today=self.today, behind=self.behind)
        text = f"{reverse('explore:page')}?{urlencode({'q': write_text(self.without('list'))})}"
        for chart in drawn:
            chart.option["behind"] = text  # a click adds the list to it
        return [annotated(chart, actor=self.actor) for chart in drawn]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """(title, whether numbers) of the table."""
        return [
            (self._head(n), column.type not in ("text", "date", "time"))
            for n, column in enumerate(self.answer.columns)
        ]

    def _head(self, n: int) -> str:
        column = self.answer.columns[n]
        if column.name.startswith("m.") or (self.is_list and column.name.startswith(("account.", "person."))):
            return field_name(column.name)
        bucket = self.answer.kind == "retention" and column.type == "date"
        return column_title(column.name, kind="" if bucket else self.answer.kind)

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The first rows of the table."""
        names = self._units
        return [
            [self._cell(n, value, place, names) for n, value in enumerate(row)]
            for place, row in enumerate(self.answer.rows[:ON_PAGE])
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
        return self.question.get("list") is not None

    @cached_property
    def listed(self) -> str:
        """Whom it lists that a segment can hold: "account" or "person"; empty for an answer that lists nobody."""
        try:
            return units_listed(self.answer)[0] if self.is_list else ""
        except QuestionError:
            return ""

    def without(self, name: str) -> dict[str, Any]:
        """The question without one of its fields."""
        return {field: value for field, value in self.question.items() if field != name}

    @cached_property
    def without_list(self) -> str:
        """Back from the list to the numbers."""
        return address_of(self.without("list"))

    @cached_property
    def also(self) -> list[tuple[str, str]]:
        """(what it lists, address) of the other lists behind the same number."""
        return [
            (" · ".join(filter(None, (in_words(title), choice_title("unit", str(cell.get("unit", "")))))),
             address_of({**self.question, "list": plain(cell)}))
            for title, cell in self.answer.also
        ]  # fmt: skip

    def behind(self, place: int, column: str) -> str:
        """What `list` says, as JSON, to see who is behind the number of a row; empty where nobody is."""
        cell = self._cell_behind(place, column)
        return "" if cell is None else list_text(cell)

    def _cell_behind(self, place: int, column: str) -> Mapping[str, Any] | None:
        return self.answer.cell_of(place, column)

    def _series_behind(self, place: int) -> str | None:
        """The value of the breakdown that a row stands for; None where nobody can be listed."""
        cells = self.answer.behind[place].values() if place < len(self.answer.behind) else ()
        return next((cell["series"] for cell in cells if cell.get("series") is not None), None)

    def _of_rule(self, rule: str) -> str:
        """The units that a rule of a tree describes, as a segment."""
        unit = self.question.get("unit", "account")
        within = self.question.get("segment", "")
        if within.startswith("@") or rule == "true":
            return ""
        whole = f"({within}) && {rule}" if within else rule
        asked = {"kind": "segment", "unit": unit, "segment": whole}
        return address_of(asked | ({"as_of": self.question["as_of"]} if "as_of" in self.question else {}))

    @property
    def _pages(self) -> Mapping[str, Any]:
        return kinds()[self.answer.kind].pages if self.answer.kind in kinds() else {}

    @cached_property
    def _units(self) -> dict[str, dict[Any, tuple[str, str]]]:
        """By column: what a row tells one by → (name, address) of the accounts and people of the territory. Of a list and of
        a breakdown that is the id; of other answers the account's key or name."""
        found: dict[str, dict[Any, tuple[str, str]]] = {}
        shown = self.answer.rows[:ON_PAGE]
        for n, column in enumerate(self.answer.columns):
            values = {row[n] for row in shown if row[n] is not None}
            if (
                column.name in ("account", "person")
                and column.type == "text"
                and (self.is_list or (self.question.get("by") == column.name and any(self.answer.behind)))
            ):
                if not self.is_list:
                    values = {self._series_behind(place) for place in range(len(shown))} - {None}
                objects: Any = Account.objects if column.name == "account" else Person.objects
                room = "accounts" if column.name == "account" else "people"
                visible = objects.visible_to(self.actor).in_bulk([int(value) for value in values])
                found[column.name] = {pk: (str(row), f"/{room}/{pk}/") for pk, row in visible.items()}
            elif column.name in ("account", "account_key"):
                field = "key" if column.name == "account_key" else "name"
                rows = (
                    Account.objects.visible_to(self.actor)
                    .filter(**{f"{field}__in": values})
                    .values_list(field, "pk")
                )
                found[column.name] = {said: (said, f"/accounts/{pk}/") for said, pk in rows}
            elif self.is_list and column.name in self._pages:
                found[column.name] = {
                    value: (str(value), url) for value, url in self._pages[column.name](values).items()
                }
            elif column.name == "person_key":
                people: Any = Person.objects
                known = people.visible_to(self.actor).filter(key__in=values).values_list("key", "pk")
                found[column.name] = {key: (key, f"/people/{pk}/") for key, pk in known}
        return found

    def _cell(self, n: int, value: Any, place: int, names: dict[str, dict[Any, tuple[str, str]]]) -> Cell:
        column = self.answer.columns[n]
        number = column.type not in ("text", "date", "time")
        if column.name in names and value is not None:
            series = None if self.is_list else self._series_behind(place)
            text, url = names[column.name].get(value if series is None else int(series), (str(value), ""))
            return Cell(text=text, sort=text, number=False, url=url)
        text = written(value, type=column.type, unit=column.unit, column=column.name)
        if column.name == "measure":
            text = field_name(value)
        elif column.name == "state" and value in STATES:
            text = column_title(value)
        elif isinstance(value, str) and column.name.startswith(("account.", "person.")):
            text = value_text(column.name, value)
        cell = self._cell_behind(place, column.name) if value else None
        url = self._list_of(cell)
        if self.answer.kind == "tree" and column.name == "rule" and self.actor.may("segments.view"):
            url = self._of_rule(str(value))
        mark = _("not over yet") if n == 0 and self.answer.kind == "trend" and self._unfinished(value) else ""
        return Cell(text=text, sort=raw(value), number=number, day=column.type == "date", url=url, mark=mark)

    def _unfinished(self, bucket: Any) -> bool:
        every = self.answer.columns[0].name
        return type(bucket) is date and after(bucket, every) > self.today

    def file_rows(self) -> Iterator[list[Any]]:
        """Title and definition, then the table with raw numbers, for an export."""
        yield [harmless(self.title)]
        for line in self.definition:
            yield [harmless(line)]
        for said in self.explained:
            yield [harmless(str(said))]
        for one in self.left_out:
            yield [harmless(_("Left out:") + f" {one.reason} {one.number}")]
        yield [harmless(_("Asked:") + f" {self.answer.as_of or self.today.isoformat()}")]
        for mark in [mark for chart in self.charts for mark in chart.marks]:
            yield [harmless(f"{mark.kind}{colon()}{mark.days} {mark.label}")]
        for older in {chart.more_marks for chart in self.charts} - {0}:
            yield [harmless(_("Older annotations, not listed:") + f" {older}")]
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
        found: dict[tuple[str, Any], str] = {}
        for n, column in enumerate(self.answer.columns):
            if column.name in ("account", "person"):
                objects: Any = Account.objects if column.name == "account" else Person.objects
                ids = {row[n] for row in self.answer.rows if row[n] is not None}
                rows = objects.visible_to(self.actor).in_bulk(list(ids))
                found |= {(column.name, pk): str(row) for pk, row in rows.items()}
        return found

    @property
    def notes(self) -> list[str]:
        """Warnings in the reader's language."""
        return [in_words(note) for note in self.answer.notes]

    @property
    def names_people(self) -> bool:
        """Whether its rows are people."""
        return any(column.name in ("person", "person.name") for column in self.answer.columns)
