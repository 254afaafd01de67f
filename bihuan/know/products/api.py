"""REST of products."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow
from bihuan.know.products.models import Product

router = Router(tags=["Products"])


class ProductOut(Schema):
    """A product."""

    id: int
    code: str
    name: str


@router.get("/products", auth=Allow("products.view"), response=list[ProductOut], summary="List products")
@paginate
def list_products(request: HttpRequest) -> Any:
    """All of them by name."""
    return Product.objects.all()
