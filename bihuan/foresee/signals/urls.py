"""Addresses of signals."""

from django.urls import path

from bihuan.foresee.signals import pages

app_name = "signals"
urlpatterns = [
    path("signals/", pages.Signals.as_view(), name="list"),
    path("signals/<int:pk>/", pages.signal_page, name="page"),
    path("signals/<int:pk>/handle/", pages.handle, name="handle"),
    path("signals/<int:pk>/dismiss/", pages.DismissSignal.as_view(), name="dismiss"),
    path("signals/<int:pk>/reopen/", pages.reopen, name="reopen"),
]
