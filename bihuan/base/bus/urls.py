"""Addresses of the bus."""

from django.urls import path

from bihuan.base.bus import pages

app_name = "bus"
urlpatterns = [path("audit/", pages.Audit.as_view(), name="audit")]
