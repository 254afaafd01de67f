"""Signals and their kinds: the tables."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Account, Person, TeamRole
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("signal", "Open")
    HANDLED = "handled", _("Handled")
    DISMISSED = "dismissed", _("Dismissed")


class Severity(models.IntegerChoices):
    INFO = 1, pgettext_lazy("severity", "Info")
    WARNING = 2, pgettext_lazy("severity", "Warning")
    CRITICAL = 3, pgettext_lazy("severity", "Critical")


class About(models.TextChoices):
    ACCOUNT = "account", _("Account")
    PERSON = "person", _("Person")
    PRODUCT = "product", _("Product")
    REGION = "region", _("Region")
    FEATURE = "feature", _("Feature (an event)")


class OwnerRule(models.TextChoices):
    OWNER = "owner", _("Owner of the account")
    SALES = TeamRole.SALES.value, _("Sales of the account's team")
    OPERATIONS = TeamRole.OPERATIONS.value, _("Operations of the account's team")
    PRODUCT = TeamRole.PRODUCT.value, _("Product manager of the account's team")
    ANALYST = TeamRole.ANALYST.value, _("Analyst of the account's team")
    STAFF = "staff", _("One person")
    NOBODY = "nobody", _("Nobody in particular")


class KindOfSignal(models.Model):
    """A kind that can be edited. One with a `rule` is looked for; one without is raised by a room and only has its settings
    here. `sentence` says what was seen, with numbers in braces; of shipped kinds `title` and `sentence` are source texts."""

    key = models.CharField(
        _("key"), max_length=40, unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and _, such as went_silent."))],
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=120)
    about = models.CharField(_("about"), max_length=8, choices=About, default=About.ACCOUNT)
    rule = models.TextField(_("rule"), max_length=2000, blank=True)
    behaviour: Any = models.JSONField(_("behaviour"), default=dict, blank=True)
    against = models.PositiveSmallIntegerField(
        _("days back for “before”"), default=28, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    sentence = models.CharField(_("sentence"), max_length=400, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.WARNING)
    cooldown = models.PositiveSmallIntegerField(
        _("cooldown in days"), default=14, validators=[MaxValueValidator(365)],
        help_text=_("So long after it was settled the same is not raised again."),
    )  # fmt: skip
    owner_rule = models.CharField(_("who is told"), max_length=12, choices=OwnerRule, default=OwnerRule.OWNER)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # fmt: skip
    needs = models.CharField(
        _("needs the permission"),
        max_length=60,
        blank=True,
        help_text=_("Without it nobody sees these signals."),
    )
    on = models.BooleanField(pgettext_lazy("switch", "on"), default=True)
    shipped = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-severity", "key"]
        constraints = [
            models.CheckConstraint(
                name="signal_kind_tells_a_person_or_not",
                condition=models.Q(owner_rule="staff") | models.Q(staff=None),
            )
        ]

    def __str__(self) -> str:
        return self.key


class SignalQuerySet(models.QuerySet["Signal"]):
    """Whose signals."""

    def visible_to(self, actor: Actor) -> "SignalQuerySet":
        """Those about accounts of the territory, and about regions of it; others are about every account, for those who see
        them all. One that `needs` a permission is for who has it."""
        rows = self
        if actor.reach != Reach.ALL:
            inside = models.Q(account__in=Account.objects.visible_to(actor).values("pk"))
            if actor.reach == Reach.REGION:
                inside |= models.Q(region_id__in=actor.region_ids)
            rows = rows.filter(inside)
        needed = Signal.objects.exclude(needs="").values_list("needs", flat=True).distinct()
        return rows.exclude(needs__in=[one for one in needed if not actor.may(one)])

    def open(self) -> "SignalQuerySet":
        """Those that wait for somebody."""
        return self.filter(state=State.OPEN)


class Signal(models.Model):
    """Something that happened. One of account, person (with their account), product, region, `feature` and `metric` is what it
    is about; `subject` names that one, and of each kind one signal a subject is open. `about` is its name when it was raised.
    `seen` are the numbers when it was seen last, whose words the kind knows; `times` counts the days on which it was seen.
    `origin` names what raised it: once is enough. `note` says how it was handled, or why it was dismissed."""

    kind = models.CharField(_("kind"), max_length=40)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.WARNING)
    subject = models.CharField(max_length=220)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    feature = models.CharField(_("feature"), max_length=200, blank=True)
    metric = models.CharField(_("metric"), max_length=60, blank=True)
    about = models.CharField(max_length=200)
    seen: Any = models.JSONField(default=dict)
    day = models.DateField(_("day"))
    last_seen = models.DateField(_("last seen"))
    times = models.PositiveIntegerField(_("days seen"), default=1)
    origin = models.CharField(max_length=300, unique=True)
    needs = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_by_name = models.CharField(max_length=150, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(_("raised"))

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["state", "-raised_at"], name="signal_state"),
            models.Index(fields=["account", "-raised_at"], name="signal_account"),
            models.Index(fields=["kind", "state", "settled_at"], name="signal_kind_settled"),
            models.Index(fields=["state", "-severity", "-raised_at"], name="signal_severity"),
        ]
        constraints = [
            models.CheckConstraint(
                name="signal_is_about_one_thing",
                condition=models.Q(account__isnull=False, person=None, product=None, region=None, feature="", metric="")
                | models.Q(person__isnull=False, product=None, region=None, feature="", metric="")
                | models.Q(account=None, person=None, product__isnull=False, region=None, feature="", metric="")
                | models.Q(account=None, person=None, product=None, region__isnull=False, feature="", metric="")
                | (models.Q(account=None, person=None, product=None, region=None, metric="") & ~models.Q(feature=""))
                | (models.Q(account=None, person=None, product=None, region=None, feature="") & ~models.Q(metric="")),
            ),
            models.CheckConstraint(
                name="signal_is_settled_with_its_time",
                condition=models.Q(state="open", settled_at=None)
                | (models.Q(settled_at__isnull=False) & ~models.Q(state="open")),
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(state="open"), name="signal_one_open_a_subject"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"
