"""One process: the diagram first, the written outline beside it, its versions below."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.bpmn import Diagram, Node, Work, read_diagram
from bihuan.act.bpmn.outline import outline
from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.processes import actions
from bihuan.act.processes.conditions import fields_of, way_said
from bihuan.act.processes.forms import PublishForm
from bihuan.act.processes.models import Kind, Process, State, Version
from bihuan.act.processes.pages.library import page_of
from bihuan.act.processes.queries import problems_of
from bihuan.act.processes.roles import role_title
from bihuan.act.processes.said import said, span_said
from bihuan.act.processes.told import timer_said
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.decisions import read_table
from bihuan.base.ui import FormPage, done, refusals_at


def written(diagram: Diagram) -> list[dict[str, Any]]:
    """The outline as the template draws it, in the reader's language."""
    language, fields = get_language() or "", fields_of(diagram)
    return [
        _spans(line.node.work)
        | {
            "kind": line.kind, "depth": min(line.depth, 5), "number": line.number or "", "element": line.node.id,
            "name": _named(line.node, language), "text": line.node.text.said(language), "work": line.node.work,
            "role": role_title(line.node.work.role),
            "fields": [(one.title.said(language) or one.name, one.required) for one in line.node.fields],
            "checks": [one.title.said(language) for one in line.node.checks],
            "way": way_said(line.flow, fields=fields, language=language),
            "step": line.node.step, "timer": line.node.timer and timer_said(line.node.timer), "decision": line.node.decision,
            "escalate": role_title(line.node.work.escalate_to),
        }
        for line in outline(diagram)
    ]  # fmt: skip


def _named(node: Node, language: str) -> str:
    """What people call a node; a start without a name is the start."""
    nameless = node.kind == "startEvent" and not node.name
    return pgettext("list", "Start") if nameless else node.named(language)


def _spans(work: Work) -> dict[str, str]:
    """Its spans of time as the reader says them."""
    wall = work.calendar == "wall"
    spans = {
        "limit": work.limit,
        "remind": work.remind,
        "escalate_after": work.escalate_after,
        "effort": work.effort,
    }
    return {name: span_said(text, wall=wall) for name, text in spans.items()}


def shown(version: Version) -> dict[str, Any]:
    """What the page of one version shows: its drawing and its outline, or its table."""
    if version.process.kind == Kind.DECISION:
        return {"table": read_table(version.xml)}
    data = {"xml": with_picture(version.xml), "language": get_language() or "", "marks": []}
    return {"lines": written(read_diagram(version.xml)), "data": data}


@allow("processes.view")
def process_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The published version, or the draft where there is none."""
    process = get_object_or_404(Process, pk=pk)
    versions = list(process.versions.all())
    current = next((one for one in versions if one.state == State.PUBLISHED), versions[0])
    return _page(request, process, current, versions)


@allow("processes.view")
def version_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as it was drawn."""
    version = get_object_or_404(Version.objects.select_related("process"), process=pk, number=number)
    return _page(request, version.process, version, list(version.process.versions.all()))


def _page(request: HttpRequest, process: Process, version: Version, versions: list[Version]) -> HttpResponse:
    actor = actor_of(request)
    draft = next((one for one in versions if one.state == State.DRAFT), None)
    problems = problems_of(kind=process.kind, key=process.key, xml=draft.xml) if draft else []
    version.process = process
    context = shown(version) | {
        "process": process, "version": version, "versions": versions, "draft": draft,
        "problems": [{"level": one.level, "text": said(one)} for one in problems],
        "is_current": version.state == State.PUBLISHED, "may_draw": actor.may("processes.draw"),
        "may_publish": actor.may("processes.publish"), "may_start": actor.may("work.start"),
        "blocked": any(one.level == "error" for one in problems),
    }  # fmt: skip
    return render(request, "processes/page.html", context)


class PublishProcess(FormPage):
    """From now on it is done this way."""

    name, title, permission, form = (
        "process",
        gettext_lazy("Publish the draft"),
        "processes.publish",
        PublishForm,
    )
    submit = gettext_lazy("Publish")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The process."""
        return get_object_or_404(Process, pk=route["pk"])

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """The draft becomes what instances start on."""
        version = actions.publish_draft(process=subject, by=by, at=at, note=form.cleaned_data["note"])
        text = _("Version %(n)s is published. What runs already goes on on its own version.")
        return text % {"n": version.number}, page_of(subject)


@allow("processes.draw")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    process = get_object_or_404(Process, pk=pk)
    return _done(request, process, _("The draft is gone."), actions.discard_draft)


@allow("processes.publish")
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away."""
    process = get_object_or_404(Process, pk=pk)
    return _done(request, process, _("Put away. What runs goes on to its end."), actions.retire_process)


@allow("processes.publish")
@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out again."""
    process = get_object_or_404(Process, pk=pk)
    return _done(request, process, _("It can be started again."), actions.bring_back)


def _done(request: HttpRequest, process: Process, text: str, action: Any) -> HttpResponse:
    with refusals_at(page_of(process)):
        action(process=process, by=actor_of(request), at=timezone.now())
    return done(request, text, to=page_of(process))


@allow("processes.view")
def download(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The file of a version, for other modelers."""
    version = get_object_or_404(Version.objects.select_related("process"), process=pk, number=number)
    ending = "dmn" if version.process.kind == Kind.DECISION else "bpmn"
    answer = HttpResponse(version.xml.encode(), content_type="application/xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{version.process.key}-{number}.{ending}"'
    return answer
