"""Addresses of staff."""

from django.urls import path

from bihuan.know.staff import pages

app_name = "staff"
urlpatterns = [
    path("staff/", pages.Colleagues.as_view(), name="list"),
    path("staff/new/", pages.NewStaff.as_view(), name="new"),
    path("staff/<int:pk>/", pages.EditStaff.as_view(), name="edit"),
    path("staff/<int:pk>/link/", pages.sign_in_link, name="link"),
    path("regions/", pages.Regions.as_view(), name="regions"),
    path("regions/new/", pages.NewRegion.as_view(), name="new_region"),
    path("regions/<int:pk>/", pages.EditRegion.as_view(), name="edit_region"),
    path("teams/", pages.Teams.as_view(), name="teams"),
    path("teams/new/", pages.NewTeam.as_view(), name="new_team"),
    path("teams/<int:pk>/", pages.EditTeam.as_view(), name="edit_team"),
]
