"""Sources: a product's streams of events, each with a write key."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.Model):
    """A stream of events of one product; events name it by id."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("Product")
        IMPORT = "import", _("Import")
        INTERNAL = "internal", _("Bihuan itself")

    code = models.CharField(
        _("code"), max_length=60, unique=True,
        validators=[RegexValidator(r"^[\w.-]+$", _("Use letters, digits, dots, dashes and underscores."))],
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120)
    product = models.ForeignKey("products.Product", verbose_name=_("product"), null=True, blank=True,
                                on_delete=models.PROTECT, related_name="+")  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PRODUCT)
    key_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    key_hint = models.CharField(_("key begins with"), max_length=12, blank=True)
    active = models.BooleanField(_("active"), default=True)
    keep_days = models.PositiveIntegerField(
        _("days to keep events"), default=0, validators=[MaxValueValidator(36_500)],
        help_text=_("What happened longer ago is dropped each night, everywhere. 0: kept for ever."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("added"))
    last_seen_at = models.DateTimeField(_("last event"), null=True, blank=True)
    rhythm = models.JSONField(default=dict, blank=True)
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="internal") | models.Q(product__isnull=False),
                name="source_has_product",
            ),
        ]

    def __str__(self) -> str:
        return self.name
