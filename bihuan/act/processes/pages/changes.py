"""What changed between two versions of a process: in words, and marked on the drawing of the newer one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.processes.models import Kind, Process
from bihuan.act.processes.queries import changes_between
from bihuan.act.processes.told import told
from bihuan.base.access import allow


@allow("processes.view")
def changes_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Since the version before, or since any other one (`since`)."""
    process = get_object_or_404(Process, pk=pk, kind=Kind.PROCESS)
    versions = {one.number: one for one in process.versions.all()}
    version = versions.get(number)
    earlier = [one for one in sorted(versions) if one != number]
    asked = request.GET.get("since", "")
    since = (
        int(asked)
        if asked.isdecimal() and asked.isascii() and len(asked) < 10
        else max((one for one in earlier if one < number), default=0)
    )
    if version is None or (asked and since not in versions):
        raise Http404
    before = versions.get(since)
    context: dict[str, Any] = {"process": process, "version": version, "since": before, "others": earlier}
    if before is not None:
        changes, drawn, now = changes_between(before, version)
        marks = {"added": _("New"), "changed": pgettext("version", "Changed")}
        context |= {
            "changes": told(changes, before=drawn, after=now),
            "notes": [one for key, one in sorted(versions.items()) if since < key <= number and one.note],
            "data": {
                "xml": with_picture(version.xml), "language": get_language() or "", "marks": [
                    {"element": one.element, "kind": one.how, "text": marks[one.how] if one.node else ""}
                    for one in (*changes.nodes, *changes.flows) if one.how in marks
                ],
            },
        }  # fmt: skip
    return render(request, "processes/changes.html", context)
