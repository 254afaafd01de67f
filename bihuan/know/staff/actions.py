"""Writes about our own people: adding, changing, importing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bihuan.base.access import Actor, Reach, Role
from bihuan.base.bus import publish
from bihuan.base.importing import Field, ImportCount, Noun, Rejected, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.know.staff.events import (
    RegionAdded,
    RegionChanged,
    StaffAdded,
    StaffChanged,
    StaffImported,
    TeamAdded,
    TeamRenamed,
)
from bihuan.know.staff.models import Region, Staff, Team, with_children

EDITABLE = ("name", "email", "title", "roles", "reach", "team_id", "is_active", "language")


@transaction.atomic
def add_staff(
    *,
    username: str,
    name: str,
    roles: Sequence[str],
    by: Actor,
    at: datetime,
    reach: str = Reach.OWN,
    password: str | None = None,
    regions: Sequence[Region] = (),
    **fields: Any,
) -> Staff:
    """Add a member of staff; a password, if given, must pass the password rules (ValidationError otherwise)."""
    staff = Staff(username=username, name=name, roles=list(roles), reach=reach, **fields)
    if password is not None:
        try:
            validate_password(password, staff)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
    staff.set_password(password)
    staff.full_clean(exclude=["password"])
    staff.save()
    staff.regions.set(regions)
    publish(StaffAdded(staff_id=staff.pk, roles=list(staff.roles), reach=staff.reach), by=by, at=at)
    return staff


@transaction.atomic
def change_staff(
    *, staff: Staff, by: Actor, at: datetime, regions: Sequence[Region] | None = None, **fields: Any
) -> Staff:
    """Change what is given of EDITABLE; the last active administrator keeps role and access."""
    stored = Staff.objects.select_for_update().get(pk=staff.pk)
    before = {name: getattr(stored, name) for name in fields if name in EDITABLE}
    for name in before:
        setattr(stored, name, fields[name])
    if (Role.ADMIN in (before.get("roles") or stored.roles)) and not (
        Role.ADMIN in stored.roles and stored.is_active
    ):
        others = Staff.objects.filter(is_active=True).exclude(pk=stored.pk)
        if not any(Role.ADMIN in other.roles for other in others):
            raise ValidationError(_("This is the last administrator; give the role to someone else first."))
    stored.full_clean(exclude=["password"])
    stored.save()
    if regions is not None:
        before["regions"] = sorted(stored.regions.values_list("code", flat=True))
        stored.regions.set(regions)
        fields["regions"] = sorted(region.code for region in regions)
    changed = {name: old for name, old in before.items() if old != fields[name]}
    if changed:
        publish(
            StaffChanged(staff_id=stored.pk, before=changed, after={name: fields[name] for name in changed}),
            by=by,
            at=at,
        )
    return stored


def keep_preferences(*, by: Actor, **liked: str) -> None:
    """Keep the actor's own theme, density or language. No fact: how somebody likes to read is nobody's audit."""
    Staff.objects.filter(pk=by.user_id or 0).update(**liked)


@transaction.atomic
def add_region(*, name: str, code: str, by: Actor, at: datetime, parent: Region | None = None) -> Region:
    """Add a region, below `parent` if given."""
    region = Region(name=name, code=code, parent=parent)
    region.full_clean()
    region.save()
    publish(RegionAdded(region_id=region.pk, code=code), by=by, at=at)
    return region


@transaction.atomic
def change_region(*, region: Region, name: str, parent: Region | None, by: Actor, at: datetime) -> Region:
    """Rename a region or hang it below another one; never below itself (ValidationError)."""
    stored = Region.objects.select_for_update().get(pk=region.pk)
    if parent is not None and parent.pk in with_children({stored.pk}):
        raise ValidationError({"parent": _("A region cannot be part of itself; choose one outside it.")})
    before = {"name": stored.name, "parent": stored.parent.code if stored.parent else None}
    stored.name, stored.parent = name, parent
    stored.full_clean()
    stored.save()
    after = {"name": stored.name, "parent": parent.code if parent else None}
    if before != after:
        publish(RegionChanged(region_id=stored.pk, before=before, after=after), by=by, at=at)
    return stored


@transaction.atomic
def add_team(*, name: str, code: str, by: Actor, at: datetime) -> Team:
    """Found a team; its members are set on each colleague."""
    team = Team(name=name, code=code)
    team.full_clean()
    team.save()
    publish(TeamAdded(team_id=team.pk, code=code), by=by, at=at)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: Actor, at: datetime) -> Team:
    """Give a team another name; its code stays."""
    before, team.name = team.name, name
    team.full_clean()
    team.save()
    if before != name:
        publish(TeamRenamed(team_id=team.pk, before=before, after=name), by=by, at=at)
    return team


def _publish_import(noun: str, count: ImportCount, *, by: Actor, at: datetime) -> None:
    if count.created or count.updated:
        publish(StaffImported(noun=noun, created=count.created, updated=count.updated), by=by, at=at)


@transaction.atomic
def import_regions(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Regions by code; `parent_code` may name one of the same batch."""
    count = upsert(
        model=Region, rows=rows, key=["code"], required=["name"], parent=("parent_code", "parent"), at=at
    )
    _publish_import("regions", count, by=by, at=at)
    return count


@transaction.atomic
def import_teams(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Teams by code."""
    count = upsert(model=Team, rows=rows, key=["code"], required=["name"], at=at)
    _publish_import("teams", count, by=by, at=at)
    return count


@transaction.atomic
def import_staff(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Staff by key. They get no password: an administrator invites them. `region_codes` lists regions by comma."""
    regions = dict(Region.objects.values_list("code", "pk"))
    count = ImportCount()
    wanted: list[Row] = []
    positions: list[int] = []
    of_staff: dict[str, list[int]] = {}
    taken = dict(Staff.objects.values_list("username", "key"))
    known = set(taken.values())
    for index, row in enumerate(rows):
        values = dict(row)
        codes = [
            code.strip() for code in str(values.pop("region_codes", "") or "").split(",") if code.strip()
        ]
        missing = [code for code in codes if code not in regions]
        if missing:
            count.rejected.append(
                Rejected(
                    index=index,
                    field="region_codes",
                    value=missing[0],
                    reason="nothing with this key is stored; import it first, or leave the field out",
                )
            )
            continue
        key = str(values.get("key") or "")
        if isinstance(values.get("roles"), str):
            values["roles"] = [role.strip() for role in values["roles"].split(",") if role.strip()]
        if key not in known:
            values["username"] = values.get("username") or _free_username(key, taken=taken)
            taken[values["username"]] = key
            values["password"] = make_password(None)  # unusable until they are invited
        wanted.append(values)
        positions.append(index)
        if "region_codes" in row:
            of_staff[key] = [regions[code] for code in codes]
    stored = upsert(
        model=Staff, rows=wanted, key=["key"], required=["name"], at=at,
        refs={"team_code": ("team", references(queryset=Team.objects, column="code"))},
    )  # fmt: skip
    for rejected in stored.rejected:
        count.rejected.append(
            Rejected(
                index=positions[rejected.index],
                field=rejected.field,
                value=rejected.value,
                reason=rejected.reason,
            )
        )
    stored.rejected = []
    count.add(stored)
    for staff in Staff.objects.filter(key__in=of_staff).prefetch_related("regions"):
        if {region.pk for region in staff.regions.all()} != set(of_staff[str(staff.key)]):
            staff.regions.set(of_staff[str(staff.key)])
    _publish_import("staff", count, by=by, at=at)
    return count


def _free_username(key: str, *, taken: Mapping[str, str | None]) -> str:
    """A sign-in name made from the key, numbered when somebody else has it; `taken` maps sign-in names to keys."""
    base = slugify(key, allow_unicode=True)[:50] or "staff"
    name, number = base, 2
    while taken.get(name, key) != key:
        name, number = f"{base}-{number}", number + 1
    return name


register_noun(Noun(name="regions", permission="staff.edit", load=import_regions, fields=(
    Field(name="code", required=True), Field(name="name", required=True), Field(name="parent_code"))))  # fmt: skip
register_noun(Noun(name="teams", permission="staff.edit", load=import_teams, fields=(
    Field(name="code", required=True), Field(name="name", required=True))))  # fmt: skip
register_noun(Noun(name="staff", permission="staff.edit", load=import_staff, fields=(
    Field(name="key", required=True), Field(name="name", required=True), Field(name="username"),
    Field(name="email"), Field(name="title"), Field(name="roles", help="comma-separated: " + ", ".join(Role)),
    Field(name="reach", choices=tuple(Reach)), Field(name="team_code"),
    Field(name="region_codes", help="comma-separated region codes"), Field(name="is_active", kind="bool"))))  # fmt: skip
