"""Loading accounts, owner teams, people and memberships in bulk, matched on external keys."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.know.accounts.events import AccountsImported
from bihuan.know.accounts.metrics import MEMBERSHIPS
from bihuan.know.accounts.models import Account, AccountTeam, Membership, Person, Stage, TeamRole, Tier
from bihuan.know.staff.models import Region


def _publish(noun: str, count: ImportCount, *, by: Actor, at: datetime) -> ImportCount:
    if count.created or count.updated:
        before = MEMBERSHIPS.before(count) if noun == "memberships" else {}
        publish(
            AccountsImported(noun=noun, created=count.created, updated=count.updated, before=before),
            by=by,
            at=at,
        )
    return count


@transaction.atomic
def import_accounts(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Accounts by key; `parent_key` may name one of the same batch."""
    count = upsert(
        model=Account, rows=rows, key=["key"], required=["name"], at=at, parent=("parent_key", "parent"),
        refs={"region_code": ("region", references(queryset=Region.objects, column="code"))},
    )  # fmt: skip
    return _publish("accounts", count, by=by, at=at)


@transaction.atomic
def import_account_team(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Who serves which account; matched on account, staff and role."""
    count = upsert(
        model=AccountTeam, rows=rows, key=["account", "staff", "role"],
        refs={
            "account_key": ("account", references(queryset=Account.objects)),
            "staff_key": ("staff", references(queryset=get_user_model()._default_manager)),
        },
    )  # fmt: skip
    return _publish("account_team", count, by=by, at=at)


@transaction.atomic
def import_people(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """People by key."""
    return _publish("people", upsert(model=Person, rows=rows, key=["key"], at=at), by=by, at=at)


@transaction.atomic
def import_memberships(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Memberships by person, account and first day."""
    count = upsert(
        model=Membership, rows=rows, key=["person", "account", "starts_on"],
        refs={
            "person_key": ("person", references(queryset=Person.objects)),
            "account_key": ("account", references(queryset=Account.objects)),
        },
    )  # fmt: skip
    return _publish("memberships", count, by=by, at=at)


register_noun(Noun(name="accounts", permission="accounts.edit", load=import_accounts, fields=(
    Field(name="key", required=True), Field(name="name", required=True), Field(name="short_name"),
    Field(name="parent_key"), Field(name="industry"), Field(name="region_code"), Field(name="country"),
    Field(name="city"), Field(name="size", kind="int", help="employees"), Field(name="tier", choices=tuple(Tier.values)),
    Field(name="stage", choices=tuple(Stage.values)), Field(name="signed_up_on", kind="date"),
    Field(name="simulated", kind="bool"), Field(name="props", kind="json"))))  # fmt: skip
register_noun(Noun(name="account_team", permission="accounts.edit", load=import_account_team, fields=(
    Field(name="account_key", required=True), Field(name="staff_key", required=True),
    Field(name="role", required=True, choices=tuple(TeamRole.values)), Field(name="is_owner", kind="bool"))))  # fmt: skip
register_noun(Noun(name="people", permission="people.edit", load=import_people, fields=(
    Field(name="key", required=True), Field(name="name"), Field(name="email"), Field(name="phone"),
    Field(name="title"), Field(name="anonymous", kind="bool"), Field(name="simulated", kind="bool"),
    Field(name="props", kind="json"))))  # fmt: skip
register_noun(Noun(name="memberships", permission="people.edit", load=import_memberships, fields=(
    Field(name="person_key", required=True), Field(name="account_key", required=True),
    Field(name="starts_on", kind="date", required=True), Field(name="ends_on", kind="date"), Field(name="title"))))  # fmt: skip
