"""Addresses of signals."""

from django.urls import path

from bihuan.foresee.signals.pages import kinds, signals

app_name = "signals"
urlpatterns = [
    path("signals/", signals.Signals.as_view(), name="list"),
    path("signals/look/", kinds.look, name="look"),
    path("signals/kinds/", kinds.kinds_page, name="kinds"),
    path("signals/kinds/new/", kinds.NewKind.as_view(), name="new_kind"),
    path("signals/kinds/preview/", kinds.preview, name="preview"),
    path("signals/kinds/<slug:key>/", kinds.kind_page, name="kind"),
    path("signals/kinds/<slug:key>/edit/", kinds.EditKind.as_view(), name="edit_kind"),
    path("signals/kinds/<slug:key>/switch/", kinds.switch, name="switch"),
    path("signals/kinds/<slug:key>/remove/", kinds.remove, name="remove_kind"),
    path("signals/<int:pk>/", signals.signal_page, name="page"),
    path("signals/<int:pk>/handle/", signals.handle, name="handle"),
    path("signals/<int:pk>/dismiss/", signals.DismissSignal.as_view(), name="dismiss"),
    path("signals/<int:pk>/reopen/", signals.reopen, name="reopen"),
]
