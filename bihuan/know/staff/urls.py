"""Addresses of staff."""

from django.urls import path

from bihuan.know.staff import pages

app_name = "staff"
urlpatterns = [
    path("staff/", pages.Colleagues.as_view(), name="list"),
    path("staff/new/", pages.NewStaff.as_view(), name="new"),
    path("staff/<int:pk>/", pages.EditStaff.as_view(), name="edit"),
    path("staff/<int:pk>/link/", pages.sign_in_link, name="link"),
]
