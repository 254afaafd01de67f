"""Addresses in letters: signed, so that nobody makes one up, and good for one thing each."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from bihuan.act.reach.models import Kind, Message

CLICK, LEAVE, SIGHT = "reach.click", "reach.leave", "reach.sight"


def _token(message: Message, salt: str) -> str:
    return Signer(salt=salt, sep=".").sign(message.uid.hex)


def click_url(message: Message) -> str:
    """Leads to the message's own link, and counts."""
    return settings.PUBLIC_URL + reverse("reach:click", args=[_token(message, CLICK)])


def leave_url(message: Message) -> str:
    """Where its reader says that they want no more of these."""
    return settings.PUBLIC_URL + reverse("reach:leave", args=[_token(message, LEAVE)])


def sight_url(message: Message) -> str:
    """The picture that tells of opening."""
    return settings.PUBLIC_URL + reverse("reach:sight", args=[_token(message, SIGHT)])


def _message(token: str, salt: str) -> Message | None:
    try:
        uid = uuid.UUID(hex=Signer(salt=salt, sep=".").unsign(token[:200]))
    except (BadSignature, ValueError):
        return None
    return Message.objects.select_related("channel", "person", "account").filter(uid=uid).first()


def message_of_click(token: str) -> Message | None:
    """The message whose link was followed; None for a token that is not ours."""
    return _message(token, CLICK)


def message_of_sight(token: str) -> Message | None:
    """The letter that was opened."""
    return _message(token, SIGHT)


def person_of_leave(token: str) -> Message | None:
    """The letter whose reader wants no more; it names person and kind."""
    found = _message(token, LEAVE)
    return found if found is not None and found.channel.kind == Kind.EMAIL else None
