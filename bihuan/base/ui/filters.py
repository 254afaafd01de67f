"""Filters of a list: a django-filter FilterSet whose active values show as chips."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from bihuan.base.ui import formats

DASHES = "---------"


ENDS = ("min", "max", "after", "before")


class Filters(django_filters.FilterSet):  # type: ignore[misc]
    """Base of every list's filters. Declare django_filters.*Filter with a translated `label`; `needs` maps a filter
    to the permission without which a reader does not have it."""

    needs: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for one in self.filters.values():
            if isinstance(one, django_filters.ChoiceFilter) and one.extra.get("empty_label") in (
                None,
                DASHES,
            ):
                one.extra["empty_label"] = gettext_lazy("Any")
            if isinstance(one, django_filters.MultipleChoiceFilter) and "__" not in str(one.field_name):
                one.distinct = False  # one column of the row itself cannot match twice


def asked_for(filters: Any, parameters: Iterable[str]) -> type[Filters]:
    """The class `filters` with those only that a URL with these parameters sets: a filtered list mostly has one, and
    making all of them would be a third of its work."""
    names = (name for name in filters.base_filters if not inputs_of(name).isdisjoint(parameters))
    return only(filters, tuple(names))


@cache
def only(filters: Any, names: tuple[str, ...]) -> type[Filters]:
    """The same filters without the others; at most one class for each choice among a list's few filters."""
    kept = {name: filters.base_filters[name] for name in names}
    narrowed: type[Filters] = type(filters.__name__, (filters,), {"__module__": filters.__module__})
    narrowed.base_filters = kept
    return narrowed


@cache
def inputs_of(name: str) -> frozenset[str]:
    """The parameters of the URL that may set a filter: its own, and the two ends of a range."""
    return frozenset((name, *(f"{name}_{end}" for end in ENDS)))


@dataclass(frozen=True, kw_only=True)
class Chip:
    """An active filter in words, and the query string without it."""

    label: str
    value: str
    without: str


def chips(filters: Any, *, params: QueryDict) -> list[Chip]:
    """The active filters of a bound FilterSet."""
    form = filters.form
    if not form.is_bound or not form.is_valid():
        return []
    found = []
    for name, value in form.cleaned_data.items():
        if value in (None, "", [], ()) or (isinstance(value, models.QuerySet) and not value):
            continue
        found.append(
            Chip(
                label=str(form.fields[name].label or name),
                value=in_words(form.fields[name], value),
                without=without(params, name),
            )
        )
    return found


def in_words(field: Any, value: Any) -> str:
    """A filter's value as the reader chose it."""
    if isinstance(value, slice):
        return " – ".join(str(end) for end in (value.start, value.stop) if end is not None)
    if isinstance(value, list | models.QuerySet):
        return formats.listed(in_words(field, one) for one in value)
    names = dict(flat(getattr(field, "choices", ()))) if not isinstance(value, models.Model) else {}
    try:
        return str(names.get(str(value), value))
    except ObjectDoesNotExist:
        return str(value)


def flat(choices: Any) -> list[tuple[str, str]]:
    """Choices without their groups."""
    pairs: list[tuple[str, str]] = []
    for key, label in choices:
        if isinstance(label, list | tuple):
            pairs.extend(flat(label))
        else:
            pairs.append((str(key), str(label)))
    return pairs


def without(params: QueryDict, name: str) -> str:
    """The query string without a filter (all its inputs) and back on the first page."""
    left = params.copy()
    for key in (inputs_of(name) | {"page"}) & set(left):
        del left[key]
    return left.urlencode()
