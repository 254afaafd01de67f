"""Addresses of notices."""

from django.urls import path

from bihuan.base.notices import pages

app_name = "notices"
urlpatterns = [
    path("notices/", pages.notices_page, name="list"),
    path("notices/bell/", pages.bell, name="bell"),
    path("notices/read/", pages.read_all, name="read_all"),
    path("notices/kinds/", pages.Kinds.as_view(), name="kinds"),
    path("notices/<int:pk>/open/", pages.open_notice, name="open"),
]
