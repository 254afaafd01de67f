"""Addresses of imports."""

from django.urls import path

from bihuan.capture.imports import pages

app_name = "imports"
urlpatterns = [
    path("imports/", pages.Imports.as_view(), name="list"),
    path("imports/new/", pages.NewImport.as_view(), name="new"),
    path("imports/with-mapping/", pages.MappedImport.as_view(), name="mapped"),
    path("imports/files/<int:pk>/", pages.draft_page, name="draft"),
    path("imports/files/<int:pk>/preview/", pages.preview, name="preview"),
    path("imports/files/<int:pk>/mapping.yaml", pages.mapping_file, name="mapping"),
    path("imports/kept/<int:pk>/mapping.yaml", pages.kept_file, name="kept"),
    path("imports/kept/<int:pk>/remove/", pages.drop, name="drop"),
    path("imports/<int:pk>/", pages.import_page, name="page"),
    path("imports/<int:pk>/report.json", pages.report_file, name="report"),
]
