"""Addresses of identity."""

from django.urls import path

from bihuan.capture.identity import pages

app_name = "identity"
urlpatterns = [
    path("unknown-accounts/", pages.UnknownKeys.as_view(), name="unknown"),
    path("unknown-accounts/<int:pk>/", pages.NameKey.as_view(), name="name_key"),
    path("people/unattached/", pages.Unattached.as_view(), name="unattached"),
    path("people/<int:pk>/merge/", pages.MergePerson.as_view(), name="merge"),
    path("people/<int:pk>/unmerge/", pages.undo, name="undo"),
]
