"""Pages of products."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.ui import Column, DateColumn, Empty, FormPage, ListPage, nav_entry
from bihuan.know.products.actions import add_product, rename_product
from bihuan.know.products.forms import ProductForm
from bihuan.know.products.models import Product


def page_of(product: Product) -> str:
    """The page of a product, which the metric system draws."""
    return reverse("metrics:product", args=[product.pk])


class Products(ListPage):
    """What we sell."""

    name = "products"
    title = gettext_lazy("Products")
    permission = "products.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, link=page_of),
        Column("code", gettext_lazy("Code"), phone=True),
        DateColumn("created_at", gettext_lazy("Since")),
    )
    search = ("name", "code")
    default_sort = "name"
    create_title = gettext_lazy("New product")
    create_permission = "products.edit"
    empty = Empty(title=gettext_lazy("No products yet"),
                  text=gettext_lazy("A product is what events, contracts and tickets are about."))  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them."""
        return Product.objects.all()

    def row_url(self, record: Any) -> str:
        """Its page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("products:new")


class NewProduct(FormPage):
    """Add a product."""

    name = "product"
    title = gettext_lazy("New product")
    permission = "products.edit"
    form = ProductForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        add_product(by=by, at=at, **form.cleaned_data)
        return _("Product added."), reverse("products:list")


class EditProduct(NewProduct):
    """Rename a product."""

    title = gettext_lazy("Edit product")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The product."""
        return get_object_or_404(Product, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"initial": {"name": subject.name, "code": subject.code}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Rename it."""
        rename_product(product=subject, name=form.cleaned_data["name"], by=by, at=at)
        return _("Product saved."), reverse("products:list")


nav_entry("products", title=gettext_lazy("Products"), url="products:list", section="settings",
          permission="products.view", icon="box")  # fmt: skip
