"""An account's exception, and what people hold of it."""

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    ListPage,
    NumberColumn,
    done,
)
from bihuan.foresee.tiers import actions
from bihuan.foresee.tiers.forms import ExceptionForm, ScoresForm
from bihuan.foresee.tiers.models import TierMove, Why
from bihuan.foresee.tiers.queries import scores_of
from bihuan.know.accounts.models import Tier
from bihuan.know.accounts.queries import visible_account


class MoveFilters(Filters):
    """What the history can be narrowed by."""

    why = django_filters.ChoiceFilter(label=gettext_lazy("Why"), choices=Why.choices)
    after = django_filters.ChoiceFilter(label=gettext_lazy("Tier"), choices=Tier.choices)
    day = django_filters.DateFromToRangeFilter(label=gettext_lazy("Day"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))


class TierMoves(ListPage):
    """Every move of the territory."""

    name, title, permission = "tier_moves", gettext_lazy("Moves between tiers"), "tiers.view"
    columns = (
        Column("account", gettext_lazy("Account"), get="account.name", pinned=True,
               link=lambda row: reverse("site:account", args=[row.account_id])),
        Column("before", gettext_lazy("Before"), phone=True),
        Column("after", gettext_lazy("Tier"), phone=True),
        BadgeColumn("why", gettext_lazy("Why"), choices=dict(Why.choices), kinds={"exception": "warn", "hand": "info"}),
        Column("reason", gettext_lazy("Reason")),
        NumberColumn("version", gettext_lazy("Version of the rules")),
        NumberColumn("row", gettext_lazy("Row")),
        DateColumn("day", gettext_lazy("Day")),
        ActorColumn("by_name", gettext_lazy("By")),
        AgoColumn("at", gettext_lazy("When"), hidden=True),
    )  # fmt: skip
    search = ("account__name", "reason", "by_name")
    filters = MoveFilters
    default_sort = "-day"
    empty = Empty(
        title=gettext_lazy("Nobody has moved yet"),
        text=gettext_lazy("Here stands who changed the tier, when and why: by the rules, by an exception, or by hand."),
        icon="star",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those of the territory."""
        return TierMove.objects.visible_to(actor).select_related("account")


class GrantException(FormPage):
    """Put an account into another tier than by rule, for a while."""

    name, title, permission, form = (
        "tier-exception",
        gettext_lazy("Exception from the tier rules"),
        "tiers.override",
        ExceptionForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account, within the territory."""
        return visible_account(pk=route["account"], actor=actor)

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Ninety days, unless said otherwise."""
        return {"initial": {"tier": subject.tier, "expires_on": timezone.localdate() + timedelta(days=90)}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Let it count."""
        actions.grant_exception(account=subject, by=by, at=at, **form.cleaned_data)
        return _("The exception counts until then."), reverse("site:account", args=[subject.pk])


@allow("tiers.override")
@require_POST
def drop_exception(request: HttpRequest, account: int) -> HttpResponse:
    """Let the rules count again."""
    actor = actor_of(request)
    found = visible_account(pk=account, actor=actor)
    actions.end_exception(account=found, by=actor, at=timezone.now())
    return done(request, _("The rules count again."), to=reverse("site:account", args=[found.pk]))


class JudgeAccount(FormPage):
    """Say what you hold of an account."""

    name, title, permission, form = (
        "account-scores",
        gettext_lazy("Potential, fit and brand"),
        "tiers.score",
        ScoresForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account, within the territory."""
        return visible_account(pk=route["account"], actor=actor)

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what counts now."""
        return {"scores": scores_of(account_id=subject.pk, on=timezone.localdate())}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """It counts from today on."""
        actions.judge_account(account=subject, scores=form.cleaned_data, by=by, at=at)
        return _("Saved."), reverse("site:account", args=[subject.pk])
