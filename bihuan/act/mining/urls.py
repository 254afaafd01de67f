"""Addresses of mining."""

from django.urls import path

from bihuan.act.mining import pages

app_name = "mining"
urlpatterns = [
    path("mining/", pages.MinedProcesses.as_view(), name="list"),
    path("processes/<int:pk>/mining/", pages.figures_page, name="figures"),
    path("processes/<int:pk>/mining/conformance/", pages.conformance_page, name="conformance"),
    path("processes/<int:pk>/mining/versions/", pages.versions_page, name="versions"),
    path("processes/<int:pk>/mining/what-if/", pages.what_if_page, name="what_if"),
    path("processes/<int:pk>/mining/log/", pages.log_page, name="log"),
]
