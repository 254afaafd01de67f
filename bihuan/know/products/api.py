"""REST of products."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.products.actions import add_product, rename_product
from bihuan.know.products.models import Product

router = Router(tags=["Products"])


class ProductIn(Schema):
    """A product to add; without a code it gets one made from the name."""

    name: str = Field(..., min_length=1, max_length=80, examples=["云台"])
    code: str = Field("", max_length=60)


class ProductPatch(Schema):
    """Its new name."""

    name: str = Field(..., min_length=1, max_length=80)


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


@router.post("/products", auth=Allow("products.edit"), response={201: ProductOut}, summary="Add a product")
def create_product(request: HttpRequest, body: ProductIn) -> Any:
    """422 names the field that is wrong."""
    return 201, add_product(by=actor_of(request), at=timezone.now(), **body.dict())


@router.patch(
    "/products/{int:pk}", auth=Allow("products.edit"), response=ProductOut, summary="Rename a product"
)
def update_product(request: HttpRequest, pk: int, body: ProductPatch) -> Any:
    """Its code stays."""
    product = get_object_or_404(Product, pk=pk)
    return rename_product(product=product, name=body.name, by=actor_of(request), at=timezone.now())
