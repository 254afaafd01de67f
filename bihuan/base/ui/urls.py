"""Addresses of the kit."""

from django.urls import path

from bihuan.base.ui import pages

app_name = "ui"
urlpatterns = [
    path("palette/", pages.find, name="palette"),
    path("undo/", pages.take_back, name="undo"),
    path("exports/<int:pk>/", pages.export_page, name="export"),
    path("exports/<int:pk>/cancel/", pages.cancel_export, name="export_cancel"),
    path("exports/<int:pk>/file/", pages.download_export, name="export_file"),
]
