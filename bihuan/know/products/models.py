"""Products: what we sell."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """One product; events, contracts and tickets may name it."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
