"""Addresses of the health room."""

from django.urls import path

from bihuan.foresee.health import pages

app_name = "health"
urlpatterns = [
    path("health/", pages.model_page, name="model"),
    path("health/preview/", pages.preview, name="preview"),
    path("health/save/", pages.save, name="save"),
    path("health/versions/<int:version>/restore/", pages.restore, name="restore"),
    path("accounts/<int:account>/health/override/", pages.Override.as_view(), name="override"),
    path("accounts/<int:account>/health/override/end/", pages.drop_override, name="end_override"),
]
