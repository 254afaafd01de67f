"""An imported log along the diagram: its figures, and every case that does not run as drawn."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.act.mining.forms import LogForm
from bihuan.act.mining.pages.conformance import exported, fitted
from bihuan.act.mining.pages.figures import marks_of, step_rows, tiles
from bihuan.act.mining.pages.shared import diagram_data, process_of, put, tabs
from bihuan.act.mining.queries import studied_events
from bihuan.base.access import actor_of, allow


@allow("mining.view")
def log_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is asked before somebody says what names the case."""
    process, actor = process_of(pk), actor_of(request)
    form = LogForm(request.GET) if "case" in request.GET else LogForm()
    context: dict[str, Any] = {"process": process, "tabs": tabs(process, "log"), "form": form}
    if form.is_bound and form.is_valid():
        try:
            study = studied_events(
                process, question=form.question, version=None, actor=actor, at=timezone.now()
            )
        except ValidationError as error:
            put(form, error)
        else:
            if request.GET.get("export") == "csv":
                return exported(study)
            rows = step_rows(study)
            context |= fitted(study, page=request.GET.get("page")) | {
                "rows": rows,
                "tiles": tiles(study),
                "data": diagram_data(study, marks_of(study, rows, "steps")),
            }
    return render(request, "mining/log.html", context, status=422 if form.errors else 200)
