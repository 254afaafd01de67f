"""Writes about contracts and their lines."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.earn.contracts.events import ContractAdded, ContractChanged, ContractLineSet, ContractsImported
from bihuan.earn.contracts.metrics import CONTRACTS, LINES
from bihuan.earn.contracts.models import Billing, Contract, ContractLine
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product

OF_CONTRACT = ("account_key", "contract_name", "contract_starts_on", "contract_ends_on", "billing", "auto_renew",
               "currency", "signed_on")  # fmt: skip


@transaction.atomic
def add_contract(
    *,
    account: Account,
    by: Actor,
    at: datetime,
    lines: Sequence[dict[str, Any]] = (),
    key: str = "",
    **fields: Any,
) -> Contract:
    """Record a contract with its lines; a line without dates has the contract's."""
    contract = Contract(account=account, key=key or f"C-{uuid4().hex[:8]}", created_at=at, **fields)
    contract.full_clean()
    contract.save()
    total = Decimal(0)
    for number, line in enumerate(lines, start=1):
        row = _line(contract=contract, number=number, **line)
        total += Decimal(0) if row.trial else row.mrr
    publish(
        ContractAdded(
            contract_id=contract.pk, account_id=account.pk, mrr=str(total), currency=contract.currency
        ),
        by=by,
        at=at,
    )
    return contract


@transaction.atomic
def change_contract(*, contract: Contract, by: Actor, at: datetime, **fields: Any) -> Contract:
    """Set the given fields; an end before the start is refused."""
    stored: Contract = Contract.objects.select_for_update().get(pk=contract.pk)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    if not changed:
        return stored
    before = {name: kept(getattr(stored, name)) for name in changed}
    for name in changed:
        setattr(stored, name, fields[name])
    stored.full_clean()
    stored.save()
    publish(
        ContractChanged(
            contract_id=stored.pk, account_id=stored.account_id, before=before,
            after={name: kept(fields[name]) for name in changed},
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return stored


@transaction.atomic
def set_line(
    *, contract: Contract, by: Actor, at: datetime, line: ContractLine | None = None, **fields: Any
) -> ContractLine:
    """Add a line, or change one of this contract."""
    added, before = line is None, {}
    if line is None:
        line = _line(contract=contract, number=contract.lines.count() + 1, **fields)
    else:
        if line.contract_id != contract.pk:
            raise ValidationError(_("This line belongs to another contract."))
        held = ContractLine.objects.select_for_update().get(pk=line.pk)
        for name, value in fields.items():
            setattr(line, name, value)
        line.full_clean()
        line.save()
        before = {
            name: kept(getattr(held, name))
            for name in LINES.changed
            if getattr(held, name) != getattr(line, name)
        }
    publish(
        ContractLineSet(
            contract_id=contract.pk,
            account_id=contract.account_id,
            line_id=line.pk,
            mrr=str(line.mrr),
            added=added,
            currency=contract.currency,
            before=before,
        ),
        by=by,
        at=at,
    )
    return line


def _line(*, contract: Contract, number: int, **fields: Any) -> ContractLine:
    fields.setdefault("starts_on", contract.starts_on)
    fields.setdefault("ends_on", contract.ends_on)
    key = fields.pop("key", "") or f"{contract.key}/{number}"
    while ContractLine.objects.filter(key=key).exists():
        number += 1
        key = f"{contract.key}/{number}"
    row = ContractLine(contract=contract, key=key, **fields)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def import_contract_lines(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Lines by key. Each row also carries its contract: `contract_key` (the line's own key when absent),
    the account and the contract's fields; the first row of a contract says them, later rows may repeat them."""
    contracts: dict[str, Row] = {}
    for row in rows:
        key = str(row.get("contract_key") or row.get("key") or "")
        contracts.setdefault(key, _contract_of(row, key=key))
    accounts = references(queryset=Account.objects)
    stored = upsert(
        model=Contract, rows=list(contracts.values()), key=["key"], required=["account", "starts_on"], at=at,
        refs={"account_key": ("account", accounts)},
    )  # fmt: skip
    refused = {list(contracts)[r.index]: r for r in stored.rejected}
    count = ImportCount()
    wanted: list[Row] = []
    positions: list[int] = []
    for index, row in enumerate(rows):
        contract_key = str(row.get("contract_key") or row.get("key") or "")
        if contract_key in refused:
            r = refused[contract_key]
            count.rejected.append(type(r)(index=index, field=r.field, value=r.value, reason=r.reason))
            continue
        line = {name: value for name, value in row.items() if name not in OF_CONTRACT}
        wanted.append({**line, "contract_key": contract_key})
        positions.append(index)
    lines = upsert(
        model=ContractLine, rows=wanted, key=["key"], required=["contract", "starts_on"],
        refs={
            "contract_key": ("contract", references(queryset=Contract.objects)),
            "product_code": ("product", references(queryset=Product.objects, column="code")),
        },
    )  # fmt: skip
    lines.rejected = [
        type(r)(index=positions[r.index], field=r.field, value=r.value, reason=r.reason)
        for r in lines.rejected
    ]
    count.add(lines)
    if count.created or count.updated or stored.created or stored.updated:
        publish(ContractsImported(created=count.created, updated=count.updated,
                                  before={**CONTRACTS.before(stored), **LINES.before(lines)}), by=by, at=at)  # fmt: skip
    return count


def _contract_of(row: Row, *, key: str) -> Row:
    """The contract part of a line's row."""
    fields = {"key": key, "starts_on": row.get("contract_starts_on") or row.get("starts_on"),
              "ends_on": row.get("contract_ends_on", row.get("ends_on"))}  # fmt: skip
    if "contract_name" in row:
        fields["name"] = row["contract_name"]
    for name in ("account_key", "billing", "auto_renew", "currency", "signed_on"):
        if name in row:
            fields[name] = row[name]
    return fields


register_noun(Noun(name="contract_lines", permission="contracts.edit", load=import_contract_lines, fields=(
    Field(name="key", required=True), Field(name="contract_key"), Field(name="account_key", required=True),
    Field(name="contract_name"), Field(name="contract_starts_on", kind="date"),
    Field(name="contract_ends_on", kind="date"), Field(name="billing", choices=tuple(Billing.values)),
    Field(name="auto_renew", kind="bool"), Field(name="currency"), Field(name="signed_on", kind="date"),
    Field(name="product_code"), Field(name="name", help="plan"), Field(name="seats", kind="int"),
    Field(name="mrr", kind="decimal"), Field(name="starts_on", kind="date", required=True),
    Field(name="ends_on", kind="date"), Field(name="trial", kind="bool"))))  # fmt: skip
