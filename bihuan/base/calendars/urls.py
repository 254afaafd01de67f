"""Addresses of calendars."""

from django.urls import path

from bihuan.base.calendars import pages

app_name = "calendars"
urlpatterns = [
    path("calendars/", pages.Calendars.as_view(), name="list"),
    path("calendars/new/", pages.NewCalendar.as_view(), name="new"),
    path("calendars/use/", pages.EditUse.as_view(), name="use"),
    path("calendars/shipped/", pages.shipped_page, name="shipped"),
    path("calendars/<int:pk>/", pages.calendar_page, name="page"),
    path("calendars/<int:pk>/rename/", pages.Rename.as_view(), name="rename"),
    path("calendars/<int:pk>/version/", pages.NewVersion.as_view(), name="version"),
    path("calendars/<int:pk>/remove/", pages.remove, name="remove"),
    path("calendars/versions/<int:pk>/", pages.EditVersion.as_view(), name="edit_version"),
    path("calendars/versions/<int:pk>/remove/", pages.remove_version, name="remove_version"),
]
