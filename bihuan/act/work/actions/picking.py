"""Answers that point at something: a file, a colleague, a customer. Looked up within what the one who answers may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File as Bytes
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Field
from bihuan.act.work.actions.talking import attach
from bihuan.act.work.models import File, Instance, WorkItem
from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

PICKED = ("person", "account", "file")


def picked(
    fields: Sequence[Field], values: Mapping[str, Any], *, instance: Instance, by: Actor, at: datetime,
    item: WorkItem | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The values with what is pointed at: a person by sign-in name, a customer by key, a file as {"id", "name"}.

    A person is given by sign-in name or number, a customer by key, number or whole name, a file as bytes or as the number of
    one that lies at the instance. ValidationError by field. Files are kept last, when all else is right.
    """
    found, wrong = dict(values), dict[str, list[str]]()
    asked = [one for one in fields if one.kind in PICKED and one.name in found]
    for field in sorted(asked, key=lambda one: PICKED.index(one.kind)):
        if field.kind == "file" and wrong:
            break
        try:
            found[field.name] = _picked(field, found[field.name], instance=instance, item=item, by=by, at=at)
        except ValidationError as error:
            title = field.title.said(get_language() or "") or field.name
            wrong[field.name] = [f"“{title}”: {message}" for message in error.messages]
    if wrong:
        raise ValidationError(wrong)
    return found


def _picked(
    field: Field, given: Any, *, instance: Instance, item: WorkItem | None, by: Actor, at: datetime
) -> Any:
    if field.kind == "file":
        row = _file(field, given, instance=instance, item=item, by=by, at=at)
        return {"id": row.pk, "name": row.name}
    if by.kind == "guest":
        raise ValidationError(_("Only colleagues answer this; leave it empty or ask whoever sent the link."))
    return _person(str(given), by=by) if field.kind == "person" else _account(str(given), by=by)


def _person(given: str, *, by: Actor) -> str:
    if by.kind != "system" and not by.may("staff.view"):
        raise ValidationError(_("Only colleagues answer this; leave it empty or ask whoever gave it to you."))
    people = Staff.objects.filter(is_active=True)
    named = people.filter(username=given).first()
    row = named or (people.filter(pk=int(given)).first() if is_number(given) else None)
    if row is None:
        raise ValidationError(_("There is no such colleague."))
    return row.username


def _account(given: str, *, by: Actor) -> str:
    seen = Account.objects.all() if by.kind == "system" else Account.objects.visible_to(by)
    rows = list(seen.filter(key=given)[:1]) or list(seen.filter(name=given)[:2])
    if not rows and is_number(given):
        rows = list(seen.filter(pk=int(given)))
    if len(rows) != 1:
        raise ValidationError(_("There is no such customer in your territory."))
    return str(rows[0].key)


def _file(
    field: Field, given: Any, *, instance: Instance, item: WorkItem | None, by: Actor, at: datetime
) -> File:
    if isinstance(given, Bytes):
        return attach(
            instance=instance,
            item=item,
            field=field.name,
            name=str(given.name or ""),
            content=given,
            by=by,
            at=at,
        )
    number = given.get("id") if isinstance(given, Mapping) else given
    text = str(number)
    row = instance.files.filter(pk=int(text)).first() if is_number(text) and by.kind != "guest" else None
    if row is None:
        raise ValidationError(_("Send a file, or the number of one that lies at this process."))
    row.field, row.item = field.name, item or row.item
    row.save(update_fields=["field", "item"])
    return row


def is_number(text: str) -> bool:
    """Whether a text is the number of a row."""
    return text.isascii() and text.isdecimal() and len(text) < 19
