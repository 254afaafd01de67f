"""Writes about products."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, register_noun
from bihuan.base.upsert import upsert
from bihuan.know.products.events import ProductAdded, ProductChanged, ProductsImported
from bihuan.know.products.models import Product


@transaction.atomic
def add_product(*, name: str, by: Actor, at: datetime, code: str = "") -> Product:
    """Add a product; without a code it gets one made from the name."""
    product = Product(code=code or slugify(name, allow_unicode=True), name=name, created_at=at)
    product.full_clean()
    product.save()
    publish(ProductAdded(product_id=product.pk, code=product.code), by=by, at=at)
    return product


@transaction.atomic
def rename_product(*, product: Product, name: str, by: Actor, at: datetime) -> Product:
    """Give a product another name; its code stays."""
    before, product.name = product.name, name
    product.full_clean()
    product.save()
    if before != name:
        publish(ProductChanged(product_id=product.pk, before=before, after=name), by=by, at=at)
    return product


def get_or_add_product(*, name: str, by: Actor, at: datetime) -> Product:
    """The product of that name or code, added when there is none."""
    found = Product.objects.filter(name=name).first() or Product.objects.filter(code=name).first()
    return found or add_product(name=name, by=by, at=at)


@transaction.atomic
def import_products(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Products by code."""
    count = upsert(model=Product, rows=rows, key=["code"], required=["name"], at=at)
    if count.created or count.updated:
        publish(ProductsImported(created=count.created, updated=count.updated), by=by, at=at)
    return count


register_noun(Noun(name="products", permission="products.edit", load=import_products, fields=(
    Field(name="code", required=True), Field(name="name", required=True))))  # fmt: skip
