"""What pages of mining share: the tabs, errors on their field, marks of the diagram, tables as files."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.act.mining.queries import Study
from bihuan.act.processes.models import Kind, Process
from bihuan.base.ui.export import harmless
from bihuan.base.ui.formats import number

HEATS = 4


def process_of(pk: int) -> Process:
    """A process, not a decision table; else 404."""
    return get_object_or_404(Process, pk=pk, kind=Kind.PROCESS)


def tabs(process: Process, here: str) -> list[dict[str, Any]]:
    """The pages about one process."""
    named = (
        ("figures", _("Figures")), ("conformance", _("As drawn?")), ("versions", _("Before and after")),
        ("what_if", _("What if")), ("log", _("Imported log")),
    )  # fmt: skip
    return [
        {"title": title, "url": reverse(f"mining:{name}", args=[process.pk]), "here": name == here}
        for name, title in named
    ]


def put(form: forms.Form, error: ValidationError) -> None:
    """An error of what was asked, on its field where the form has it."""
    found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, texts in found.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def diagram_data(study: Study, marks: list[dict[str, Any]]) -> dict[str, Any]:
    """What the viewer in the browser takes; flows carry how often they were taken."""
    flows = study.conformance.flows
    most = max(flows.values(), default=0)
    marks = [*marks, *(_flow_mark(flow, n, most) for flow, n in flows.items())]
    return {"xml": study.version.xml, "language": get_language() or "", "marks": marks}


def _flow_mark(flow: str, n: int, most: int) -> dict[str, Any]:
    return {"element": flow, "kind": f"flow{heat(n, most)}", "text": number(n), "title": ""}


def heat(value: float, most: float) -> int:
    """From 1 to HEATS, by the share of the greatest; 0 for nothing."""
    return 0 if not value or not most else min(HEATS, 1 + int(HEATS * value / most * 0.999))


def as_csv(name: str, header: Iterable[object], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """A file that spreadsheets read, with nothing that they would run."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(str(one)) for one in header])
    writer.writerows([harmless(one) for one in row] for row in rows)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def filled(request: HttpRequest, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the address says, and for what it does not name the defaults."""
    return {**defaults, **{name: value for name, value in request.GET.items() if name != "export"}}
