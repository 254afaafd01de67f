"""The list of accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.base.access import Actor, actor_of
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    Hit,
    ListPage,
    ModelChoice,
    MoneyColumn,
    NumberColumn,
    SparkColumn,
    Undo,
    formats,
    html,
    nav_entry,
    palette_source,
    undoable,
)
from bihuan.base.ui.columns import DASH, Reading
from bihuan.know.accounts.actions import change_account
from bihuan.know.accounts.models import Account, Stage, Tier
from bihuan.know.staff.models import Region, Staff
from bihuan.site.health import BANDS, badge
from bihuan.site.models import AccountCard
from bihuan.site.owners import give_owner
from bihuan.understand.segments.queries import segments_of, within

SEES_HEALTH = "health.view"
SEES_MONEY = "contracts.view"
NO_COLUMN = ("reasons", "words", "mrr", "value_at_stake", "auto_renew", "refreshed_at")


class HealthColumn(Column):
    """The band with score, label and shape."""

    def inner(self, record: AccountCard, *, reading: Reading) -> SafeString:
        """As the class says."""
        return badge(record.band, record.health, language=reading.language)


class DeltaColumn(NumberColumn):
    """A difference with sign and arrow."""

    def inner(self, record: AccountCard, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        delta = record.health_delta
        if delta is None:
            return html.raw("")
        css = "up" if round(delta) > 0 else "down" if round(delta) < 0 else "soft"
        return html.raw(f'<span class="{css}">{formats.change(delta)}</span>')


class RenewalColumn(Column):
    """The date of renewal and the days until then."""

    css = "date"

    def inner(self, record: AccountCard, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        days = record.days_to_renewal(on=reading.today)
        if days is None:
            return DASH
        css = "down" if 0 <= days <= 60 else ""
        words = formats.days_in_words(days, reading.language)
        return html.raw(f'<span class="{css}" title="{record.renews_on}">{words}</span>')


class AccountFilters(Filters):
    """What the list narrows by."""

    needs = {"band": SEES_HEALTH, "renews_on": SEES_MONEY, "segment": "segments.view"}

    band = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Health"), choices=list(BANDS.items()), widget=forms.CheckboxSelectMultiple
    )
    tier = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Tier"), choices=Tier.choices, widget=forms.CheckboxSelectMultiple
    )
    stage = django_filters.ChoiceFilter(
        label=gettext_lazy("Stage"), choices=Stage.choices, empty_label=gettext_lazy("Any")
    )
    region = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Region"), queryset=Region.objects.all(), empty_label=gettext_lazy("Any")
    )
    owner = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Owner"),
        queryset=Staff.objects.filter(is_active=True),
        empty_label=gettext_lazy("Any"),
    )
    industry = django_filters.CharFilter(label=gettext_lazy("Industry"))
    renews_on = django_filters.DateFromToRangeFilter(label=gettext_lazy("Renewal"))
    segment = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Segment"), queryset=segments_of("account"), method="in_segment", empty_label=gettext_lazy("Any")
    )  # fmt: skip

    def in_segment(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Its members today."""
        return within(rows, segment=value, actor=actor_of(self.request), on=timezone.localdate())


def account_url(card: AccountCard) -> str:
    """The account page."""
    return f"/accounts/{card.pk}/"


class TierForm(forms.Form):
    """Asked before a batch sets the tier."""

    tier = forms.ChoiceField(label=gettext_lazy("Tier"), choices=Tier.choices)


class OwnerForm(forms.Form):
    """Asked before a batch hands accounts over."""

    owner = ModelChoice(
        Staff.objects.filter(is_active=True),
        label=gettext_lazy("Owner"),
        help_text=gettext_lazy("Becomes the owner; the rest of the owner team stays."),
    )


def set_tier(*, rows: Sequence[AccountCard], by: Actor, at: datetime, data: dict[str, Any]) -> Done:
    """Set the tier of every ticked account; can be undone."""
    accounts = Account.objects.in_bulk([card.pk for card in rows]).values()
    before = {str(account.pk): account.tier for account in accounts}
    for account in accounts:
        change_account(account=account, tier=data["tier"], by=by, at=at)
    AccountCard.objects.filter(pk__in=[card.pk for card in rows]).update(tier=data["tier"])
    text = ngettext("Tier set for %(n)d account.", "Tier set for %(n)d accounts.", len(rows)) % {
        "n": len(rows)
    }
    return Done(text=text, undo=Undo(name="accounts.tier", args={"before": before}))


@undoable("accounts.tier", permission="accounts.edit")
def unset_tier(*, by: Actor, at: datetime, before: dict[str, str]) -> str:
    """Give back the tiers from before."""
    for account in Account.objects.visible_to(by).filter(pk__in=[int(pk) for pk in before]):
        change_account(account=account, tier=before[str(account.pk)], by=by, at=at)
        AccountCard.objects.filter(pk=account.pk).update(tier=before[str(account.pk)])
    return _("The tiers are as before.")


def set_owner(*, rows: Sequence[AccountCard], by: Actor, at: datetime, data: dict[str, Any]) -> Done:
    """Hand every ticked account to a colleague; can be undone."""
    before = {str(card.pk): card.owner_id for card in rows}
    for account in Account.objects.in_bulk([card.pk for card in rows]).values():
        give_owner(account=account, owner=data["owner"], by=by, at=at)
    text = ngettext("%(n)d account handed to %(name)s.", "%(n)d accounts handed to %(name)s.", len(rows))
    done = text % {"n": len(rows), "name": data["owner"]}
    return Done(text=done, undo=Undo(name="accounts.owner", args={"before": before}))


@undoable("accounts.owner", permission="accounts.edit")
def unset_owner(*, by: Actor, at: datetime, before: dict[str, int | None]) -> str:
    """Give the accounts back to who had them."""
    staff = Staff.objects.in_bulk([pk for pk in before.values() if pk])
    for account in Account.objects.visible_to(by).filter(pk__in=[int(pk) for pk in before]):
        give_owner(account=account, owner=staff.get(before[str(account.pk)] or 0), by=by, at=at)
    return _("The owners are as before.")


class Accounts(ListPage):
    """Every account of the territory with the numbers that matter."""

    name = "accounts"
    title = gettext_lazy("Customers")
    permission = "accounts.view"
    columns = (
        Column("name", gettext_lazy("Account"), link=account_url, pinned=True),
        BadgeColumn("tier", gettext_lazy("Tier")),
        HealthColumn("health", gettext_lazy("Health"), phone=True, permission=SEES_HEALTH),
        DeltaColumn(
            "health_delta",
            gettext_lazy("30 d"),
            help=gettext_lazy("Change of health in 30 days"),
            permission=SEES_HEALTH,
        ),
        SparkColumn(
            "spark", gettext_lazy("Use"), sort=None, help=gettext_lazy("Events a week, twelve weeks")
        ),
        MoneyColumn(
            "arr",
            gettext_lazy("ARR"),
            phone=True,
            help=gettext_lazy("Annual recurring revenue today"),
            permission=SEES_MONEY,
        ),
        RenewalColumn("renews_on", gettext_lazy("Renewal"), permission=SEES_MONEY),
        Column("owner", gettext_lazy("Owner"), get="owner_name"),
        AgoColumn("last_active_on", gettext_lazy("Last activity")),
        NumberColumn("active_people", gettext_lazy("Active people"), hidden=True),
        NumberColumn("seats", gettext_lazy("Seats"), hidden=True, sort=None, permission=SEES_MONEY),
        NumberColumn("open_tickets", gettext_lazy("Open tickets"), hidden=True),
        Column("industry", gettext_lazy("Industry"), hidden=True),
        Column("region", gettext_lazy("Region"), get="region_name", hidden=True),
        BadgeColumn(
            "stage",
            gettext_lazy("Stage"),
            choices=dict(Stage.choices),
            hidden=True,
        ),
        NumberColumn(
            "need",
            gettext_lazy("At stake"),
            hidden=True,
            help=gettext_lazy("ARR × lack of health"),
            permission=SEES_MONEY,
        ),
    )
    search = ("words",)
    search_hint = gettext_lazy("Name or key")
    export_permission = "accounts.export"
    create_title = gettext_lazy("New customer")
    create_permission = "accounts.edit"
    filters = AccountFilters
    default_sort = "-arr"
    empty = Empty(
        title=gettext_lazy("No customers yet"),
        text=gettext_lazy(
            "Import your own tables under Data, or fill the installation with a simulated company."
        ),
        icon="building",
    )
    batch = (
        BatchAction(
            name="tier",
            title=gettext_lazy("Set tier"),
            permission="accounts.edit",
            run=set_tier,
            icon="star",
            form=TierForm,
        ),
        BatchAction(
            name="owner",
            title=gettext_lazy("Hand over"),
            permission="accounts.edit",
            run=set_owner,
            icon="user-check",
            form=OwnerForm,
        ),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[AccountCard]:
        """Cards of the territory, read alone: the names of owner and region are copied on them."""
        return AccountCard.objects.visible_to(actor).defer(*NO_COLUMN)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form of the accounts room."""
        return reverse("accounts:new")

    def row_url(self, record: AccountCard) -> str:
        """The account page."""
        return account_url(record)


nav_entry(
    "accounts",
    title=gettext_lazy("Customers"),
    url="site:accounts",
    section="customers",
    permission="accounts.view",
    order=10,
    phone=True,
)


@palette_source(
    "accounts", title=gettext_lazy("Customers"), permission="accounts.view", icon="building", order=10
)
def find_accounts(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """Accounts by any words of their name or key."""
    cards = AccountCard.objects.visible_to(actor)
    for word in q.split():
        cards = cards.filter(words__icontains=word)
    money = actor.may(SEES_MONEY)
    return [
        Hit(
            title=card.name,
            url=account_url(card),
            note=f"{card.tier} {formats.money(card.arr, short=True) if money else ''}".strip(),
        )
        for card in cards.order_by("-arr")[:limit]
    ]
