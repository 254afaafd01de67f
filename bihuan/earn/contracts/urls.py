"""Addresses of contracts."""

from django.urls import path

from bihuan.earn.contracts import pages

app_name = "contracts"
urlpatterns = [
    path("contracts/", pages.Contracts.as_view(), name="list"),
    path("contracts/new/", pages.NewContract.as_view(), name="new"),
    path("contracts/<int:pk>/", pages.contract_page, name="page"),
    path("contracts/<int:pk>/edit/", pages.EditContract.as_view(), name="edit"),
    path("contracts/<int:pk>/lines/new/", pages.NewLine.as_view(), name="new_line"),
    path("contracts/<int:pk>/lines/<int:line>/", pages.EditLine.as_view(), name="edit_line"),
]
