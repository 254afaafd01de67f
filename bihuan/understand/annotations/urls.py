"""Addresses of annotations."""

from django.urls import path

from bihuan.understand.annotations import pages

app_name = "annotations"
urlpatterns = [
    path("annotations/", pages.Annotations.as_view(), name="list"),
    path("annotations/new/", pages.NewAnnotation.as_view(), name="new"),
    path("annotations/<int:pk>/", pages.EditAnnotation.as_view(), name="edit"),
    path("annotations/<int:pk>/remove/", pages.remove, name="remove"),
]
