"""The audit page: who did what to which, from what to what, from the facts of actions."""

import json
from html import escape
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext

from bihuan.base.access import Actor
from bihuan.base.bus.facts import fact_names, title_of
from bihuan.base.bus.queries import audit_of
from bihuan.base.bus.said import Told, subjects_of, told
from bihuan.base.ui import ActorColumn, AgoColumn, Column, Empty, Filters, ListPage, html, nav_entry

#: So many fields of a fact are shown; the rest stands in its JSON.
SHOWN = 6
#: So many letters of its JSON are on the page; an import says thousands of rows. The REST API has all of it.
MOST_JSON = 20_000
KINDS = {
    "staff": gettext_lazy("A colleague"), "token": gettext_lazy("A program"), "system": gettext_lazy("The platform"),
    "guest": gettext_lazy("A customer, by a link"),
}  # fmt: skip


class DetailsColumn(Column):
    """What a fact says, field by field, and its JSON one click away."""

    def plain(self, record: Any) -> str:
        """For an export: "tier B → A; reason …"."""
        return pgettext("clauses", "; ").join(str(one) for one in told(record.payload))

    def inner(self, record: Any, *, reading: Any) -> str | SafeString:
        """The same as a list."""
        lines = "".join(f"<li>{_line(one)}</li>" for one in told(record.payload)[:SHOWN])
        text = json.dumps(record.payload, ensure_ascii=False, indent=1, sort_keys=True)
        raw = escape(text if len(text) <= MOST_JSON else f"{text[:MOST_JSON]}…")
        return html.raw(
            f'<ul class="told">{lines}</ul><details class="raw"><summary>JSON</summary><pre>{raw}</pre></details>'
        )


def _line(one: Told) -> str:
    before = "" if one.before is None else f"{escape(one.before)} → "
    return f'<span class="soft">{escape(one.label)}</span> {before}{escape(one.value)}'


class SubjectColumn(Column):
    """Which records a fact is about, each a link."""

    def plain(self, record: Any) -> str:
        """Their names."""
        return pgettext("clauses", "; ").join(one.title for one in record.subjects)

    def inner(self, record: Any, *, reading: Any) -> str | SafeString:
        """Their names, linked."""
        found = [
            f'<a href="{escape(one.url)}">{escape(one.title)}</a>' if one.url else escape(one.title)
            for one in record.subjects
        ]
        return html.raw("<br>".join(found)) if found else html.raw('<span class="nothing">–</span>')


class FactFilters(Filters):
    """What the list can be narrowed by."""

    name = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("What"), choices=lambda: [(name, title_of(name)) for name in fact_names()]
    )
    actor_name = django_filters.CharFilter(label=gettext_lazy("Who"), lookup_expr="icontains")
    actor_kind = django_filters.ChoiceFilter(
        label=gettext_lazy("As"),
        choices=list(KINDS.items()),
    )
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"))
    account_id = django_filters.NumberFilter(label=gettext_lazy("Account number"))


class Audit(ListPage):
    """Everything that was done, the newest first."""

    name = "audit"
    title = gettext_lazy("Audit")
    permission = "audit.view"
    columns = (
        AgoColumn("at", gettext_lazy("When"), pinned=True),
        ActorColumn("actor_name", gettext_lazy("Who"), phone=True),
        Column("actor_kind", gettext_lazy("As"), choices=KINDS, hidden=True),
        Column("name", gettext_lazy("What"), get=lambda r: title_of(r.name), sort="name", phone=True),
        SubjectColumn("subjects", gettext_lazy("About"), sort=None, phone=True),
        DetailsColumn("details", gettext_lazy("Details"), sort=None, phone=True),
        Column("account", gettext_lazy("Account number"), get="account_id", sort=None, hidden=True),
    )
    search = ("actor_name", "name")
    filters = FactFilters
    default_sort = "-at"
    empty = Empty(title=gettext_lazy("Nothing was done yet"),
                  text=gettext_lazy("Every change that a person, a token or the platform makes appears here."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All facts: only administrators and managers come here; a manager's territory still counts."""
        return audit_of(actor=actor)

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """Each with the records that it names."""
        found = subjects_of(record.payload for record in records)
        for record in records:
            named = [
                found.get((field, value)) for field, value in record.payload.items() if isinstance(value, int)
            ]
            record.subjects = [one for one in named if one is not None]
        return records


nav_entry("audit", title=gettext_lazy("Audit"), url="bus:audit", section="settings", permission="audit.view",
          icon="file-text")  # fmt: skip
