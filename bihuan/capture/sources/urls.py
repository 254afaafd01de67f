"""Addresses of sources."""

from django.urls import path

from bihuan.capture.sources import pages

app_name = "sources"
urlpatterns = [
    path("sources/", pages.Sources.as_view(), name="list"),
    path("sources/new/", pages.NewSource.as_view(), name="new"),
    path("sources/silent/", pages.silent, name="silent"),
    path("sources/<int:pk>/", pages.source_page, name="page"),
    path("sources/<int:pk>/rename/", pages.EditSource.as_view(), name="rename"),
    path("sources/<int:pk>/key/", pages.RotateKey.as_view(), name="rotate"),
    path("sources/<int:pk>/revoke/", pages.RevokeSource.as_view(), name="revoke"),
]
