"""What ran, with which report, and a form for those who have a mapping file."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.jobs.models import Job
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    FormPage,
    ListPage,
    NumberColumn,
    is_fragment,
    nav_entry,
)
from bihuan.capture.imports.actions import start_upload
from bihuan.capture.imports.actions.labels import choice_label, field_label, noun_label, refusal
from bihuan.capture.imports.forms import UploadForm
from bihuan.capture.imports.models import ImportRun

KINDS = {"queued": "info", "running": "info", "done": "ok", "failed": "bad"}


class Imports(ListPage):
    """Every import, the newest first."""

    name = "imports"
    title = gettext_lazy("Imports")
    permission = "imports.view"
    columns = (
        Column(
            "mapping",
            gettext_lazy("Mapping"),
            pinned=True,
            link=lambda r: reverse("imports:page", args=[r.pk]),
        ),
        BadgeColumn(
            "state", gettext_lazy("State"), choices=dict(ImportRun.State.choices), kinds=KINDS, phone=True
        ),
        BadgeColumn(
            "check_only",
            gettext_lazy("Check only"),
            choices={True: gettext_lazy("Yes"), False: gettext_lazy("No")},
        ),
        AgoColumn("started_at", gettext_lazy("Started"), phone=True),
        ActorColumn("by_name", gettext_lazy("By")),
        NumberColumn("created", gettext_lazy("Created"), get=lambda r: r.totals.get("created")),
        NumberColumn("updated", gettext_lazy("Updated"), get=lambda r: r.totals.get("updated")),
        NumberColumn("rejected", gettext_lazy("Rejected"), get=lambda r: r.totals.get("rejected")),
        NumberColumn("suspicious", gettext_lazy("Suspicious"), get=lambda r: r.totals.get("suspicious")),
    )
    search = ("mapping", "by_name")
    default_sort = "-started_at"
    export = False
    create_title = gettext_lazy("Import files")
    create_permission = "imports.run"
    empty = Empty(
        title=gettext_lazy("Nothing was imported yet"),
        text=gettext_lazy("Send a table of customers, contracts or events; its columns are recognised."),
        icon="database-import",
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them, or one's own for those who do not see every customer."""
        return ImportRun.objects.visible_to(actor).defer("error")

    def row_url(self, record: Any) -> str:
        """The report."""
        return reverse("imports:page", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The upload form."""
        return reverse("imports:new")


@allow("imports.view")
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its progress while it runs, then its data-quality report."""
    run = get_object_or_404(ImportRun.objects.visible_to(actor_of(request)), pk=pk)
    mine = run.draft if run.draft is not None and run.draft.by_id == actor_of(request).user_id else None
    job = Job.objects.filter(pk=run.job_id or 0).first()
    waits = run.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    part = is_fragment(request) and request.headers.get("HX-Target") == "import"
    return render(
        request,
        "imports/report.html" if part else "imports/page.html",
        {
            "run": run,
            "draft": mine,
            "may_send": actor_of(request).may("imports.run") and actor_of(request).reach == Reach.ALL,
            "job": job,
            "waits": waits and job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING),
            "kind": KINDS[run.state],
            "tables": in_words(run.report.get("tables", [])),
        },
    )


def in_words(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tables of a report with reasons and nouns in the reader's words."""
    return [
        table
        | {
            "title": noun_label(table["noun"])
            + ("" if table["table"] == table["noun"] else f" ({table['table']})"),
            "rejected": table["rejected"]
            | {
                "rows": [
                    row
                    | {"field": field_label(table["noun"], row["field"]), "reason": refusal(row["reason"])}
                    for row in table["rejected"]["rows"]
                ]
            },
            "mapped": [
                value | {"field": field_label(table["noun"], value["field"]), "to": choice_label(value["to"])}
                for value in table["mapped"]
            ],
        }
        for table in tables
    ]


@allow("imports.view")
def report_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as JSON."""
    run = get_object_or_404(ImportRun.objects.visible_to(actor_of(request)), pk=pk)
    answer = JsonResponse(run.report, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}.json"'
    return answer


class MappedImport(FormPage):
    """Send a mapping and its files."""

    name = "import"
    title = gettext_lazy("Import with a mapping file")
    permission = "imports.run"
    form = UploadForm
    submit = gettext_lazy("Import")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """Only for those who may write every customer: an import knows no territory."""
        if actor.reach != Reach.ALL:
            raise PermissionDenied(_("Importing needs the territory of all customers."))

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the files and queue the import."""
        run = start_upload(files=form.cleaned_data["uploads"], check=form.cleaned_data["check"], by=by, at=at)
        return _("The import has started."), reverse("imports:page", args=[run.pk])


nav_entry(
    "imports",
    title=gettext_lazy("Imports"),
    url="imports:list",
    section="data",
    permission="imports.view",
    icon="database-import",
)
