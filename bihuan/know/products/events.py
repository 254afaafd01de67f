"""What happens with products, as facts."""

from dataclasses import dataclass

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ProductAdded(Fact):
    """A product joined the list."""

    product_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class ProductChanged(Fact):
    """A product was renamed."""

    product_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ProductsImported(Fact):
    """An import stored products."""

    created: int
    updated: int
