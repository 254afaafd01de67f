"""Addresses of the weekly plan."""

from django.urls import path

from bihuan.act.plan.pages import away, editing, week

app_name = "plan"
urlpatterns = [
    path("plan/", week.this_week, name="this_week"),
    path("plan/settings/", editing.EditSettings.as_view(), name="settings"),
    path("plan/lines/day/", editing.lay, name="lay"),
    path("plan/lines/<int:pk>/lock/", editing.lock, name="lock"),
    path("plan/lines/<int:pk>/drop/", editing.drop, name="drop"),
    path("plan/lines/<int:pk>/restore/", editing.restore, name="restore"),
    path("plan/lines/<int:pk>/move/", editing.MoveLine.as_view(), name="move"),
    path("plan/<slug:monday>/", week.week_page, name="week"),
    path("plan/<slug:monday>/solve/", editing.solve, name="solve"),
    path("plan/<slug:monday>/away/", away.ask, name="away"),
    path("plan/<slug:monday>/add/", editing.AddLine.as_view(), name="add"),
    path("plan/<slug:monday>/publish/", editing.Publish.as_view(), name="publish"),
    path("plan/<slug:monday>/take-back/", editing.take_back, name="take_back"),
]
