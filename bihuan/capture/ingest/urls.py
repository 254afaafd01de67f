"""Addresses of ingest for people; SDKs post to CAPTURE_PATHS."""

from django.urls import path

from bihuan.capture.ingest import pages

app_name = "ingest"
urlpatterns = [
    path("events/rejected/", pages.RejectedEvents.as_view(), name="rejected_list"),
    path("events/rejected/<int:pk>/", pages.rejected_event, name="rejected"),
    path("events/rejected/<int:pk>/correct/", pages.CorrectRejected.as_view(), name="correct"),
    path("events/counts/", pages.counts, name="counts"),
]
