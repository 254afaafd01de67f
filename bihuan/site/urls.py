"""Addresses of the site."""

from django.urls import path

from bihuan.site.pages import account, accounts, events, follow_ups, preferences, presence, probes, workbench

app_name = "site"
urlpatterns = [
    path("", workbench.home, name="workbench"),
    path("panels/<slug:name>/", account.workbench_panel, name="workbench_panel"),
    path("accounts/", accounts.Accounts.as_view(), name="accounts"),
    path("accounts/<int:pk>/", account.account, name="account"),
    path("accounts/<int:pk>/panels/<slug:name>/", account.panel, name="panel"),
    path("accounts/<int:pk>/timeline/", account.time_line, name="timeline"),
    path(
        "accounts/<int:account_id>/follow-ups/<slug:kind>/",
        follow_ups.NewFollowUp.as_view(),
        name="follow_up",
    ),
    path("follow-ups/<int:pk>/done/", follow_ups.finish, name="follow_up_done"),
    path("events/", events.events, name="events"),
    path("events/tail/", events.tail, name="tail"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("presence/", presence.presence, name="presence"),
    path("activation/", presence.Activation.as_view(), name="activation"),
    path("paid-without-users/", presence.PaidUnused.as_view(), name="paid_unused"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
