"""Tickets: what customers ask of us, with the times that matter and what they thought of the answer."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.know.accounts.models import Account, ByAccount, Person


class Family(models.TextChoices):
    PRESALE = "presale", _("Pre-sale")
    ACCOUNT = "account", _("Account and finance")
    TECHNICAL = "technical", _("Technical")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class State(models.TextChoices):
    OPEN = "open", _("Open")
    PENDING = "pending", _("Waiting for the customer")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


class Ticket(models.Model):
    """One request of one account."""

    key = models.CharField(_("number"), max_length=120, unique=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(Person, verbose_name=_("asked by"), null=True, blank=True, on_delete=models.SET_NULL,
                               related_name="+")  # fmt: skip
    product = models.ForeignKey("products.Product", verbose_name=_("product"), null=True, blank=True,
                                on_delete=models.PROTECT, related_name="+")  # fmt: skip
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    family = models.CharField(_("family"), max_length=10, choices=Family, default=Family.TECHNICAL)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.MEDIUM)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    first_response_at = models.DateTimeField(_("first response"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    escalated = models.BooleanField(_("escalated"), default=False)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("assignee"), null=True, blank=True,
                                 on_delete=models.SET_NULL, related_name="+")  # fmt: skip

    response_due_at = models.DateTimeField(_("first response due"), null=True, blank=True, editable=False)
    resolve_due_at = models.DateTimeField(_("solution due"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    response_service_minutes = models.FloatField(null=True, blank=True, editable=False)
    resolution_service_minutes = models.FloatField(null=True, blank=True, editable=False)

    objects = ByAccount.as_manager()

    class Meta:
        ordering = ["-opened_at", "id"]
        indexes = [
            models.Index(fields=["account", "-opened_at"], name="ticket_account"),
            models.Index(fields=["-opened_at", "id"], name="ticket_opened"),
            models.Index(fields=["state", "-opened_at"], name="ticket_state"),
            models.Index(fields=["due_at", "id"], name="ticket_due"),
        ]

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        """Answers lie after the question."""
        for name in ("first_response_at", "resolved_at"):
            moment = getattr(self, name)
            if moment is not None and self.opened_at is not None and moment < self.opened_at:
                raise ValidationError({name: _("This lies before the ticket was opened.")})

    @property
    def ended(self) -> bool:
        """Solved or closed."""
        return self.state in (State.SOLVED, State.CLOSED)

    @property
    def late(self) -> bool | None:
        """Whether a limit was broken by what has been done; None where no limit was measured."""
        kept = ((self.first_response_at, self.response_due_at), (self.resolved_at, self.resolve_due_at))
        known = [done > due for done, due in kept if done is not None and due is not None]
        return any(known) if known else None

    @property
    def resolution_service_hours(self) -> float | None:
        """Hours of service time from opened to solved, without pauses; None before that."""
        taken = self.resolution_service_minutes
        return None if taken is None else taken / 60

    @property
    def response_minutes(self) -> float | None:
        """Elapsed minutes from opened to first response; None before one."""
        return (
            None
            if self.first_response_at is None
            else (self.first_response_at - self.opened_at).total_seconds() / 60
        )

    @property
    def resolution_hours(self) -> float | None:
        """Elapsed hours from opened to solved; None before that."""
        return (
            None if self.resolved_at is None else (self.resolved_at - self.opened_at).total_seconds() / 3600
        )


class TicketPause(models.Model):
    """From when to when the clock of a ticket stood still; None: it still does."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="pauses")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["begins_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ends_at=None), name="ticket_pause_is_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.begins_at} – {self.ends_at or ''}"


class TicketLimit(models.Model):
    """The limits of a priority in minutes of service time, where they differ from what ships."""

    priority = models.CharField(max_length=8, choices=Priority, unique=True)
    response_minutes = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    resolution_minutes = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )

    def __str__(self) -> str:
        return f"{self.priority}: {self.response_minutes}, {self.resolution_minutes}"

    def clean(self) -> None:
        """Nobody solves before they answer."""
        if (
            self.resolution_minutes
            and self.response_minutes
            and self.resolution_minutes < self.response_minutes
        ):
            raise ValidationError(
                {"resolution_minutes": _("This is shorter than the time to the first response.")}
            )
