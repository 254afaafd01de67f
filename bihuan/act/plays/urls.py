"""Addresses of plays."""

from django.urls import path

from bihuan.act.plays.pages import plays, runs

app_name = "plays"
urlpatterns = [
    path("plays/", plays.library, name="library"),
    path("plays/look/", plays.look, name="look"),
    path("plays/preview/", plays.preview, name="preview"),
    path("plays/new/", plays.NewPlay.as_view(), name="new"),
    path("plays/<slug:key>/", plays.play_page, name="play"),
    path("plays/<slug:key>/dry-run/", plays.dry, name="dry"),
    path("plays/<slug:key>/edit/", plays.EditPlay.as_view(), name="edit"),
    path("plays/<slug:key>/switch/", plays.switch, name="switch"),
    path("plays/<slug:key>/remove/", plays.remove, name="remove"),
    path("plays/<slug:key>/propose/", plays.Propose.as_view(), name="propose"),
    path("play-runs/", runs.Runs.as_view(), name="runs"),
    path("play-runs/<int:pk>/", runs.run_page, name="run"),
    path("play-runs/<int:pk>/confirm/", runs.confirm, name="confirm"),
    path("play-runs/<int:pk>/begin/", runs.begin, name="begin"),
    path("play-runs/<int:pk>/decline/", runs.Decline.as_view(), name="decline"),
    path("play-runs/<int:pk>/undo/", runs.undo, name="undo"),
    path("play-runs/<int:pk>/steps/<int:number>/", runs.Reword.as_view(), name="reword"),
    path("play-runs/<int:pk>/minutes/", runs.Minutes.as_view(), name="minutes"),
]
