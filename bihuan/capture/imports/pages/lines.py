"""What the page of a draft shows: a line a column, the fields that no column fills, and the first rows in words."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.capture.imports.actions.drafts import Look
from bihuan.capture.imports.actions.labels import choice_label, field_label, noun_label, reason, refusal
from bihuan.capture.imports.actions.preview import Preview
from bihuan.capture.imports.rules.convert import EXCEL, GROUPED, UNIX
from bihuan.capture.imports.rules.draft import (
    NUMBER,
    PLACE,
    PROPERTY,
    REFERENCES,
    ColumnDraft,
    Draft,
    FieldSpec,
    Filled,
    Nouns,
    fields_for,
    may_add,
    missing,
    takes_properties,
)
from bihuan.capture.imports.rules.values import WRITTEN

SAMPLES, LONGEST = 3, 40
PERIODS = (1, 3, 6, 12, 24, 36)
#: Reasons that ask for a second look.
DOUBTS = ("whole_mostly", "period_guessed", "unsure", "misfits", "taken", "unfit", "not_stored")
EXAMPLE = datetime(2026, 12, 31, 17, 5, 9)  # noqa: DTZ001  only its look matters
Option = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The draft for the template."""

    draft: Draft
    seen: Look
    nouns: Nouns

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        """What columns may fill."""
        return fields_for(self.draft.noun, self.nouns)

    @cached_property
    def missing(self) -> list[dict[str, str]]:
        """Required fields that nothing fills."""
        found = missing(self.draft, self.nouns)
        return [{"name": name, "label": field_label(self.draft.noun, name)} for name in found]

    @property
    def noun_options(self) -> list[Option]:
        """What may be imported."""
        return [(name, noun_label(name)) for name in self.nouns]

    @property
    def columns(self) -> list[dict[str, Any]]:
        """A line a column of the file."""
        return [self._line(n, one) for n, one in enumerate(self.draft.columns)]

    def _line(self, n: int, one: ColumnDraft) -> dict[str, Any]:
        spec = self.fields.get(one.field)
        cells = [cell for cell in self.seen.columns.get(one.column, []) if cell not in (None, "")]
        amount = one.field == "mrr"
        return {
            "n": n,
            "column": one.column,
            "samples": [shortened(text) for text in list(dict.fromkeys(map(shown, cells[:200])))[:SAMPLES]],
            "field": one.field,
            "groups": self._targets(),
            "format": one.format,
            "formats": self._formats(one, spec),
            "months": one.months,
            "periods": self._periods(one) if amount else [],
            "values": self._values(one, spec),
            "why": [reason(why, noun=self.draft.noun) for why in one.why],
            "doubt": any(why.code in DOUBTS for why in one.why),
        }

    def _targets(self) -> list[tuple[str, list[Option]]]:
        """The fields in two groups, and what else may become of a column."""
        named = [
            (name, field_label(self.draft.noun, name), one.required) for name, one in self.fields.items()
        ]
        needed = [(name, label) for name, label, required in named if required]
        other = [(name, label) for name, label, required in named if not required]
        rest: list[Option] = (
            [(PROPERTY, _("Property"))] if takes_properties(self.draft.noun, self.nouns) else []
        )
        return [
            (_("Needed"), needed),
            (_("Fields"), other),
            (_("Without a field"), [*rest, ("", _("Not imported"))]),
        ]

    def _formats(self, one: ColumnDraft, spec: FieldSpec | None) -> list[Option]:
        if one.field == PROPERTY:
            return [
                ("", _("Text")),
                (NUMBER, pgettext("field", "Number")),
                *((form, form) for form in GROUPED),
            ]
        if spec is None:
            return []
        if spec.kind in ("int", "decimal"):
            return [("", "1234.56"), *((form, form) for form in GROUPED)]
        if spec.kind not in ("date", "datetime"):
            return []
        forms = [*WRITTEN, "%Y%m%d", "%Y%m%d%H%M%S", *UNIX, EXCEL]
        timed = spec.kind == "datetime" or "%H" in one.format or "%I" in one.format
        return [
            (form, moment_label(form))
            for form in forms
            if timed or form == one.format or not re.search("%[HI]", form)
        ]

    def _periods(self, one: ColumnDraft) -> list[tuple[int, str]]:
        return [(months, period_label(months)) for months in sorted({*PERIODS, one.months})]

    def _values(self, one: ColumnDraft, spec: FieldSpec | None) -> list[dict[str, Any]]:
        """Cells that stand for choices, each with what it may stand for."""
        if spec is None or spec.choices is None:
            return []
        choices = [(str(choice), choice_label(str(choice))) for choice in spec.choices]
        return [
            {"k": k, "cell": cell, "choice": choice, "choices": choices}
            for k, (cell, choice) in enumerate(one.values.items())
        ]

    @property
    def needed(self) -> list[dict[str, Any]]:
        """The fields that no column fills alone and that are needed, or have a value all the same."""
        wanted = [one["name"] for one in self.missing if one["name"] != "source"]
        names = [*(one.field for one in self.draft.filled), *wanted]
        return [self._filler(name) for name in dict.fromkeys(names) if self.draft.of(name) is None]

    def _chosen(self, name: str) -> Filled | None:
        """What is chosen for a field, also while its value is still empty."""
        return next((one for one in self.draft.filled if one.field == name), None)

    def _filler(self, name: str) -> dict[str, Any]:
        spec, found = self.fields[name], self._chosen(name)
        columns, const = (found.columns, found.const) if found else ((), None)
        names = [one.column for one in self.draft.columns]
        options: list[Option] = [
            ("", _("Choose…") if spec.required or name in PLACE else _("Leave empty")),
            ("=", _("The same for all rows")),
        ]
        way = "=" if const is not None and not columns else ""
        if columns and (len(columns) > 1 or const):
            label = " + ".join(columns) if not const else f"{choice_label(const)}: {columns[0]}"
            options.append(("keep", shortened(label)))
            way = "keep"
        elif columns:
            way = f"c:{names.index(columns[0])}" if columns[0] in names else ""
        options += [
            (f"c:{n}", _("The column “%(column)s”") % {"column": column}) for n, column in enumerate(names)
        ]
        return {
            "name": name,
            "label": field_label(self.draft.noun, name),
            "required": spec.required or name in PLACE,
            "options": options,
            "way": way,
            "const": (const or "") if way == "=" else "",
            "choices": [(str(choice), choice_label(str(choice))) for choice in spec.choices or ()],
            "type": "date" if spec.kind == "date" else "text",
            "why": [reason(why, noun=self.draft.noun) for why in found.why] if found else [],
            "lacking": any(one["name"] == name for one in self.missing),
        }

    @property
    def also(self) -> list[dict[str, Any]]:
        """The nouns whose missing rows can be added from this file."""
        found = []
        for field in may_add(self.draft, self.nouns):
            one = self.draft.of(field)
            found.append(
                {
                    "field": field,
                    "noun": noun_label(REFERENCES[field]),
                    "column": one.column if one else "",
                    "on": field in self.draft.also,
                }
            )
        return found


def shown(cell: Any) -> str:
    """A cell as the file shows it."""
    if isinstance(cell, datetime):
        return (
            f"{cell:%Y-%m-%d}"
            if (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            else f"{cell:%Y-%m-%d %H:%M}"
        )
    return " ".join(str(cell).split())


def shortened(text: str) -> str:
    """At most so many letters that the line stays one."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def moment_label(form: str) -> str:
    """A way to write a day or moment, by an example."""
    named = {
        "": _("Year first: 2026-12-31"),
        EXCEL: _("46387 (days as Excel counts them)"),
        "unix": _("1798736709 (seconds since 1970)"),
        "unix_ms": _("1798736709000 (milliseconds since 1970)"),
        "unix_us": _("1798736709000000 (microseconds since 1970)"),
    }
    return named.get(form) or EXAMPLE.strftime(form)


def period_label(months: int) -> str:
    """What an amount is for."""
    fixed = {
        1: _("Amount for a month"),
        3: _("Amount for a quarter"),
        6: _("Amount for half a year"),
        12: _("Amount for a year"),
    }
    return fixed.get(months) or _("Amount for %(months)d months") % {"months": months}


def previewed(found: Preview | None, nouns: Nouns) -> dict[str, Any] | None:
    """The preview with fields, choices and reasons in words; nothing when something is missing."""
    if found is None:
        return None
    tables = []
    for table in found.tables:
        chosen = {one.name for one in nouns[table.noun] if one.choices is not None}
        rows = [
            {
                "line": row.line,
                "cells": [
                    {
                        "text": (choice_label if name in chosen else shortened)(row.values.get(name, "")),
                        "wrong": any(one.field == name for one in row.problems),
                    }
                    for name in table.fields
                ],
                "problems": [
                    {
                        "field": field_label(table.noun, one.field),
                        "value": one.value,
                        "reason": refusal(one.reason),
                    }
                    for one in row.problems
                ],
            }
            for row in table.rows
        ]
        tables.append(
            {
                "title": noun_label(table.noun),
                "fields": [field_label(table.noun, name) for name in table.fields],
                "width": len(table.fields) + 1,
                "rows": rows,
                "read": table.read,
                "refused": table.refused,
            }
        )
    return {"tables": tables, "complaints": found.complaints, "refused": sum(t["refused"] for t in tables)}
