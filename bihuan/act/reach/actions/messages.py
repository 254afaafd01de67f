"""Messages: queued once a key, cancelled, tried again, and told whether they arrived."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.reach.events import (
    MessageCancelled,
    MessageHeld,
    MessageQueued,
    MessageSent,
    MessageSkipped,
)
from bihuan.act.reach.models import ROBOTS, TO_A_PERSON, Channel, Kind, Message, State, Template, Why
from bihuan.act.reach.queries.consent import declined_among
from bihuan.act.reach.queries.texts import names_a_person, rendered
from bihuan.act.reach.rules.mail import is_address
from bihuan.act.reach.rules.robots import MOST_BYTES
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.base.jobs import enqueue
from bihuan.know.accounts.models import Account, Membership, Person

#: A message is tried for so long.
TRIED_FOR = timedelta(days=1)
#: One that waited for business hours over a long holiday too.
WAITS_FOR = timedelta(days=14)
WAITING = (State.QUEUED, State.HELD)


def send_soon(*, at: datetime) -> None:
    """The worker sends what is due; were this lost, the schedule would within a minute."""
    enqueue("reach.send", by=system_actor("reach"), at=at, unique_key="reach.send")


def send_message(
    *, key: str, channel: Channel, template: Template, account: Account | None, person: Person | None, by: Actor, at: datetime,
    data: Mapping[str, Any] | None = None, origin: str = "", only: Mapping[str, Any] | None = None,
) -> Message:  # fmt: skip
    """Queue one message in the caller's transaction; the same key again is the same message. Whoever declined, or cannot be
    reached, gives a skipped message with its reason. `only`: whom an inbox shows it to. ValidationError when channel and
    template do not fit."""
    with transaction.atomic():
        found = Message.objects.filter(key=key).first()
        if found is not None:
            return found
        if not key or len(key) > 200:
            raise ValidationError({"key": _("A key has 1 to 200 characters.")})
        if (
            channel.removed_at is not None
            or channel.kind not in template.kinds
            or template.removed_at is not None
        ):
            raise ValidationError({"template": _("This template is not for this channel.")})
        if person is not None and person.merged_into is not None:
            person = person.merged_into
        if person is None and names_a_person(template):
            raise ValidationError({"template": _("This template speaks to a person: say to whom.")})
        to_group = channel.kind not in TO_A_PERSON
        if account is None and person is not None:
            account = _account_of(person, by=by, at=at)
        text = rendered(
            template=template,
            account=account,
            person=person,
            my_name=_signed_by(by, account=account),
            data=data,
        )
        row, new = Message.objects.get_or_create(key=key, defaults={
            "channel": channel, "template": template, "template_name": template.name, "account": account,
            "person": None if to_group else person, "language": text.language, "subject": text.subject, "body": text.body,
            "link": template.link, "link_words": text.link_words, "shows": template.shows, "only": dict(only or {}),
            "origin": origin[:120], "by_id": by.user_id, "by_name": by.name, "created_at": at, "due_at": at,
            "give_up_at": at + TRIED_FOR,
        })  # fmt: skip
        if not new:
            return row
        why = why_not(row)
        if why is not None:
            skip(row, why=why, by=by, at=at)
        else:
            publish(MessageQueued(**row.about), by=by, at=at)
            transaction.on_commit(lambda: send_soon(at=at))
        return row


def _account_of(person: Person, *, by: Actor, at: datetime) -> Account | None:
    """One of the sender's territory: the text says its name."""
    inside = Account.objects.visible_to(by).values("pk")
    rows = Membership.objects.valid_on(timezone.localdate(at)).filter(person=person, account__in=inside)
    rows = rows.select_related("account")
    first = rows.first()
    return first.account if first is not None else None


def _signed_by(by: Actor, *, account: Account | None) -> str:
    """Whose name stands under it: who sends it, and when that is no person the account's owner."""
    if by.kind == "staff" or account is None:
        return by.name if by.kind == "staff" else ""
    owner = account.team.filter(is_owner=True).select_related("staff").first()
    return str(owner.staff) if owner is not None else ""


def why_not(row: Message) -> Why | None:
    """Why it cannot be sent at all, now; limits and hours come later."""
    channel = row.channel
    if not channel.active or channel.removed_at is not None:
        return Why.CHANNEL_OFF
    if channel.kind in TO_A_PERSON and row.person is None:
        return Why.NO_PERSON
    if row.person is not None:
        human = row.person.merged_into_id or row.person.pk
        if declined_among([human], kind=channel.kind):
            return Why.OPTED_OUT
    if channel.kind == Kind.EMAIL and not (row.person and is_address(row.person.email)):
        return Why.NO_ADDRESS
    if channel.kind == Kind.CALL and owner_of(row) is None:
        return Why.NO_OWNER
    if channel.kind in ROBOTS:
        if channel.account_id is not None and channel.account_id != row.account_id:
            return Why.NOT_THEIRS
        if len(text_for_robot(row).encode()) > MOST_BYTES[channel.kind]:
            return Why.TOO_LONG
    return None


def owner_of(row: Message) -> Any:
    """Who of us calls."""
    owner = (
        row.account.team.filter(is_owner=True).select_related("staff").first()
        if row.account is not None
        else None
    )
    return owner.staff if owner is not None and owner.staff.is_active else None


def text_for_robot(row: Message) -> str:
    """Subject, text and link under each other."""
    return "\n".join(part for part in (row.subject, row.body.strip(), row.link) if part)


def skip(row: Message, *, why: Why, by: Actor, at: datetime) -> None:
    """It is not sent, and says why."""
    row.state, row.reason = State.SKIPPED, why
    row.save(update_fields=["state", "reason"])
    publish(MessageSkipped(**row.about, reason=str(why.value)), by=by, at=at)


def hold(row: Message, *, why: Why, until: datetime | None, by: Actor, at: datetime) -> None:
    """It waits: until then, or for somebody's word."""
    row.state, row.reason = State.HELD, why
    if until is not None:
        row.due_at, row.give_up_at = until, max(row.give_up_at, until + TRIED_FOR)
    row.save(update_fields=["state", "reason", "due_at", "give_up_at"])
    publish(MessageHeld(**row.about, reason=str(why.value)), by=by, at=at)


@transaction.atomic
def cancel_message(*, message: Message, by: Actor, at: datetime) -> Message:
    """Take it back; ValidationError once it is on its way."""
    row = _held(message)
    if row.state not in WAITING:
        raise ValidationError({"state": _("It is on its way or done: nothing can be taken back.")})
    row.state = State.CANCELLED
    row.save(update_fields=["state"])
    publish(MessageCancelled(**row.about), by=by, at=at)
    return row


@transaction.atomic
def retry_message(*, message: Message, by: Actor, at: datetime) -> Message:
    """Try it again: one that failed, was skipped, or of which nobody knows whether it arrived (it may then arrive twice)."""
    row = _held(message)
    unclear = row.state == State.HELD and row.reason == Why.UNCLEAR
    if row.state not in (State.FAILED, State.SKIPPED) and not unclear:
        raise ValidationError({"state": _("Only what failed, was skipped or is unclear is tried again.")})
    why = why_not(row)
    if why is not None:
        raise ValidationError({"state": str(why.label)})
    row.state, row.reason, row.error, row.attempts = State.QUEUED, "", "", 0
    row.due_at, row.give_up_at = at, at + TRIED_FOR
    row.save(update_fields=["state", "reason", "error", "attempts", "due_at", "give_up_at"])
    publish(MessageQueued(**row.about), by=by, at=at)
    transaction.on_commit(lambda: send_soon(at=at))
    return row


@transaction.atomic
def confirm_message(*, message: Message, by: Actor, at: datetime) -> Message:
    """Somebody knows that it arrived; ValidationError unless that is unclear."""
    row = _held(message)
    if row.state != State.HELD or row.reason != Why.UNCLEAR:
        raise ValidationError({"state": _("Whether it arrived is no question.")})
    row.state, row.reason, row.sent_at = State.SENT, "", at
    row.save(update_fields=["state", "reason", "sent_at"])
    publish(MessageSent(**row.about, subject=row.subject), by=by, at=at)
    return row


def _held(message: Message) -> Message:
    row: Message = Message.objects.select_for_update(of=("self",)).select_related("channel", "person", "account").get(
        pk=message.pk
    )  # fmt: skip
    return row
