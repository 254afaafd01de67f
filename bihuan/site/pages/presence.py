"""Presence: who is online now, seats activated, versions in use, login rate by week."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Count, F, FloatField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    Column,
    DateColumn,
    Empty,
    ListPage,
    MoneyColumn,
    NumberColumn,
    nav_entry,
)
from bihuan.base.ui.charts import Chart, TimeAxis, over_time
from bihuan.capture.presence.queries import (
    LIVE_PATH,
    Online,
    Week,
    counted,
    online_for,
    share,
    territory_of,
    versions_in_use,
    weekly_logins,
)
from bihuan.know.accounts.models import Account, Membership
from bihuan.know.products.models import Product
from bihuan.site.models import AccountCard
from bihuan.understand.annotations.queries import annotated

SHOWN = 12
SEES_SEATS = "contracts.view"


@allow("presence.view")
def presence(request: HttpRequest) -> HttpResponse:
    """The page; it refreshes its body when the live stream says that the numbers changed."""
    actor, now = actor_of(request), timezone.now()
    people = online_for(actor=actor, at=now)
    context: dict[str, Any] = {"answers": people is not None, "people": people or [], "live": LIVE_PATH}
    context["accounts_online"] = len({one.account_id for one in people or []} - {None})
    context["now"] = tables(people or [], actor=actor)
    if request.headers.get("HX-Target") == "presence-now":
        return render(request, "site/parts/presence_now.html", context)
    day, accounts = timezone.localdate(now), territory_of(actor)
    weeks = weekly_logins(day=day, accounts=accounts)
    if any(week.active for week in weeks):
        context["logins"] = annotated(logins_chart(weeks), actor=actor)
    context["versions"] = versions_chart(versions_in_use(day=day, accounts=accounts))
    if actor.may(SEES_SEATS):
        sold = AccountCard.objects.visible_to(actor).filter(seats__gt=0)
        context["seats"] = sold.aggregate(sold=Sum("seats"), active=Sum("active_people"))
    return render(request, "site/presence.html", context)


def tables(people: Sequence[Online], *, actor: Actor) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """Who is online by account, product, version and region: title, then (name, address, people)."""
    ids = [one.account_id for one in people if one.account_id is not None]
    seen = Account.objects.visible_to(actor).filter(pk__in=set(ids)).select_related("region")
    known = {account.pk: account for account in seen}
    products = dict(Product.objects.values_list("pk", "name"))
    nowhere = _("Without an account")

    def region(one: Online) -> str:
        account = known.get(one.account_id or 0)
        return account.region.name if account and account.region else "–"

    accounts = [
        (known[key].name, f"/accounts/{key}/", n) if key in known else (nowhere, "", n)
        for key, n in counted(people, lambda one: one.account_id or 0)
    ]
    others = [
        (_("By product"), counted(people, lambda one: products.get(one.product_id or 0, "–"))),
        (_("By version"), counted(people, lambda one: one.version or "–")),
        (_("By region"), counted(people, region)),
    ]
    return [
        (_("By account"), accounts[:SHOWN]),
        *((title, [(str(name), "", n) for name, n in rows[:SHOWN]]) for title, rows in others),
    ]


def logins_chart(weeks: Sequence[Week]) -> Chart:
    """The share of people who were active in each week."""
    rates = share([week.active for week in weeks], [week.members for week in weeks])
    return over_time(
        title=gettext_lazy("Login rate"), first=gettext_lazy("Week from"),
        labels=[week.monday.isoformat() for week in weeks],
        series=[(gettext_lazy("Active people (%)"), rates)], size="m",
        axis=TimeAxis.of([week.monday for week in weeks], each=7),
        definition=gettext_lazy("People with a product event in the week, of the people who belonged to an account on "
                                "its last day; the last week is not over."),
    )  # fmt: skip


def versions_chart(versions: Sequence[tuple[str, int]]) -> Chart | None:
    """People of 28 days by version; None when no event names one."""
    shown = sorted(
        versions[:SHOWN], key=lambda pair: [int(p) if p.isdigit() else 0 for p in pair[0].split(".")]
    )
    if not shown:
        return None
    return over_time(
        title=gettext_lazy("Version in use"), first=gettext_lazy("Version"), labels=[name for name, _n in shown],
        series=[(gettext_lazy("People"), [n for _name, n in shown])], kind="bar", size="m",
        definition=gettext_lazy("People active in 28 days by the version of their latest event that names one "
                                "($app_version, app_version or version)."),
    )  # fmt: skip


class Activation(ListPage):
    """Seats activated against seats sold, by account."""

    name = "activation"
    title = gettext_lazy("Activation")
    permission = SEES_SEATS
    export_permission = "accounts.export"
    columns = (
        Column("name", gettext_lazy("Account"), link=lambda card: f"/accounts/{card.pk}/", pinned=True),
        NumberColumn("seats", gettext_lazy("Seats sold")),
        NumberColumn("active_people", gettext_lazy("Activated"), phone=True,
                     help=gettext_lazy("People with a product event in 28 days")),
        NumberColumn("activated", gettext_lazy("Share (%)"), phone=True,
                     help=gettext_lazy("Activated of sold; over 100 when more people work than seats were sold")),
        AgoColumn("last_active_on", gettext_lazy("Last activity")),
        Column("owner", gettext_lazy("Owner"), get="owner_name"),
        Column("region", gettext_lazy("Region"), get="region_name", hidden=True),
    )  # fmt: skip
    search = ("words",)
    default_sort = "activated"
    empty = Empty(title=gettext_lazy("No seats were sold yet"),
                  text=gettext_lazy("A contract line with a number of seats brings its account here."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Accounts with seats today."""
        part = Case(When(seats__gt=0, then=100.0 * F("active_people") / F("seats")), default=Value(0.0),
                    output_field=FloatField())  # fmt: skip
        return AccountCard.objects.visible_to(actor).filter(seats__gt=0).annotate(activated=part)

    def row_url(self, record: Any) -> str:
        """The account page."""
        return f"/accounts/{record.pk}/"


class PaidUnused(ListPage):
    """Accounts that pay and whose real users we have not found: nobody was active in 28 days."""

    name = "paid_unused"
    title = gettext_lazy("Paid, users not found")
    permission = SEES_SEATS
    export_permission = "accounts.export"
    columns = (
        Column("name", gettext_lazy("Account"), link=lambda card: f"/accounts/{card.pk}/", pinned=True),
        MoneyColumn("arr", gettext_lazy("ARR"), phone=True),
        NumberColumn("seats", gettext_lazy("Seats sold")),
        NumberColumn("members", gettext_lazy("Known people"), phone=True,
                     help=gettext_lazy("People who belong to the account today, whether they use it or not")),
        AgoColumn("last_active_on", gettext_lazy("Last activity")),
        DateColumn("renews_on", gettext_lazy("Renewal")),
        Column("owner", gettext_lazy("Owner"), get="owner_name"),
    )  # fmt: skip
    search = ("words",)
    default_sort = "-arr"
    empty = Empty(
        title=gettext_lazy("Every paying account has users"),
        text=gettext_lazy("Accounts with a contract and without anybody active in 28 days would stand here."),
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Accounts with revenue today and nobody active."""
        held = Membership.objects.filter(account=OuterRef("pk")).valid_on(timezone.localdate()).order_by()
        number = held.values("account").annotate(n=Count("person", distinct=True)).values("n")
        rows = AccountCard.objects.visible_to(actor).filter(arr__gt=0, active_people=0)
        return rows.annotate(members=Coalesce(Subquery(number), 0))

    def row_url(self, record: Any) -> str:
        """The account page."""
        return f"/accounts/{record.pk}/"


nav_entry("paid_unused", title=gettext_lazy("Paid, users not found"), url="site:paid_unused", section="customers",
          permission=SEES_SEATS, icon="user-question", order=65)  # fmt: skip
nav_entry("presence", title=gettext_lazy("Presence"), url="site:presence", section="insight",
          permission="presence.view", icon="access-point", order=20)  # fmt: skip
nav_entry("activation", title=gettext_lazy("Activation"), url="site:activation", section="insight",
          permission=SEES_SEATS, icon="users-group", order=30)  # fmt: skip
