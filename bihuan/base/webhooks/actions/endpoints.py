"""Endpoints: added, changed, given a new secret, removed; and a delivery sent once more."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import fact_names, publish
from bihuan.base.webhooks.events import WebhookAdded, WebhookChanged, WebhookRemoved, WebhookSecretChanged
from bihuan.base.webhooks.guard import Refused, check_url
from bihuan.base.webhooks.models import Delivery, Endpoint, new_salt
from bihuan.base.webhooks.watching import TRIED_FOR, forget, send_soon

#: The old secret signs too for so long after a change.
BOTH = timedelta(days=1)
MOST = 50
TEST = "webhook_test"


@transaction.atomic
def add_endpoint(
    *, name: str, url: str, facts: Sequence[str], by: Actor, at: datetime, active: bool = True
) -> Endpoint:
    """A program that is told these facts; its `secret` is for the receiver. ValidationError names the field."""
    if Endpoint.objects.kept().count() >= MOST:
        raise ValidationError({"name": _("There are %(n)s webhooks already.") % {"n": MOST}})
    row = Endpoint(
        name=name.strip(),
        url=url.strip(),
        facts=sorted(set(facts)),
        active=active,
        made_by_name=by.name,
        made_at=at,
    )
    _check(row)
    row.save()
    _heard()
    publish(WebhookAdded(endpoint_id=row.pk, url=row.url, facts=row.facts), by=by, at=at)
    return row


@transaction.atomic
def change_endpoint(
    *, endpoint: Endpoint, name: str, url: str, facts: Sequence[str], active: bool, by: Actor, at: datetime
) -> Endpoint:
    """Other words, address or facts, on or off; switched on again it begins anew, with what waits."""
    row = _held(endpoint)
    wanted = {"name": name.strip(), "url": url.strip(), "facts": sorted(set(facts)), "active": active}
    before = {field: getattr(row, field) for field in wanted}
    for field, value in wanted.items():
        setattr(row, field, value)
    _check(row)
    changed = [field for field in wanted if before[field] != wanted[field]]
    if not changed:
        return row
    if "active" in changed or "url" in changed:
        row.failures, row.failing_since, row.retry_at, row.off_why = 0, None, None, ""
    row.save()
    _heard()
    fact = WebhookChanged(
        endpoint_id=row.pk, url=row.url, before={field: before[field] for field in changed},
        after={field: wanted[field] for field in changed},
    )  # fmt: skip
    publish(fact, by=by, at=at)
    transaction.on_commit(send_soon)
    return row


@transaction.atomic
def change_secret(*, endpoint: Endpoint, by: Actor, at: datetime) -> Endpoint:
    """A new secret; the old one signs beside it for a day."""
    row = _held(endpoint)
    row.old_salt, row.old_until, row.salt = row.salt, at + BOTH, new_salt()
    row.save(update_fields=["old_salt", "old_until", "salt"])
    publish(WebhookSecretChanged(endpoint_id=row.pk, url=row.url), by=by, at=at)
    return row


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: Actor, at: datetime) -> Endpoint:
    """It is told nothing any more; what waits is given up."""
    row = _held(endpoint)
    row.removed_at, row.active = at, False
    row.save(update_fields=["removed_at", "active"])
    row.deliveries.filter(state=Delivery.State.WAITING).update(state=Delivery.State.GIVEN_UP, error="removed")
    _heard()
    publish(WebhookRemoved(endpoint_id=row.pk, url=row.url), by=by, at=at)
    return row


@transaction.atomic
def replay(*, delivery: Delivery, by: Actor, at: datetime) -> Delivery:
    """Send it once more, under the same id; ValidationError while the endpoint is off."""
    endpoint = _held(delivery.endpoint)
    if not endpoint.active:
        raise ValidationError({"active": _("Switch the webhook on first.")})
    row: Delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    row.state, row.next_at, row.give_up_at, row.attempts = Delivery.State.WAITING, at, at + TRIED_FOR, 0
    row.save(update_fields=["state", "next_at", "give_up_at", "attempts"])
    Endpoint.objects.filter(pk=endpoint.pk).update(retry_at=None)
    transaction.on_commit(send_soon)
    return row


@transaction.atomic
def send_test(*, endpoint: Endpoint, by: Actor, at: datetime) -> Delivery:
    """A message that says nothing, to see whether it arrives; ValidationError while the endpoint is off."""
    row = _held(endpoint)
    if not row.active:
        raise ValidationError({"active": _("Switch the webhook on first.")})
    found = Delivery.objects.create(
        endpoint=row, uid=uuid.uuid4(), name=TEST, at=at, next_at=at, give_up_at=at + timedelta(minutes=30)
    )
    Endpoint.objects.filter(pk=row.pk).update(retry_at=None)
    transaction.on_commit(send_soon)
    return found


def _held(endpoint: Endpoint) -> Endpoint:
    row: Endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if row.removed_at is not None:
        raise ValidationError({"name": _("This webhook was removed.")})
    return row


def _check(row: Endpoint) -> None:
    row.full_clean(exclude=["facts"])
    try:
        scheme, *_rest = check_url(row.url)
        if scheme == "http" and not settings.WEBHOOK_NETWORKS:
            raise Refused("without TLS only listed networks are called")
    except Refused:
        text = _(
            "An address begins with https:// and a name, holds no user, password or spaces, and has port 80, 443 or one from "
            "1024 on."
        )
        raise ValidationError({"url": text}) from None
    if not row.facts:
        raise ValidationError({"facts": _("Choose what it is told.")})
    unknown = set(row.facts) - set(fact_names())
    if unknown:
        raise ValidationError({"facts": _("There is no fact “%(name)s”.") % {"name": sorted(unknown)[0]}})


def _heard() -> None:
    forget()
    transaction.on_commit(forget)
