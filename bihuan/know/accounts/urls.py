"""Addresses that change accounts and people."""

from django.urls import path

from bihuan.know.accounts import pages

app_name = "accounts"
urlpatterns = [
    path("accounts/new/", pages.NewAccount.as_view(), name="new"),
    path("accounts/<int:pk>/edit/", pages.EditAccount.as_view(), name="edit"),
    path("accounts/<int:pk>/team/", pages.EditTeam.as_view(), name="team"),
    path("accounts/<int:pk>/calendar/", pages.EditCalendar.as_view(), name="calendar"),
    path("accounts/<int:account>/people/new/", pages.NewPerson.as_view(), name="new_person"),
    path("people/", pages.People.as_view(), name="people"),
    path("people/<int:pk>/", pages.person_page, name="person"),
    path("people/<int:pk>/edit/", pages.EditPerson.as_view(), name="edit_person"),
    path("people/<int:pk>/data/", pages.personal_data, name="personal_data"),
    path("people/<int:pk>/erase/", pages.ErasePerson.as_view(), name="erase"),
    path("memberships/<int:pk>/end/", pages.EndMembership.as_view(), name="end_membership"),
]
