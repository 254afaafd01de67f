"""Addresses of processes."""

from django.urls import path

from bihuan.act.processes import pages

app_name = "processes"
urlpatterns = [
    path("processes/", pages.Processes.as_view(), name="list"),
    path("processes/new/", pages.NewProcessPage.as_view(), name="new"),
    path("processes/import/", pages.ImportProcess.as_view(), name="import"),
    path("processes/<int:pk>/", pages.process_page, name="page"),
    path("processes/<int:pk>/edit/", pages.EditProcessPage.as_view(), name="edit"),
    path("processes/<int:pk>/studio/", pages.studio, name="studio"),
    path("processes/<int:pk>/list/", pages.as_list, name="as_list"),
    path("processes/<int:pk>/draft/", pages.keep_draft, name="keep"),
    path("processes/<int:pk>/draft/discard/", pages.discard, name="discard"),
    path("processes/<int:pk>/publish/", pages.PublishProcess.as_view(), name="publish"),
    path("processes/<int:pk>/retire/", pages.retire, name="retire"),
    path("processes/<int:pk>/back/", pages.bring_back, name="bring_back"),
    path("processes/<int:pk>/versions/<int:number>/", pages.version_page, name="version"),
    path("processes/<int:pk>/versions/<int:number>/changes/", pages.changes_page, name="changes"),
    path("processes/<int:pk>/versions/<int:number>/print/", pages.printed, name="print"),
    path("processes/<int:pk>/versions/<int:number>/file/", pages.download, name="download"),
]
