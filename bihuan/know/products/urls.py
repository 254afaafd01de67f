"""Addresses of products."""

from django.urls import path

from bihuan.know.products import pages

app_name = "products"
urlpatterns = [
    path("products/", pages.Products.as_view(), name="list"),
    path("products/new/", pages.NewProduct.as_view(), name="new"),
    path("products/<int:pk>/edit/", pages.EditProduct.as_view(), name="edit"),
]
