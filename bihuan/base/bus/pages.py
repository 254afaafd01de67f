"""The audit page: who did what, when, from the facts of actions."""

import json
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.bus.facts import fact_names, title_of
from bihuan.base.bus.queries import audit_of
from bihuan.base.ui import AgoColumn, Column, Empty, Filters, ListPage, nav_entry


def details(row: Any) -> str:
    """The payload in short, without the ids that have columns of their own."""
    shown = {
        k: v
        for k, v in row.payload.items()
        if k not in ("account_id", "person_id", "product_id") and v not in (None, "")
    }
    return json.dumps(shown, ensure_ascii=False)[1:-1][:200] if shown else ""


class FactFilters(Filters):
    """What the list can be narrowed by."""

    name = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("What"), choices=lambda: [(name, title_of(name)) for name in fact_names()]
    )
    actor_name = django_filters.CharFilter(label=gettext_lazy("Who"), lookup_expr="icontains")
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"))
    account_id = django_filters.NumberFilter(label=gettext_lazy("Account number"))


class Audit(ListPage):
    """Everything that was done, the newest first."""

    name = "audit"
    title = gettext_lazy("Audit")
    permission = "audit.view"
    columns = (
        AgoColumn("at", gettext_lazy("When"), pinned=True),
        Column("actor_name", gettext_lazy("Who"), phone=True),
        Column("actor_kind", gettext_lazy("As"), hidden=True),
        Column("name", gettext_lazy("What"), get=lambda r: title_of(r.name), sort="name", phone=True),
        Column("account", gettext_lazy("Account number"), get="account_id", sort=None),
        Column("details", gettext_lazy("Details"), get=details, sort=None),
    )
    search = ("actor_name", "name")
    filters = FactFilters
    default_sort = "-at"
    empty = Empty(title=gettext_lazy("Nothing was done yet"),
                  text=gettext_lazy("Every change that a person, a token or the platform makes appears here."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All facts: only administrators and managers come here; a manager's territory still counts."""
        return audit_of(actor=actor)


nav_entry("audit", title=gettext_lazy("Audit"), url="bus:audit", section="settings", permission="audit.view",
          icon="file-text")  # fmt: skip
