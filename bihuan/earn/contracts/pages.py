"""Pages of contracts."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.fields import DecimalField
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    Hit,
    ListPage,
    MoneyColumn,
    nav_entry,
    palette_source,
)
from bihuan.earn.contracts.actions import add_contract, change_contract, set_line
from bihuan.earn.contracts.forms import ContractForm, LineForm
from bihuan.earn.contracts.models import Billing, Contract, ContractLine
from bihuan.earn.contracts.rules import arr, mrr_on

ZERO = Value(0, output_field=DecimalField(max_digits=14, decimal_places=2))


def with_mrr(contracts: QuerySet[Any]) -> QuerySet[Any]:
    """Contracts with `mrr_now`, what their lines bring a month today; worked out for the rows shown only."""
    mine = ContractLine.objects.active_on(timezone.localdate()).filter(contract=OuterRef("pk"), trial=False)
    total = mine.order_by().values("contract").annotate(total=Sum("mrr")).values("total")
    found: QuerySet[Any] = contracts.annotate(mrr_now=Coalesce(Subquery(total), ZERO))
    return found


class ContractFilters(Filters):
    """What a list of contracts can be narrowed by."""

    billing = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Billing period"), choices=Billing.choices
    )
    auto_renew = django_filters.BooleanFilter(label=gettext_lazy("Renews by itself"))
    ends_on = django_filters.DateFromToRangeFilter(label=gettext_lazy("End"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))


class Contracts(ListPage):
    """All contracts of the territory."""

    name = "contracts"
    title = gettext_lazy("Contracts")
    permission = "contracts.view"
    export_permission = "contracts.export"
    columns = (
        Column("key", gettext_lazy("Number"), pinned=True, link=lambda c: reverse("contracts:page", args=[c.pk])),
        Column("account", gettext_lazy("Account"), get="account.name", phone=True,
               link=lambda c: reverse("site:account", args=[c.account_id])),
        Column("name", gettext_lazy("Name"), hidden=True),
        DateColumn("starts_on", gettext_lazy("Start")),
        DateColumn("ends_on", gettext_lazy("End"), phone=True),
        BadgeColumn("billing", gettext_lazy("Billing period"), choices=dict(Billing.choices)),
        BadgeColumn("auto_renew", gettext_lazy("Renews by itself"),
                    choices={True: gettext_lazy("Yes"), False: gettext_lazy("No")}),
        MoneyColumn("mrr_now", gettext_lazy("Revenue a month"), currency="currency",
                    help=gettext_lazy("Lines active today; trials at zero.")),
    )  # fmt: skip
    search = ("key", "name", "account__name")
    filters = ContractFilters
    default_sort = "-starts_on"
    create_title = gettext_lazy("New contract")
    create_permission = "contracts.edit"
    empty = Empty(title=gettext_lazy("No contracts yet"),
                  text=gettext_lazy("Record the first one, or import them."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Contracts of visible accounts."""
        return with_mrr(Contract.objects.visible_to(actor).select_related("account"))

    def row_url(self, record: Any) -> str:
        """The contract's page."""
        return reverse("contracts:page", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("contracts:new")


@allow("contracts.view")
def contract_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One contract with its lines and what they bring today."""
    actor = actor_of(request)
    contract = get_object_or_404(Contract.objects.visible_to(actor).select_related("account"), pk=pk)
    today = timezone.localdate()
    lines = [
        (
            line,
            mrr_on(day=today, mrr=line.mrr, starts_on=line.starts_on, ends_on=line.ends_on, trial=line.trial),
        )
        for line in contract.lines.select_related("product")
    ]
    mrr = sum((amount for _line, amount in lines), Decimal(0))
    context = {"contract": contract, "lines": lines, "mrr": mrr, "arr": arr(mrr=mrr),
               "days": contract.days_to_renewal(on=today), "may_edit": actor.may("contracts.edit")}  # fmt: skip
    return render(request, "contracts/page.html", context)


class NewContract(FormPage):
    """Record a contract."""

    name = "contract"
    title = gettext_lazy("New contract")
    permission = "contracts.edit"
    form = ContractForm

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The account may be given in the address."""
        return {"actor": actor, "initial": {"account": request.GET.get("account")}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it and go there."""
        contract = add_contract(**form.cleaned_data, by=by, at=at)
        return _("Contract recorded. Add its lines."), reverse("contracts:page", args=[contract.pk])


class EditContract(NewContract):
    """Change a contract."""

    title = gettext_lazy("Edit contract")
    about = Contract

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"actor": actor, "instance": Contract.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        fields = {name: value for name, value in form.cleaned_data.items() if name not in ("account",)}
        fields["key"] = fields["key"] or subject.key
        change_contract(contract=subject, by=by, at=at, **fields)
        return _("Contract saved."), reverse("contracts:page", args=[subject.pk])


class NewLine(FormPage):
    """Add a line to a contract."""

    name = "contract-line"
    title = gettext_lazy("New line")
    permission = "contracts.edit"
    form = LineForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The contract and, for a change, the line."""
        contract = get_object_or_404(Contract.objects.visible_to(actor), pk=route["pk"])
        line = (
            get_object_or_404(ContractLine, contract=contract, pk=route["line"]) if "line" in route else None
        )
        return contract, line

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """A new line has the contract's dates."""
        contract, line = subject
        if line is not None:
            return {"instance": ContractLine.objects.get(pk=line.pk)}
        return {"initial": {"starts_on": contract.starts_on, "ends_on": contract.ends_on}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the line."""
        contract, line = subject
        set_line(contract=contract, line=line, by=by, at=at, **form.cleaned_data)
        return _("Line saved."), reverse("contracts:page", args=[contract.pk])


class EditLine(NewLine):
    """Change a line of a contract."""

    title = gettext_lazy("Edit line")


nav_entry("contracts", title=gettext_lazy("Contracts"), url="contracts:list", section="sales",
          permission="contracts.view", icon="file-text")  # fmt: skip


@palette_source("contracts", title=gettext_lazy("Contracts"), permission="contracts.view", icon="file-text")
def find_contracts(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """Contracts by number, name or account."""
    rows = Contract.objects.visible_to(actor).select_related("account")
    rows = rows.filter(Q(key__icontains=q) | Q(name__icontains=q) | Q(account__name__icontains=q))[:limit]
    return [
        Hit(title=f"{row.key} · {row.account.name}", url=reverse("contracts:page", args=[row.pk]))
        for row in rows
    ]
