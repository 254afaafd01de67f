"""Addresses of the tracking plan."""

from django.urls import path

from bihuan.capture.plan import pages

app_name = "tracking"
urlpatterns = [
    path("tracking-plan/", pages.PlannedEvents.as_view(), name="list"),
    path("tracking-plan/new/", pages.NewEvent.as_view(), name="new"),
    path("tracking-plan/import/", pages.ImportPlan.as_view(), name="import"),
    path("tracking-plan/draft/", pages.DraftPlan.as_view(), name="draft"),
    path("tracking-plan/document/", pages.document, name="document"),
    path("tracking-plan/breaches/", pages.Breaches.as_view(), name="breaches"),
    path("tracking-plan/sources/", pages.sources, name="sources"),
    path("tracking-plan/sources/block/", pages.Blocking.as_view(), name="block"),
    path("tracking-plan/<int:pk>/", pages.event_page, name="event"),
    path("tracking-plan/<int:pk>/edit/", pages.EditEvent.as_view(), name="edit"),
    path("tracking-plan/<int:pk>/remove/", pages.remove, name="remove"),
    path("tracking-plan/<int:pk>/properties/new/", pages.NewProperty.as_view(), name="new_property"),
    path("tracking-plan/properties/<int:pk>/", pages.EditProperty.as_view(), name="property"),
    path("tracking-plan/properties/<int:pk>/remove/", pages.drop_property, name="drop_property"),
]
