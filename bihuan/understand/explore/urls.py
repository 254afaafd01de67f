"""Addresses of the explorer, saved questions and dashboards."""

from django.urls import path

from bihuan.understand.explore.pages import dashboards, explorer, running, saved

app_name = "explore"
urlpatterns = [
    path("explore/", explorer.page, name="page"),
    path("explore/compose/", explorer.compose, name="compose"),
    path("explore/export/", explorer.export, name="export"),
    path("explore/running/<slug:name>/", running.progress, name="running"),
    path("explore/running/<slug:name>/stop/", running.stop, name="stop"),
    path("explore/save/", saved.SaveQuestion.as_view(), name="save"),
    path("explore/keep/", saved.KeepList.as_view(), name="keep_list"),
    path("questions/", saved.Questions.as_view(), name="questions"),
    path("questions/<int:pk>/", saved.open_question, name="open"),
    path("questions/<int:pk>/edit/", saved.EditQuestion.as_view(), name="edit"),
    path("questions/<int:pk>/write/", saved.write_question, name="write"),
    path("questions/<int:pk>/remove/", saved.remove, name="remove"),
    path("dashboards/", dashboards.Dashboards.as_view(), name="dashboards"),
    path("dashboards/new/", dashboards.SaveDashboard.as_view(), name="new_dashboard"),
    path("dashboards/<int:pk>/", dashboards.dashboard, name="dashboard"),
    path("dashboards/<int:pk>/edit/", dashboards.SaveDashboard.as_view(), name="edit_dashboard"),
    path("dashboards/<int:pk>/add/", dashboards.AddTile.as_view(), name="add_tile"),
    path("dashboards/<int:pk>/remove/", dashboards.remove, name="remove_dashboard"),
    path("dashboards/<int:pk>/tiles/<int:tile>/", dashboards.tile, name="tile"),
    path("dashboards/<int:pk>/tiles/<int:tile>/<slug:step>/", dashboards.arrange, name="arrange"),
]
