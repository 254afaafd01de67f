"""Addresses of experiments."""

from django.urls import path

from bihuan.understand.experiments.pages import edit, lists, one

app_name = "experiments"
urlpatterns = [
    path("experiments/", lists.Experiments.as_view(), name="list"),
    path("experiments/new/", edit.new, name="new"),
    path("experiments/effort/", edit.effort, name="effort"),
    path("experiments/of/<slug:key>/", one.experiment_page, name="page"),
    path("experiments/of/<slug:key>/edit/", edit.edit, name="edit"),
    path("experiments/of/<slug:key>/start/", one.start, name="start"),
    path("experiments/of/<slug:key>/stop/", one.stop, name="stop"),
]
