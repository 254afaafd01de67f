"""Who is likely to be lost, why, and what would change it."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.access import Actor, actor_of
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    ListPage,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    nav_entry,
)
from bihuan.foresee.warning.models import Band
from bihuan.foresee.warning.queries import (
    changes_in_words,
    risk_reasons_in_words,
    risks_now,
    settings_now,
    verdict,
    verdict_in_words,
)
from bihuan.foresee.warning.queries.standing_in import lowest_health

BAND_KINDS = {"list": "bad", "next": "warn"}


class RiskFilters(Filters):
    """What the list can be narrowed by."""

    band = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("early warning", "Line"), choices=Band.choices
    )
    tier = django_filters.CharFilter(field_name="account__tier", label=gettext_lazy("Tier"))
    least = django_filters.NumberFilter(
        field_name="probability", lookup_expr="gte", label=gettext_lazy("Risk of at least (0 to 1)")
    )
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))


class Risks(ListPage):
    """Every paying account of the territory, the highest risk first."""

    name, title, permission = "risks", gettext_lazy("Early warning"), "warning.view"
    template = "warning/list.html"
    export_permission = "warning.export"
    columns = (
        NumberColumn("rank", gettext_lazy("Place")),
        Column("account", gettext_lazy("Account"), get="account.name", pinned=True, phone=True,
               link=lambda row: reverse("site:account", args=[row.account_id])),
        PercentColumn("probability", gettext_lazy("Risk"), phone=True),
        BadgeColumn("band", pgettext_lazy("early warning", "Line"), choices=dict(Band.choices), kinds=BAND_KINDS, phone=True),
        MoneyColumn("value", gettext_lazy("At stake a year"), permission="contracts.view"),
        Column("reasons", gettext_lazy("Why"), get="why", sort=None),
        Column("changes", gettext_lazy("What would change it"), get="what_changes", sort=None),
        Column("tier", gettext_lazy("Tier"), get="account.tier", hidden=True),
        DateColumn("day", gettext_lazy("Day"), hidden=True),
    )  # fmt: skip
    search = ("account__name",)
    filters = RiskFilters
    default_sort = "rank"
    empty = Empty(
        title=gettext_lazy("No risks"),
        text=gettext_lazy("Risks are computed every night for customers who pay, when a usable model is in force."),
        icon="activity",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those of the territory."""
        return risks_now(actor)

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """In words."""
        for row in records:
            row.why = "; ".join(risk_reasons_in_words(row))
            row.what_changes = "; ".join(changes_in_words(row))
        return records

    def row_url(self, record: Any) -> str:
        """The account's page."""
        return reverse("site:account", args=[record.account_id])

    def row_label(self, record: Any) -> str:
        """The account's name."""
        return str(record.account)

    def context(self, *, request: HttpRequest, **route: Any) -> dict[str, Any]:
        """How far it can be believed; the lowest health where it cannot."""
        now, actor = verdict(), actor_of(request)
        return {
            "now": now, "said": verdict_in_words(now.model), "settings": settings_now(),
            "may_manage": actor.may("warning.manage"),
            "standing_in": [] if now.usable else lowest_health(actor=actor),
        }  # fmt: skip


nav_entry("warning", title=gettext_lazy("Early warning"), url="warning:list", section="foresight", permission="warning.view",
          icon="activity", order=5)  # fmt: skip
