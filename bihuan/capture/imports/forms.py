"""The upload forms, and what somebody chose on the page of a draft: checked here, kept by the action."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.capture.imports.actions.labels import noun_label
from bihuan.capture.imports.rules.amounts import months_of
from bihuan.capture.imports.rules.draft import (
    PROPERTY,
    ColumnDraft,
    Draft,
    Filled,
    Nouns,
    Why,
    fields_for,
    may_add,
    takes_properties,
)
from bihuan.capture.imports.rules.guess import Known, also_for, as_field, filled_for
from bihuan.capture.imports.rules.values import Shape

Posted = Mapping[str, str]
CHOSEN = (Why(code="chosen"),)
MOST_MONTHS = 120


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of uploaded files."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file as Django checks one."""
        one = super().clean
        return (
            [one(file, initial) for file in data]
            if isinstance(data, (list, tuple)) and data
            else [one(data, initial)]
        )


class FileForm(forms.Form):
    """One table, and what its rows are if the sender wants to say so."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.tsv,.xlsx,.parquet,.jsonl"}),
        help_text=_(
            "A table as it comes out of Excel or a database: CSV, XLSX, Parquet or JSONL, with the headings in the first row."
        ),
    )
    noun = forms.ChoiceField(label=_("What its rows are"), required=False)

    def __init__(self, *data: Any, nouns: Nouns, **options: Any) -> None:
        super().__init__(*data, **options)
        choices = [("", _("Find out from the file")), *((name, noun_label(name)) for name in nouns)]
        self.fields["noun"].choices = choices  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A mapping and its files."""

    uploads = ManyFilesField(
        label=_("Mapping and files"),
        help_text=_("One mapping file (.yaml) and the files it names: CSV, CSV.gz, XLSX, Parquet or JSONL."),
    )
    check = forms.BooleanField(
        label=_("Check only"),
        required=False,
        initial=True,
        help_text=_("Say what would happen, and write nothing."),
    )


def changed(
    draft: Draft, *, posted: Posted, shapes: Mapping[str, Shape], nouns: Nouns, known: Known
) -> Draft:
    """The draft after what was posted on its page; what is not posted, or means nothing, stays as it is.

    A field that is given to a second column leaves the first one. Fields that nothing fills any more are filled as a fresh
    draft would fill them.
    """
    columns = [
        _column(n, one, draft=draft, posted=posted, shapes=shapes, nouns=nouns, known=known)
        for n, one in enumerate(draft.columns)
    ]
    new = {one.field for one, old in zip(columns, draft.columns, strict=True) if one.field != old.field}
    columns = [
        replace(one, field="", why=(Why(code="taken", about={"field": one.field}),))
        if one.field in new - {"", PROPERTY} and one.field == old.field
        else one
        for one, old in zip(columns, draft.columns, strict=True)
    ]
    found = replace(draft, columns=tuple(_each_once(columns)))
    if draft.noun == "events":
        source = posted.get("source", draft.source).strip()
        product = posted.get("product", draft.product).strip()
        found = replace(found, source=source[:60], product=product[:80])
    filled = [_filler(one, found, posted) for one in draft.filled if found.of(one.field) is None]
    given = {one.field for one in filled}
    for name in fields_for(draft.noun, nouns):
        if name not in given and f"fill_{name}" in posted and found.of(name) is None:
            filled.append(_filler(Filled(field=name), found, posted))
            given.add(name)
    found = replace(found, filled=tuple(filled))
    fresh = [
        one for one in filled_for(found, shapes, nouns, draft.file.split(".")[0]) if one.field not in given
    ]
    found = replace(found, filled=(*filled, *fresh))
    asked = posted.get("also_asked", "").split()
    wished = {field for field in asked if f"also_{field}" in posted}
    unasked = {field for field in also_for(found, shapes, known, nouns) if field not in asked}
    return replace(found, also=tuple(field for field in may_add(found, nouns) if field in wished | unasked))


def _column(
    n: int,
    one: ColumnDraft,
    *,
    draft: Draft,
    posted: Posted,
    shapes: Mapping[str, Shape],
    nouns: Nouns,
    known: Known,
) -> ColumnDraft:
    """One line of the page."""
    fields = fields_for(draft.noun, nouns)
    field = posted.get(f"field_{n}", one.field)
    properties = (PROPERTY,) if takes_properties(draft.noun, nouns) else ()
    if field != one.field and field in ("", *properties):
        return ColumnDraft(column=one.column, field=field, why=CHOSEN)
    if field != one.field and field in fields:
        fresh = as_field(one.column, shapes.get(one.column, Shape()), fields[field], known=known)
        if field == "mrr":
            length, of_time = months_of(one.column, {}, {})
            fresh = replace(fresh, months=length, why=(*fresh.why, of_time))
        return replace(fresh, why=(*CHOSEN, *fresh.why))
    months = posted.get(f"period_{n}", "")
    values = {
        cell: posted.get(f"value_{n}_{k}", choice) for k, (cell, choice) in enumerate(one.values.items())
    }
    return replace(
        one,
        format=posted.get(f"format_{n}", one.format)[:60],
        months=int(months) if months.isdecimal() and 0 < int(months) <= MOST_MONTHS else one.months,
        values=values,
    )


def _each_once(columns: list[ColumnDraft]) -> list[ColumnDraft]:
    """The columns, each field at the first that has it: two that were changed to the same one at once."""
    taken: set[str] = set()
    found = []
    for one in columns:
        if one.field in taken:
            found.append(replace(one, field="", why=(Why(code="taken", about={"field": one.field}),)))
        else:
            found.append(one)
            taken |= {one.field} - {"", PROPERTY}
    return found


def _filler(one: Filled, draft: Draft, posted: Posted) -> Filled:
    """What somebody chose for a field that no column fills."""
    way = posted.get(f"fill_{one.field}")
    if way is None or way == "keep":
        return one
    if way == "=":
        return Filled(field=one.field, const=posted.get(f"const_{one.field}", "").strip()[:200])
    kind, _colon, number = way.partition(":")
    if kind == "c" and number.isdecimal() and int(number) < len(draft.columns):
        return Filled(field=one.field, columns=(draft.columns[int(number)].column,))
    return Filled(field=one.field)
