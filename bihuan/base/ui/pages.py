"""Pages of the kit itself: palette, undo, exports."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import actor_of, allow
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.queue import cancel
from bihuan.base.ui import palette, undo
from bihuan.base.ui.actions import folder_of_exports
from bihuan.base.ui.export import FORMATS
from bihuan.base.ui.models import Export
from bihuan.base.ui.responses import done, toast


@allow("ui.use")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Hits of the palette as a fragment."""
    groups = palette.find(request.GET.get("q", "")[:100], actor=actor_of(request))
    return render(request, "ui/parts/palette_hits.html", {"groups": groups, "q": request.GET.get("q", "")})


@allow("ui.use")
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo a change by the token of its toast; the page reloads its lists."""
    actor = actor_of(request)
    found = undo.unseal(request.POST.get("token", ""), actor=actor)
    if found is None:
        text = _("This can no longer be undone.")
        return toast(HttpResponse(status=204), text, request=request, kind="warning")
    way_back, args = found
    try:
        text = way_back.run(by=actor, at=timezone.now(), **args)
    except ValidationError as error:
        return toast(HttpResponse(status=204), " ".join(error.messages), request=request, kind="warning")
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{here.path}?{here.query}" if here.query else here.path
    return done(request, text, to=back or "/", kind="info")


def own_export(request: HttpRequest, pk: int) -> Export:
    """The export if it is the reader's own; else 404."""
    return get_object_or_404(Export, pk=pk, owner_id=actor_of(request).user_id)


@allow("ui.use")
@require_GET
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress of an export, with cancel; the download when it is done."""
    row = own_export(request, pk)
    job = Job.objects.filter(pk=row.job_id or 0).first()
    context: dict[str, Any] = {"export": row, "job": job}
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "export"
    return render(request, "ui/parts/export_state.html" if part else "ui/export.html", context)


@allow("ui.use")
@require_POST
def cancel_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the job to stop."""
    row = own_export(request, pk)
    if job := Job.objects.filter(pk=row.job_id or 0).first():
        cancel(row=job, at=timezone.now())
    return done(request, _("The export stops."), to=reverse("ui:export", args=[row.pk]), kind="info")


@allow("ui.use")
@require_GET
def download_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for the one who asked for it."""
    row = own_export(request, pk)
    path = folder_of_exports() / row.path
    if not row.path or not path.is_file():
        raise Http404
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.file_name, content_type=FORMATS[row.format]
    )
    response["Cache-Control"] = "no-store"
    return response
