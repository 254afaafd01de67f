"""Addresses of imports."""

from django.urls import path

from bihuan.capture.imports import pages

app_name = "imports"
urlpatterns = [
    path("imports/", pages.Imports.as_view(), name="list"),
    path("imports/new/", pages.NewImport.as_view(), name="new"),
    path("imports/<int:pk>/", pages.import_page, name="page"),
    path("imports/<int:pk>/report.json", pages.report_file, name="report"),
]
