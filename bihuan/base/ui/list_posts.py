"""What is posted to a list: run a batch, save or drop a view, export."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import actor_of
from bihuan.base.ui import actions, export
from bihuan.base.ui.lists import Listing, ListPage
from bihuan.base.ui.responses import done, is_fragment, trigger


def answer_post(page: ListPage, request: HttpRequest, route: dict[str, Any]) -> HttpResponse:
    """Dispatch on `do`."""
    handler = HANDLERS.get(request.POST.get("do", ""))
    if handler is None:
        raise Http404
    params = QueryDict(request.META.get("QUERY_STRING", ""))
    listing = Listing(page=page, request=request, actor=actor_of(request), params=params, route=route)
    return handler(listing, request)


def run_batch(listing: Listing, request: HttpRequest) -> HttpResponse:
    """Run a batch action on the ticked rows, asking its form first when it has one."""
    action = next((a for a in listing.page.batch if a.name == request.POST.get("action")), None)
    if action is None:
        raise Http404
    if not listing.actor.may(action.permission):
        raise PermissionDenied(action.permission)
    ids = [i for i in map(whole, request.POST.getlist("ids")) if i][: action.limit]
    rows = list(listing.base.filter(pk__in=ids))
    data: dict[str, Any] = {}
    if action.form is not None:
        form = action.form(request.POST if "confirmed" in request.POST else None)
        if not form.is_bound or not form.is_valid():
            context = {
                "form": form,
                "action": action,
                "ids": ids,
                "count": len(rows),
                "url": request.get_full_path(),
            }
            return render(request, "ui/parts/batch_form.html", context)
        data = form.cleaned_data
    if not rows:
        return done(request, _("No rows were ticked."), to=request.get_full_path(), kind="warning")
    result = action.run(rows=rows, by=listing.actor, at=timezone.now(), data=data)
    here = request.get_full_path()
    return done(request, result.text, to=here, undo=result.undo, kind=result.kind, stay="list-changed")


def save_view(listing: Listing, request: HttpRequest) -> HttpResponse:
    """Keep the list as it is under a name; the same name replaces."""
    name = request.POST.get("name", "").strip()[:80]
    if not name:
        return done(request, _("Give the view a name."), to=request.get_full_path(), kind="warning")
    actions.save_view(
        page=listing.page.name,
        name=name,
        query=listing.state,
        shared=request.POST.get("shared") == "on",
        by=listing.actor,
        at=timezone.now(),
    )
    return done(request, _("View “%(name)s” saved.") % {"name": name}, to=request.get_full_path())


def drop_view(listing: Listing, request: HttpRequest) -> HttpResponse:
    """Forget one of one's own views."""
    view_id = whole(request.POST.get("view", ""))
    name = actions.drop_view(view_id=view_id, by=listing.actor) if view_id else ""
    if not name:
        raise Http404
    return done(request, _("View “%(name)s” deleted.") % {"name": name}, to=request.path)


def export_list(listing: Listing, request: HttpRequest) -> HttpResponse:
    """A file at once when it is short; else a job with its own page."""
    format = request.POST.get("format", "csv")
    if format not in export.FORMATS or not listing.page.export:
        raise Http404
    if not listing.can_export:
        raise PermissionDenied(listing.page.export_permission)
    if listing.total > settings_limit():
        row = actions.start_export(listing=listing, format=format, by=listing.actor, at=timezone.now())
        address = reverse("ui:export", args=[row.pk])
        if is_fragment(request):
            return trigger(HttpResponse(status=204, headers={"HX-Redirect": address}), "export-started")
        return HttpResponseRedirect(address)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{format}"
        export.write(path, export.table(listing.chosen, listing.records(at_once=export.CHUNK)), format=format)
        body = path.read_bytes()
    response = HttpResponse(body, content_type=export.FORMATS[format])
    stamp = timezone.localtime(timezone.now()).strftime("%Y%m%d-%H%M")
    response["Content-Disposition"] = f'attachment; filename="{listing.page.name}-{stamp}.{format}"'
    response["Cache-Control"] = "no-store"
    return response


def whole(text: str) -> int:
    """A row's id out of a form; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def settings_limit() -> int:
    """Rows up to which an export answers at once."""
    return int(getattr(settings, "EXPORT_AT_ONCE", 5000))


HANDLERS: dict[str, Callable[[Listing, HttpRequest], HttpResponse]] = {
    "batch": run_batch,
    "save-view": save_view,
    "drop-view": drop_view,
    "export": export_list,
}
