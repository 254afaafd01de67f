"""Two versions of a process, before and after a change."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.act.mining.forms import VersionsForm
from bihuan.act.mining.pages.shared import filled, process_of, put, tabs
from bihuan.act.mining.queries import Wanted, compared_versions
from bihuan.act.mining.rules.comparing import Compared
from bihuan.act.mining.said import MEASURES, VERDICT_KINDS, VERDICTS, change_text, value_text
from bihuan.act.processes.models import State
from bihuan.base.access import actor_of, allow


@allow("mining.view")
def versions_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The measures of both with the interval of their difference; the newest two when nothing is asked."""
    process, actor = process_of(pk), actor_of(request)
    numbers = list(
        process.versions.exclude(state=State.DRAFT).order_by("-number").values_list("number", flat=True)[:2]
    )
    context: dict[str, Any] = {
        "process": process,
        "tabs": tabs(process, "versions"),
        "enough": len(numbers) == 2,
    }
    if not context["enough"]:
        return render(request, "mining/versions.html", context)
    form = VersionsForm(filled(request, {"before": numbers[1], "after": numbers[0]}), process=process)
    context["form"] = form
    if form.is_valid():
        data = form.cleaned_data
        wanted = Wanted(since=data["since"], until=data["until"], segment=data["segment"] or None)
        try:
            rows, cases = compared_versions(
                process,
                before=data["before"],
                after=data["after"],
                wanted=wanted,
                actor=actor,
                at=timezone.now(),
            )
        except ValidationError as error:
            put(form, error)
        else:
            notes = dict(process.versions.values_list("number", "note"))
            context |= {
                "rows": [_row(one) for one in rows], "cases": cases, "before": data["before"], "after": data["after"],
                "note": notes.get(data["after"], ""),
            }  # fmt: skip
    return render(request, "mining/versions.html", context, status=422 if form.errors else 200)


def _row(one: Compared) -> dict[str, Any]:
    return {
        "title": MEASURES[one.name], "before": value_text(one, one.before), "after": value_text(one, one.after),
        "change": change_text(one, one.difference), "low": change_text(one, one.low), "high": change_text(one, one.high),
        "verdict": VERDICTS[one.better], "kind": VERDICT_KINDS[one.better],
    }  # fmt: skip
