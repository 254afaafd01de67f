"""Addresses of absences."""

from django.urls import path

from bihuan.know.absences import pages

app_name = "absences"
urlpatterns = [
    path("absences/", pages.Absences.as_view(), name="list"),
    path("absences/new/", pages.NewAbsence.as_view(), name="new"),
    path("absences/<int:pk>/", pages.EditAbsence.as_view(), name="edit"),
    path("absences/<int:pk>/end/", pages.end, name="end"),
]
