"""Weekly plans, their lines, who does which part, and what the planner is told: the tables."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account


class PlanState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("weekly plan", "Draft")
    PUBLISHED = "published", pgettext_lazy("weekly plan", "Published")


class Source(models.TextChoices):
    PLANNER = "planner", _("Planner")
    MANAGER = "manager", _("Manager")


class LineState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("plan line", "Planned")
    DROPPED = "dropped", pgettext_lazy("plan line", "Dropped")


class PlanSettings(models.Model):
    """What the planner is told; one row. `practical` is the share of working time that may be planned, `explore` the share of
    the minutes that only plays with little evidence may use, `touch_penalty` what it counts, in money, to leave an account out
    that the service of its tier says somebody should be in touch with."""

    practical = models.PositiveSmallIntegerField(
        _("practical capacity in %"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    explore = models.PositiveSmallIntegerField(
        _("share to explore in %"), default=10, validators=[MaxValueValidator(90)]
    )
    touch_penalty = models.PositiveIntegerField(
        _("cost of an account left without a touch"),
        default=1_000,
        validators=[MaxValueValidator(10_000_000)],
    )
    usual_minutes = models.PositiveSmallIntegerField(
        _("minutes of a work item that was never measured"), default=30, validators=[MaxValueValidator(600)]
    )

    def __str__(self) -> str:
        return f"{self.practical} %"


class WeekPlan(models.Model):
    """The plan of the week that begins on a Monday. `parameters` are what it was solved with, `figures` what came out: value,
    bound, gap, worth of an hour by role, what was left out and why, minutes of each person. `job_id` solves it now,
    `round` counts how often it was published."""

    monday = models.DateField(_("week"), unique=True)
    state = models.CharField(_("state"), max_length=9, choices=PlanState, default=PlanState.DRAFT)
    parameters: Any = models.JSONField(default=dict)
    figures: Any = models.JSONField(default=dict)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-monday"]
        constraints = [
            models.CheckConstraint(
                name="week_plan_published_with_its_time",
                condition=models.Q(state="draft", published_at=None)
                | models.Q(state="published", published_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.monday:%G-W%V}"


class PlanLineQuerySet(models.QuerySet["PlanLine"]):
    """Which lines."""

    def visible_to(self, actor: Actor) -> "PlanLineQuerySet":
        """With `plan.edit` those about accounts of the territory, else one's own."""
        if actor.may("plan.edit"):
            return self.filter(account__in=Account.objects.visible_to(actor).values("pk"))
        return self.of(actor.user_id)

    def of(self, staff_id: int | None) -> "PlanLineQuerySet":
        """Those of which somebody does a part."""
        return self.filter(pk__in=PlanPart.objects.filter(person_id=staff_id or 0).values("line_id"))

    def planned(self) -> "PlanLineQuerySet":
        """Without those that were dropped."""
        return self.filter(state=LineState.PLANNED)


class PlanLine(models.Model):
    """A play for an account, led by a person. `worth` is what it is expected to keep or gain a year: `effect` (a share, with
    the account's risk in it) times `value`. A locked line stays when the week is solved again; a dropped one does not come
    back. `day` is when whoever leads it does it. `run_id` is the run of the play that it became."""

    plan = models.ForeignKey(WeekPlan, on_delete=models.CASCADE, related_name="lines")
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+"
    )
    play_id = models.BigIntegerField()
    play_key = models.CharField(max_length=60)
    play_title = models.CharField(_("play"), max_length=200)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    minutes = models.PositiveIntegerField(_("minutes"))
    effect = models.FloatField(_("effect"))
    effect_se = models.FloatField(default=0)
    basis = models.CharField(max_length=12, blank=True)
    value = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    worth = models.DecimalField(_("expected value"), max_digits=16, decimal_places=2, default=Decimal(0))
    reason = models.CharField(max_length=400, blank=True)
    explores = models.BooleanField(default=False)
    locked = models.BooleanField(_("locked"), default=False)
    source = models.CharField(_("chosen by"), max_length=7, choices=Source, default=Source.PLANNER)
    state = models.CharField(_("state"), max_length=7, choices=LineState, default=LineState.PLANNED)
    day = models.DateField(_("day"), null=True, blank=True)
    run_id = models.BigIntegerField(null=True, blank=True)

    objects = PlanLineQuerySet.as_manager()

    class Meta:
        ordering = ["-worth", "pk"]
        indexes = [models.Index(fields=["plan", "state", "-worth"], name="plan_line_worth")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "account"], condition=models.Q(state="planned"), name="plan_one_play_an_account"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account}: {self.play_title}"


def origin_of(plan: WeekPlan) -> str:
    """What the origins of the runs of a plan begin with, those of its last publication."""
    return f"plan:{plan.monday}:{plan.round}:"


class PlanPart(models.Model):
    """What one person does of a line, in a role."""

    line = models.ForeignKey(PlanLine, on_delete=models.CASCADE, related_name="parts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["-minutes", "pk"]
        indexes = [models.Index(fields=["person", "line"], name="plan_part_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.minutes}"
