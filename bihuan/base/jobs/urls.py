"""Addresses of jobs."""

from django.urls import path

from bihuan.base.jobs import pages

app_name = "jobs"
urlpatterns = [
    path("jobs/", pages.Jobs.as_view(), name="list"),
    path("jobs/<int:pk>/", pages.job_page, name="page"),
    path("jobs/<int:pk>/retry/", pages.retry_job, name="retry"),
    path("jobs/<int:pk>/cancel/", pages.cancel_job, name="cancel"),
]
