"""The written standard of a version 标准作业程序, for paper: in the language that is asked for, whatever the reader's."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.bpmn.svg import framed, still
from bihuan.act.processes.models import Kind, Process, Version
from bihuan.act.processes.pages.kinds import field_kinds
from bihuan.act.processes.pages.one import written
from bihuan.act.processes.roles import role_title
from bihuan.base.access import allow
from bihuan.base.ui.formats import listed

LANGUAGES = {"zh-hans": "中文", "en": "English"}


@allow("processes.view")
def printed(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """`language` is zh-hans or en; the reader's own when nothing is asked."""
    version = get_object_or_404(
        Version.objects.select_related("process__owner"),
        process=pk,
        number=number,
        process__kind=Kind.PROCESS,
    )
    own = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    language = request.GET.get("language", own)
    if language not in LANGUAGES:
        raise Http404
    with override(language):
        document = render_to_string(
            "processes/parts/document.html", _document(version.process, version, language)
        )
    context = {
        "process": version.process,
        "version": version,
        "document": document,
        "language": language,
        "languages": LANGUAGES,
    }
    return render(request, "processes/printed.html", context)


def _document(process: Process, version: Version, language: str) -> dict[str, Any]:
    xml = with_picture(version.xml)
    diagram = read_diagram(xml)
    strips = framed(still(xml, language=language), title=str(process))
    kinds = field_kinds()
    approvals = {"any": _("any one of them"), "all": _("all of them")}
    lines = written(diagram)
    for line in lines:
        node, work = diagram.nodes.get(line["element"]), line["work"]
        line["approvers"] = listed(role_title(one.removeprefix("role:")) for one in work.approvers)
        line["approval"] = approvals.get(work.approval, work.approval)
        line["form"] = [] if node is None else [_field(one, kinds, language) for one in node.fields]
        line["needed"] = (
            [] if node is None else [(one.title.said(language), one.required) for one in node.checks]
        )
    return {
        "process": process, "version": version, "lines": lines, "language": language,
        "asked": [_field(one, kinds, language) for one in diagram.start_fields],
        "strips": [mark_safe(strip) for strip in strips],  # noqa: S308  # built by svg.py, every text in it escaped
    }  # fmt: skip


def _field(field: Any, kinds: dict[str, str], language: str) -> dict[str, Any]:
    return {
        "title": field.title.said(language) or field.name, "kind": kinds.get(field.kind, field.kind),
        "required": field.required,
        "choices": listed(one.title.said(language) or one.value for one in field.choices), "least": field.least,
        "most": field.most, "help": field.help.said(language),
    }  # fmt: skip
