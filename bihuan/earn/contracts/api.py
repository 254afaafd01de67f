"""REST of contracts."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.earn.contracts.actions import add_contract, change_contract, set_line
from bihuan.earn.contracts.models import Contract, ContractLine, own_currency
from bihuan.earn.contracts.queries import revenue_on
from bihuan.know.accounts.models import Account

router = Router(tags=["Contracts"])


class LineIn(Schema):
    """A line of a new contract; without dates it has the contract's."""

    name: str = ""
    seats: int | None = Field(None, ge=0, le=2_000_000_000)
    mrr: Decimal = Field(Decimal(0), ge=0, max_digits=14, decimal_places=2)
    trial: bool = False


class ContractIn(Schema):
    """A contract to record."""

    account_id: int = Field(..., ge=1, le=2**63 - 1)
    key: str = Field("", max_length=120)
    name: str = Field("", max_length=160)
    starts_on: date
    ends_on: date | None = None
    billing: str = Field("yearly", examples=["yearly"])
    auto_renew: bool = False
    currency: str = Field("", max_length=3, description="Empty: the organisation's own.", examples=["CNY"])
    lines: list[LineIn] = Field([], max_length=200)


class ContractPatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, max_length=160)
    ends_on: date | None = None
    billing: str | None = None
    auto_renew: bool | None = None


class LineMore(LineIn):
    """A line to add to a contract that exists."""

    starts_on: date | None = None
    ends_on: date | None = None


class LinePatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, max_length=120)
    seats: int | None = Field(None, ge=0, le=2_000_000_000)
    mrr: Decimal | None = Field(None, ge=0, max_digits=14, decimal_places=2)
    starts_on: date | None = None
    ends_on: date | None = None
    trial: bool | None = None


class LineOut(Schema):
    """A line."""

    id: int
    key: str
    name: str
    seats: int | None
    mrr: Decimal
    starts_on: date
    ends_on: date | None
    trial: bool


class ContractOut(Schema):
    """A contract with its lines."""

    id: int
    key: str
    account_id: int
    name: str
    starts_on: date
    ends_on: date | None
    billing: str
    auto_renew: bool
    currency: str
    days_to_renewal: int | None
    lines: list[LineOut]

    @staticmethod
    def resolve_days_to_renewal(contract: Contract) -> int | None:
        """From today."""
        return contract.days_to_renewal(on=timezone.localdate())

    @staticmethod
    def resolve_lines(contract: Contract) -> list[Any]:
        """All of them."""
        return list(contract.lines.all())


class RevenueOut(Schema):
    """Recurring revenue of the territory on a day."""

    as_of: date
    mrr: Decimal
    arr: Decimal
    subscriptions: int
    accounts: int


@router.get("/contracts", auth=Allow("contracts.view"), response=list[ContractOut], summary="List contracts")
@paginate
def list_contracts(request: HttpRequest, account_id: Number | None = None) -> Any:
    """Contracts of the territory, the newest first."""
    rows = Contract.objects.visible_to(actor_of(request)).prefetch_related("lines")
    return rows if account_id is None else rows.filter(account_id=account_id)


@router.get(
    "/contracts/{int:pk}", auth=Allow("contracts.view"), response=ContractOut, summary="Read a contract"
)
def read_contract(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return get_object_or_404(Contract.objects.visible_to(actor_of(request)), pk=pk)


@router.post(
    "/contracts", auth=Allow("contracts.edit"), response={201: ContractOut}, summary="Record a contract"
)
def create_contract(request: HttpRequest, body: ContractIn) -> Any:
    """422 names the field that is wrong."""
    actor = actor_of(request)
    account = get_object_or_404(Account.objects.visible_to(actor), pk=body.account_id)
    fields = body.dict(exclude={"account_id", "lines"})
    fields["currency"] = fields["currency"] or own_currency()
    lines = [line.dict() for line in body.lines]
    return 201, add_contract(account=account, lines=lines, by=actor, at=timezone.now(), **fields)


@router.patch(
    "/contracts/{int:pk}", auth=Allow("contracts.edit"), response=ContractOut, summary="Change a contract"
)
def update_contract(request: HttpRequest, pk: int, body: ContractPatch) -> Any:
    """Only the fields that the body has; null empties the end and leaves the others."""
    actor = actor_of(request)
    contract = get_object_or_404(Contract.objects.visible_to(actor), pk=pk)
    asked = body.dict(exclude_unset=True)
    fields = {name: value for name, value in asked.items() if value is not None or name == "ends_on"}
    return change_contract(contract=contract, by=actor, at=timezone.now(), **fields)


@router.post(
    "/contracts/{int:pk}/lines", auth=Allow("contracts.edit"), response={201: LineOut}, summary="Add a line"
)
def create_line(request: HttpRequest, pk: int, body: LineMore) -> Any:
    """Without dates it has the contract's."""
    actor = actor_of(request)
    contract = get_object_or_404(Contract.objects.visible_to(actor), pk=pk)
    fields = {k: v for k, v in body.dict().items() if k not in ("starts_on", "ends_on") or v is not None}
    return 201, set_line(contract=contract, by=actor, at=timezone.now(), **fields)


@router.patch(
    "/contracts/lines/{int:pk}", auth=Allow("contracts.edit"), response=LineOut, summary="Change a line"
)
def update_line(request: HttpRequest, pk: int, body: LinePatch) -> Any:
    """Only the fields that the body has."""
    actor = actor_of(request)
    lines = ContractLine.objects.filter(contract__in=Contract.objects.visible_to(actor))
    line = get_object_or_404(lines.select_related("contract"), pk=pk)
    asked = body.dict(exclude_unset=True)
    fields = {k: v for k, v in asked.items() if v is not None or k in ("ends_on", "seats")}
    return set_line(contract=line.contract, line=line, by=actor, at=timezone.now(), **fields)


@router.get(
    "/revenue", auth=Allow("contracts.view"), response=RevenueOut, summary="Recurring revenue on a day"
)
def read_revenue(request: HttpRequest, as_of: date | None = None) -> Any:
    """MRR and ARR of the territory as of a day, today when not given."""
    day = as_of or timezone.localdate()
    found = revenue_on(day=day, actor=actor_of(request))
    return {"as_of": day, "mrr": found.mrr, "arr": found.arr, "subscriptions": found.subscriptions,
            "accounts": found.accounts}  # fmt: skip
