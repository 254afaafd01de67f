"""Metrics of one's own, targets, alerts and the alarms they gave."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.metrics import KEY, Metric
from bihuan.know.products.models import Product
from bihuan.understand.metrics.rules import ProductNumbers, Staged

KEY_RULE = RegexValidator(
    KEY.pattern,
    _("Write small letters, digits and _, beginning with a letter, at most 60, such as sales_per_visit."),
)


class Kind(models.TextChoices):
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    PERCENT = "percent", _("Percent")
    DAYS = "days", _("Days")
    HOURS = "hours", _("Hours")
    SCORE = "score", _("Score")


class Layer(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    PERSON = "person", _("Person")
    PRODUCT = "product", _("Product")


class Over(models.TextChoices):
    SUM = "sum", _("Sum over accounts")
    MEAN = "mean", _("Mean of accounts that have a value")
    COUNT = "count", _("Accounts above nought")
    SHARE = "share", _("Share of accounts above nought")


class How(models.TextChoices):
    PRODUCT = "product", _("Product of its drivers")
    SUM = "sum", _("Sum of its drivers")


class ProductStageName(models.TextChoices):
    INTRODUCTION = "introduction", _("Introduction")
    GROWTH = "growth", _("Growth")
    MATURITY = "maturity", _("Maturity")
    DECLINE = "decline", _("Decline")


class OwnMetric(models.Model):
    """A metric that somebody defined here; the fields mean what those of a declared one mean (bihuan.base.metrics)."""

    key = models.CharField(_("key"), max_length=60, unique=True, validators=[KEY_RULE])
    title = models.CharField(_("title"), max_length=120)
    definition = models.CharField(_("definition"), max_length=1000)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    kind = models.CharField(_("kind of value"), max_length=8, choices=Kind, default=Kind.NUMBER)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    layer = models.CharField(_("about"), max_length=8, choices=Layer, default=Layer.CUSTOMER)
    question: Any = models.JSONField(_("question"), null=True, blank=True)
    pick = models.CharField(_("headline number of the answer"), max_length=60, blank=True)
    measure = models.CharField(_("measure"), max_length=60, blank=True)
    over = models.CharField(_("over accounts"), max_length=5, choices=Over, default=Over.SUM)
    formula = models.CharField(_("formula"), max_length=300, blank=True)
    how = models.CharField(_("made of its drivers"), max_length=7, choices=How, default=How.PRODUCT)
    drivers: Any = models.JSONField(_("drivers"), default=list, blank=True)
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.title

    def metric(self) -> Metric:
        """As everything that reads metrics takes it."""
        names = ("key", "title", "definition", "unit", "kind", "higher_is_better", "layer", "question", "pick",
                 "measure", "over", "formula", "how")  # fmt: skip
        permission = "measures.view" if self.measure else ""
        return Metric(
            **{name: getattr(self, name) for name in names},
            drivers=tuple(self.drivers),
            permission=permission,
        )


class MetricTarget(models.Model):
    """What a metric shall reach in periods that end on `from_day` or later, until the next one; no value is no target any
    more. Rows are added, never changed: they are the history."""

    metric = models.CharField(_("metric"), max_length=60)
    from_day = models.DateField(_("from"))
    value = models.FloatField(_("target"), null=True, blank=True)
    note = models.CharField(_("why"), max_length=200, blank=True)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(_("set"))

    class Meta:
        ordering = ["-from_day", "-id"]
        indexes = [models.Index(fields=["metric", "-from_day"], name="metric_target")]

    def __str__(self) -> str:
        return f"{self.metric} {self.from_day}: {self.value}"


class MetricAlert(models.Model):
    """When to say that a metric is out of order. What is looked at is a day for anything unusual, else `days` ended on it."""

    class Rule(models.TextChoices):
        THRESHOLD = "threshold", _("Beyond a bound")
        CHANGE = "change", _("Changed against the period before")
        SEASON = "season", _("Unusual for its weekday")

    metric = models.CharField(_("metric"), max_length=60)
    rule = models.CharField(_("when"), max_length=9, choices=Rule)
    above = models.FloatField(_("above"), null=True, blank=True)
    below = models.FloatField(_("below"), null=True, blank=True)
    change = models.FloatField(
        _("change (%)"), null=True, blank=True, validators=[MinValueValidator(0.1), MaxValueValidator(10_000)]
    )
    k = models.FloatField(
        _("deviations"), default=4, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    days = models.PositiveSmallIntegerField(
        _("days of the period"), default=7, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    cooldown_days = models.PositiveSmallIntegerField(
        _("days of quiet after an alarm"),
        default=7,
        validators=[MinValueValidator(0), MaxValueValidator(366)],
    )
    active = models.BooleanField(pgettext_lazy("alert", "active"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["metric", "id"]

    def __str__(self) -> str:
        return f"{self.metric}: {self.get_rule_display()}"


class MetricAlarm(models.Model):
    """An alert that was raised: the value of the day, and the bound it passed."""

    alert = models.ForeignKey(MetricAlert, on_delete=models.CASCADE, related_name="alarms")
    metric = models.CharField(max_length=60)
    day = models.DateField(_("day"))
    side = models.CharField(max_length=5)
    value = models.FloatField()
    bound = models.FloatField()
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["alert", "day"], name="metric_alarm_once_a_day")]

    def __str__(self) -> str:
        return f"{self.metric} {self.day} {self.side} {self.bound}"


class StageOverride(models.Model):
    """A person's judgement in place of the stage that a product's numbers say, with a reason; both stay visible."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(_("stage"), max_length=12, choices=ProductStageName)
    reason = models.CharField(_("reason"), max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="product_stage_set_once", fields=["product"], condition=models.Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.get_stage_display()}"


class KeptStage(models.Model):
    """What the numbers of a product said as of a day: counted once, read at every look. `numbers` are those of
    `rules.ProductNumbers`, `rules` is the version of the rules, `log` and `seq` the place in the log up to which events
    were counted."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    stage = models.CharField(_("stage"), max_length=12, choices=ProductStageName, blank=True)
    why = models.CharField(max_length=20)
    counts: Any = models.JSONField()
    rules = models.PositiveSmallIntegerField()
    log = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        ordering = ["-day", "product_id"]
        constraints = [
            models.UniqueConstraint(name="product_stage_kept_once_a_day", fields=["product", "day"])
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.day}: {self.stage}"

    @property
    def numbers(self) -> ProductNumbers:
        """As they were counted."""
        return ProductNumbers(**self.counts)

    @property
    def staged(self) -> Staged:
        """As the rules said; no stage where nothing was known."""
        return Staged(stage=self.stage or None, why=self.why)
