"""Channels, templates, messages with their tries, who wants none, and the limits."""

import hashlib
import hmac
import json
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.act.reach.rules.sealing import opened, sealed
from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account, Person


class Kind(models.TextChoices):
    IN_APP = "in_app", _("In the product")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    WECOM = "wecom", _("WeCom robot")
    DINGTALK = "dingtalk", _("DingTalk robot")
    FEISHU = "feishu", _("Feishu robot")
    WEBHOOK = "webhook", _("Webhook")
    CALL = "call", _("Call to make")


#: Kinds whose message is for one person; others speak to a group or a program.
TO_A_PERSON = {Kind.IN_APP, Kind.EMAIL, Kind.CALL}
ROBOTS = {Kind.WECOM, Kind.DINGTALK, Kind.FEISHU}


class Shows(models.TextChoices):
    INBOX = "inbox", _("Inbox only")
    BANNER = "banner", _("Banner")
    POPUP = "popup", _("Pop-up")


class State(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("message", "Queued")
    HELD = "held", pgettext_lazy("message", "Held")
    SENDING = "sending", pgettext_lazy("message", "Sending")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Failed")
    SKIPPED = "skipped", pgettext_lazy("message", "Skipped")
    CANCELLED = "cancelled", pgettext_lazy("message", "Cancelled")


class Why(models.TextChoices):
    OPTED_OUT = "opted_out", _("Wants no messages of this kind")
    NO_ADDRESS = "no_address", _("No e-mail address")
    NO_PERSON = "no_person", _("Names no person")
    NO_OWNER = "no_owner", _("The account has no owner")
    NOT_THEIRS = "not_theirs", _("The robot is of another account's group")
    PERSON_LIMIT = "person_limit", _("The person had enough messages this week")
    ACCOUNT_LIMIT = "account_limit", _("The account had enough messages this week")
    CHANNEL_OFF = "channel_off", _("The channel is off")
    TOO_LONG = "too_long", _("Longer than the robot takes")
    OUTSIDE_HOURS = "outside_hours", _("Waits for business hours")
    UNCLEAR = "unclear", _("Not known whether it arrived")
    REFUSED = "refused", _("Refused by the other side")
    GAVE_UP = "gave_up", _("Tried for long enough")
    AWAITS_READER = "awaits_reader", _("Shown once its reader is online")
    NOT_SEEN = "not_seen", _("Its reader was not there in time")


def new_salt() -> str:
    """What a secret of ours is made from, together with the installation's key."""
    return secrets.token_hex(16)


def new_public_id() -> str:
    """What pages of a product name their channel by; no secret."""
    return f"ch_{secrets.token_hex(10)}"


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Which channels."""

    def kept(self) -> "ChannelQuerySet":
        """Those that were not removed."""
        return self.filter(removed_at=None)

    def visible_to(self, actor: Actor) -> "ChannelQuerySet":
        """Those for everybody, and robots in groups of accounts of the territory."""
        rows = self.kept()
        if actor.reach == Reach.ALL:
            return rows
        return rows.filter(
            models.Q(account=None) | models.Q(account__in=Account.objects.visible_to(actor).values("pk"))
        )

    def managed_by(self, actor: Actor) -> "ChannelQuerySet":
        """Those that the actor may change: what everybody's messages go out on (its secret reads every inbox, its address gets
        every text) only who sees every account."""
        rows = self.visible_to(actor)
        return rows if actor.reach == Reach.ALL else rows.exclude(account=None)


class Channel(models.Model):
    """A way out. `account`: the customer in whose group a robot speaks (none: our own team's). `product`: whose people read an
    inbox. `hidden` holds what others gave us (a robot's key), sealed. Nobody else sends on it before `busy_until`, nobody
    at all before `paused_until`; `lately` are the times of the last posts."""

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    active = models.BooleanField(_("on"), default=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    product = models.ForeignKey("products.Product", verbose_name=_("product"), null=True, blank=True,
                                on_delete=models.PROTECT, related_name="+")  # fmt: skip
    url = models.CharField(_("address"), max_length=500, blank=True)
    hidden = models.TextField(blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    public_id = models.CharField(max_length=40, unique=True, default=new_public_id)
    made_by_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    lately: Any = models.JSONField(default=list)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> bytes:
        """The key of webhooks and inboxes, from the salt and the installation's own."""
        return hmac.new(settings.SECRET_KEY.encode(), f"reach:{self.salt}".encode(), hashlib.sha256).digest()

    @property
    def credentials(self) -> dict[str, str]:
        """What others gave us; empty when it was sealed with another key."""
        try:
            found = json.loads(opened(self.hidden, key=settings.SECRET_KEY.encode())) if self.hidden else {}
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in found.items()}

    def hide(self, **values: str) -> None:
        """Seal what others gave us."""
        self.hidden = sealed(json.dumps(values), key=settings.SECRET_KEY.encode())

    @property
    def sent_lately(self) -> list[datetime]:
        """When it last spoke, in order."""
        return [datetime.fromisoformat(one) for one in self.lately]


class Template(models.Model):
    """What is written, in Chinese and English; kinds of channels that it is for; the one link that it may lead to."""

    name = models.CharField(_("name"), max_length=80)
    kinds: Any = models.JSONField(_("channels"), default=list)
    subject_zh = models.CharField(_("subject (Chinese)"), max_length=150)
    body_zh = models.TextField(_("text (Chinese)"), max_length=8000)
    subject_en = models.CharField(_("subject (English)"), max_length=150, blank=True)
    body_en = models.TextField(_("text (English)"), max_length=8000, blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    link_zh = models.CharField(_("words of the link (Chinese)"), max_length=40, blank=True)
    link_en = models.CharField(_("words of the link (English)"), max_length=40, blank=True)
    shows = models.CharField(_("in the product as"), max_length=6, choices=Shows, default=Shows.INBOX)
    made_by_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    """Whose messages."""

    def visible_to(self, actor: Actor) -> "MessageQuerySet":
        """Those about accounts of the territory; about no account only for those who see everything."""
        if actor.reach == Reach.ALL:
            return self
        return self.filter(account__in=Account.objects.visible_to(actor).values("pk"))


class Message(models.Model):
    """One message of one `key`. Its text is final when it is queued. `uid` is what the other side knows it by; `batch` the post
    that it went out with, `sender` the life of the machine that sent it: what a crash leaves is told by these. `only`: whom an
    inbox shows it to, looked at whenever it is shown (`queries/showing.py`)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.CharField(max_length=200, unique=True)
    channel = models.ForeignKey(
        Channel, verbose_name=_("channel"), on_delete=models.PROTECT, related_name="messages"
    )
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    template_name = models.CharField(max_length=80, blank=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=13, choices=Why, blank=True)
    language = models.CharField(max_length=7, default="zh-hans")
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    link = models.CharField(max_length=500, blank=True)
    link_words = models.CharField(max_length=40, blank=True)
    shows = models.CharField(max_length=6, choices=Shows, default=Shows.INBOX)
    only: Any = models.JSONField(default=dict)
    origin = models.CharField(_("origin"), max_length=120, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    batch = models.UUIDField(null=True, blank=True)
    sender = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(pgettext_lazy("message", "sent"), null=True, blank=True)
    unconfirmed = models.BooleanField(default=False)
    opened_at = models.DateTimeField(pgettext_lazy("message", "opened"), null=True, blank=True)
    clicked_at = models.DateTimeField(_("clicked"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=["queued", "held", "sending"]),
                name="message_due",
            ),
            models.Index(fields=["person", "-sent_at"], name="message_person"),
            models.Index(fields=["account", "-sent_at"], name="message_account"),
            models.Index(fields=["state", "-id"], name="message_state"),
            models.Index(fields=["channel", "person", "-id"], name="message_inbox"),
            models.Index(fields=["origin", "-id"], name="message_origin"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def message_id(self) -> str:
        """What a receiver of webhooks knows it by."""
        return f"msg_{self.uid.hex}"

    @property
    def about(self) -> dict[str, Any]:
        """What every fact about it says."""
        return {
            "message_id": self.pk, "channel": self.channel.kind, "origin": self.origin, "account_id": self.account_id,
            "person_id": self.person_id,
        }  # fmt: skip


class Attempt(models.Model):
    """One try: `status` of HTTP or SMTP, 0 when there was none."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    ok = models.BooleanField()
    status = models.PositiveSmallIntegerField(default=0)
    said = models.CharField(max_length=500, blank=True)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]


class OptOut(models.Model):
    """A person who wants no messages of a kind; an empty kind: none at all. `how`: by a letter's link, or told to staff."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("channel"), max_length=8, choices=Kind, blank=True)
    how = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(_("since"))

    objects = models.Manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="opted_out_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind or '*'}"


def silence_of(address: str) -> str:
    """What is kept of an e-mail address whose person was erased: nobody reads it back without the installation's key."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"silence:{address.strip().lower()}".encode(), hashlib.sha256
    ).hexdigest()


class Silence(models.Model):
    """An erased person declined messages of a kind (empty: any): whoever comes back with the address is not written to."""

    address = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "kind"], name="silent_once")]

    def __str__(self) -> str:
        return f"{self.address[:8]} {self.kind or '*'}"


class Limits(models.Model):
    """One row: how many messages a person and an account get in seven days (0: no limit), whether customers' mail and groups
    are left alone outside business hours, whether a picture in letters tells that they were opened."""

    person_week = models.PositiveSmallIntegerField(_("messages to a person in 7 days"), default=3)
    account_week = models.PositiveSmallIntegerField(_("messages to an account in 7 days"), default=20)
    business_hours = models.BooleanField(_("only in business hours"), default=True)
    count_opens = models.BooleanField(_("letters tell when they are opened"), default=False)

    def __str__(self) -> str:
        return f"{self.person_week}/{self.account_week}"


def current_limits() -> Limits:
    """As they are kept, else as they ship."""
    return Limits.objects.order_by("pk").first() or Limits()
