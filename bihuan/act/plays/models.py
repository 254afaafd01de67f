"""Plays, their runs and the steps of a run."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.foresee.signals.queries import kinds_hidden_from
from bihuan.know.accounts.models import Account, ByAccount, Person


class Mode(models.TextChoices):
    AUTOMATIC = "automatic", _("Automatic")
    ASKED = "asked", _("Semi-automatic: somebody confirms")


class Aim(models.TextChoices):
    """What a reached goal brings; what is kept depends on how much the account is in danger."""

    KEEP = "keep", _("Keeps revenue: worth more where the risk is high")
    GAIN = "gain", _("Gains revenue: whatever the risk")


class Status(models.TextChoices):
    ON = "on", pgettext_lazy("play", "On")
    OFF = "off", pgettext_lazy("play", "Off")
    PAUSED = "paused", pgettext_lazy("play", "Paused")


class Play(models.Model):
    """A definition. `trigger`, `steps` and `goal` are documents that `rules/definition.py` reads; `audience` is a rule over
    account, m, before. `assumed_effect` is believed until something is measured; `worth` is the share of a year's revenue that
    one reached goal keeps or gains (`aim`). What changed when is in the facts."""

    key = models.CharField(
        _("key"), max_length=40, unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and _, such as went_silent."))],
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    about = models.CharField(_("what it is for"), max_length=400, blank=True)
    about_zh = models.CharField(_("what it is for, in Chinese"), max_length=400, blank=True)
    trigger: Any = models.JSONField(_("trigger"), default=dict)
    audience = models.TextField(_("who it is for"), max_length=2000, blank=True)
    mode = models.CharField(_("mode"), max_length=9, choices=Mode, default=Mode.ASKED)
    steps: Any = models.JSONField(_("steps"), default=list)
    goal: Any = models.JSONField(_("goal"), default=dict)
    window = models.PositiveSmallIntegerField(
        _("window in days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("So long after the trigger the goal counts."),
    )  # fmt: skip
    rest = models.PositiveSmallIntegerField(
        _("rest in days"), default=60, validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text=_("So long the same account is not met again by this play."),
    )  # fmt: skip
    per_week = models.PositiveSmallIntegerField(
        _("plays per account and week"), default=2, validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text=_("An account that any plays met so often within seven days is skipped. Quiet hours and consent "
                    "are those of messages."),
    )  # fmt: skip
    hold_out = models.PositiveSmallIntegerField(
        _("hold-out in percent"), default=10, validators=[MaxValueValidator(90)],
        help_text=_("So many of the accounts are left alone, to know what would have been without the play."),
    )  # fmt: skip
    assumed_effect = models.DecimalField(
        _("assumed effect"), max_digits=4, decimal_places=3, default=Decimal("0.05"),
        validators=[MinValueValidator(Decimal(-1)), MaxValueValidator(Decimal(1))],
        help_text=_("Change of the chance that the goal is reached, until enough is measured: 0.05 is five points."),
    )  # fmt: skip
    worth = models.DecimalField(
        _("worth of a goal"), max_digits=4, decimal_places=3, default=Decimal("0.2"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("Share of the account's revenue of a year that one reached goal keeps or gains. An assumption of yours."),
    )  # fmt: skip
    aim = models.CharField(_("what a goal does"), max_length=4, choices=Aim, default=Aim.KEEP)
    minutes: Any = models.JSONField(_("minutes by role"), default=dict, blank=True)
    status = models.CharField(_("state"), max_length=6, choices=Status, default=Status.OFF)
    paused_why = models.CharField(max_length=400, blank=True)
    shipped = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.said_name

    @property
    def said_name(self) -> str:
        """In the reader's language."""
        return (self.name_zh if (get_language() or "").startswith("zh") else "") or self.name

    @property
    def said_about(self) -> str:
        """In the reader's language."""
        return (self.about_zh if (get_language() or "").startswith("zh") else "") or self.about


class Arm(models.TextChoices):
    TREATED = "treated", _("Treated")
    HELD = "held", _("Held out")


class State(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("play", "Proposed")
    CONFIRMED = "confirmed", pgettext_lazy("play", "Confirmed")
    RUNNING = "running", pgettext_lazy("play", "Running")
    DONE = "done", pgettext_lazy("play", "Done")
    DECLINED = "declined", pgettext_lazy("play", "Declined")
    SKIPPED = "skipped", pgettext_lazy("play", "Skipped")
    EXPIRED = "expired", pgettext_lazy("play", "Expired")


#: Those that somebody or something still works on.
OPEN = (State.PROPOSED, State.CONFIRMED, State.RUNNING)


class PlayRunQuerySet(ByAccount):
    """Runs are visible with their account and with what set them off."""

    def visible_to(self, actor: Actor) -> "PlayRunQuerySet":
        """Those of the territory, without plays that wait for signals which the actor may not see: a run would tell them."""
        rows: Any = super().visible_to(actor)
        hidden = kinds_hidden_from(actor)
        triggers = Play.objects.values_list("pk", "trigger")
        told = [pk for pk, trigger in triggers if hidden & set(trigger.get("signals") or ())]
        found: PlayRunQuerySet = rows.exclude(play__in=told) if told else rows
        return found


class PlayRun(models.Model):
    """One play for one account because of one trigger (`origin`, once). A held-out run has its arm and nothing else, and its
    goal is watched alike. `by_trigger`: chance alone decided the arm, so that it counts in the comparison. `despite`: what
    spoke against it (`queries/objections.py`) when somebody proposed it knowingly. `value`, `band`, `danger`, `chance`: the
    stake when it opened (`rules/staking.py`). `closed_at`: the goal is decided."""

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="runs")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    arm = models.CharField(_("arm"), max_length=7, choices=Arm)
    state = models.CharField(_("state"), max_length=9, choices=State)
    origin = models.CharField(max_length=120)
    by_trigger = models.BooleanField(default=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    item = models.PositiveBigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    goal_due = models.DateTimeField()
    goal_reached_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes spent"), default=0)
    despite: Any = models.JSONField(default=list)
    despite_by_name = models.CharField(max_length=150, blank=True)
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    band = models.CharField(max_length=8, blank=True)
    danger = models.FloatField(null=True, blank=True)
    chance = models.BooleanField(default=False)

    objects = PlayRunQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["play", "account", "origin"], name="play_run_once"),
        ]
        indexes = [
            models.Index(fields=["play", "-opened_at"], name="play_run_play"),
            models.Index(fields=["account", "-opened_at"], name="play_run_account"),
            models.Index(fields=["closed_at", "goal_due"], name="play_run_goal"),
            models.Index(fields=["state", "assignee"], name="play_run_bench"),
            models.Index(fields=["origin"], name="play_run_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.play} · {self.account}"

    @property
    def about(self) -> dict[str, Any]:
        """What facts say of it."""
        return {"run_id": self.pk, "play": self.play.key, "account_id": self.account_id}


class RunStep(models.Model):
    """A step of a run as it will be done: `spec` is the play's, with the words that somebody changed. Done once; `made` is what
    came of it, `instance_id` the process that was started, `problem` why it was left out."""

    run = models.ForeignKey(PlayRun, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    spec: Any = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    made = models.CharField(max_length=200, blank=True)
    instance_id = models.PositiveBigIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="play_step_once")]
        indexes = [models.Index(fields=["done_at", "due_at"], name="play_step_due")]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.number}"
