"""Channels: added, changed, given a new secret, removed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.reach.events import ChannelAdded, ChannelChanged, ChannelRemoved
from bihuan.act.reach.models import ROBOTS, Channel, Kind, Message, State, new_salt
from bihuan.act.reach.rules.robots import TOKEN
from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.webhooks.guard import Refused, check_url
from bihuan.know.accounts.models import Account

MOST = 200


@transaction.atomic
def add_channel(
    *, kind: str, name: str, by: Actor, at: datetime, account: Account | None = None, product: Any = None, url: str = "",
    token: str = "", secret: str = "", active: bool = True,
) -> Channel:  # fmt: skip
    """A way out. `token` and `secret` are a robot's; `url` a program's; `product` that whose people read the inbox.
    ValidationError names the field."""
    if Channel.objects.kept().count() >= MOST:
        raise ValidationError({"name": _("There are %(n)s channels already.") % {"n": MOST}})
    row = Channel(kind=kind, name=name.strip(), account=account, product=product, url=url.strip(), active=active,
                  made_by_name=by.name, made_at=at)  # fmt: skip
    if kind in ROBOTS and not token:
        raise ValidationError({"token": _("Paste the robot's key.")})
    _check(row, token=token.strip(), secret=secret.strip())
    row.save()
    publish(ChannelAdded(channel_id=row.pk, kind=row.kind), by=by, at=at)
    return row


@transaction.atomic
def change_channel(
    *, channel: Channel, by: Actor, at: datetime, name: str, active: bool, account: Account | None = None, url: str = "",
    token: str = "", secret: str = "",
) -> Channel:  # fmt: skip
    """Other words or credentials, on or off; without a new token the old credentials stay. Switched on it begins anew."""
    row = held(channel)
    before = {"name": row.name, "active": row.active, "account": row.account_id, "url": row.url}
    row.name, row.active, row.account, row.url = name.strip(), active, account, url.strip()
    _check(row, token=token.strip(), secret=secret.strip())
    after = {"name": row.name, "active": row.active, "account": row.account_id, "url": row.url}
    changed = [field for field in before if before[field] != after[field]] + (
        ["credentials"] if token else []
    )
    if changed:
        row.paused_until, row.failures = None, 0
        row.save()
        publish(ChannelChanged(channel_id=row.pk, kind=row.kind, changed=changed), by=by, at=at)
    return row


@transaction.atomic
def change_channel_secret(*, channel: Channel, by: Actor, at: datetime) -> Channel:
    """A new secret of ours; what was signed with the old one is refused from now on."""
    row = held(channel)
    if row.kind not in (Kind.IN_APP, Kind.WEBHOOK):
        raise ValidationError({"kind": _("This channel has no secret of ours.")})
    row.salt = new_salt()
    row.save(update_fields=["salt"])
    publish(ChannelChanged(channel_id=row.pk, kind=row.kind, changed=["secret"]), by=by, at=at)
    return row


@transaction.atomic
def remove_channel(*, channel: Channel, by: Actor, at: datetime) -> Channel:
    """Nothing goes out on it any more; what waits is cancelled, what was sent stays in the log."""
    row = held(channel)
    row.removed_at, row.active, row.hidden = at, False, ""
    row.save(update_fields=["removed_at", "active", "hidden"])
    waiting = Message.objects.filter(channel=row, state__in=[State.QUEUED, State.HELD])
    waiting.update(state=State.CANCELLED)
    publish(ChannelRemoved(channel_id=row.pk, kind=row.kind), by=by, at=at)
    return row


def held(channel: Channel) -> Channel:
    """The row, locked; ValidationError when it was removed."""
    row: Channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if row.removed_at is not None:
        raise ValidationError({"name": _("This channel was removed.")})
    return row


def _check(row: Channel, *, token: str, secret: str) -> None:
    if row.kind not in ROBOTS:
        row.account = None
        if token or secret:
            raise ValidationError({"token": _("Only robots have a key.")})
    row.full_clean(exclude=["salt", "hidden", "lately"])
    if row.kind == Kind.IN_APP and row.product is None:
        raise ValidationError({"product": _("Choose the product whose people read it.")})
    if row.kind == Kind.WEBHOOK:
        _check_url(row.url)
    elif row.url:
        raise ValidationError({"url": _("Only a webhook has an address.")})
    if row.kind == Kind.EMAIL and not (settings.SMTP_HOST and settings.SMTP_FROM and settings.PUBLIC_URL):
        text = _(
            "Set BIHUAN_SMTP_HOST, BIHUAN_SMTP_FROM and BIHUAN_PUBLIC_URL first; docs/SETTINGS.md tells how."
        )
        raise ValidationError({"kind": text})
    if token:
        if not TOKEN.fullmatch(token):
            text = _("The key is the last part of the robot's address: letters, digits, - and _ only.")
            raise ValidationError({"token": text})
        if len(secret) > 200 or not secret.isascii():
            raise ValidationError({"secret": _("A secret has at most 200 letters, digits and signs.")})
        row.hide(token=token, secret=secret)


def _check_url(url: str) -> None:
    try:
        scheme, *_rest = check_url(url)
        if scheme == "http" and not settings.WEBHOOK_NETWORKS:
            raise Refused("without TLS only listed networks are called")
    except Refused:
        text = _("An address begins with https:// and a name, holds no user, password or spaces, and has port 80, 443 or one "
                 "from 1024 on.")  # fmt: skip
        raise ValidationError({"url": text}) from None
