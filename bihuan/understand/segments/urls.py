"""Addresses of segments."""

from django.urls import path

from bihuan.understand.segments import pages

app_name = "segments"
urlpatterns = [
    path("segments/", pages.Segments.as_view(), name="list"),
    path("segments/people/", pages.SegmentPeople.as_view(), name="people"),
    path("segments/new/", pages.NewSegment.as_view(), name="new"),
    path("segments/preview/", pages.preview, name="preview"),
    path("segments/<int:pk>/", pages.segment_page, name="page"),
    path("segments/<int:pk>/edit/", pages.EditSegment.as_view(), name="edit"),
    path("segments/<int:pk>/compare/", pages.compare_page, name="compare"),
    path("segments/<int:pk>/freeze/", pages.FreezeSegment.as_view(), name="freeze"),
    path("segments/<int:pk>/remove/", pages.remove, name="remove"),
]
