"""Addresses of webhooks."""

from django.urls import path

from bihuan.base.webhooks import pages

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", pages.Webhooks.as_view(), name="list"),
    path("webhooks/new/", pages.NewWebhook.as_view(), name="new"),
    path("webhooks/<int:pk>/", pages.webhook_page, name="page"),
    path("webhooks/<int:pk>/edit/", pages.EditWebhook.as_view(), name="edit"),
    path("webhooks/<int:pk>/secret/", pages.change_secret, name="secret"),
    path("webhooks/<int:pk>/test/", pages.send_test, name="test"),
    path("webhooks/<int:pk>/remove/", pages.remove, name="remove"),
    path("webhook-deliveries/<int:pk>/replay/", pages.replay, name="replay"),
]
