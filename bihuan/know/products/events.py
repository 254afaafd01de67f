"""What happens with products, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ProductAdded(Fact):
    """A product joined the list."""

    title = gettext_lazy("Product added")
    product_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class ProductChanged(Fact):
    """A product was renamed."""

    title = gettext_lazy("Product changed")
    product_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ProductsImported(Fact):
    """An import stored products."""

    title = gettext_lazy("Products imported")
    created: int
    updated: int
