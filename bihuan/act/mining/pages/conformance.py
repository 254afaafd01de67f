"""Does it run as drawn: every case that does not, and what is not as drawn."""

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bihuan.act.mining.forms import WantedForm
from bihuan.act.mining.pages.shared import as_csv, diagram_data, filled, heat, process_of, put, tabs
from bihuan.act.mining.queries import Study, studied
from bihuan.act.mining.said import difference_text, differences_text
from bihuan.base.access import actor_of, allow
from bihuan.base.ui.formats import number

ON_A_PAGE = 50


@allow("mining.view")
def conformance_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The share that fits, what differs most, and the cases."""
    process, actor = process_of(pk), actor_of(request)
    form = WantedForm(filled(request, {}), process=process)
    context: dict[str, Any] = {"process": process, "tabs": tabs(process, "conformance"), "form": form}
    if form.is_valid():
        try:
            study = studied(process, form.wanted, actor=actor, at=timezone.now())
        except ValidationError as error:
            put(form, error)
        else:
            if request.GET.get("export") == "csv":
                return exported(study)
            context |= fitted(study, page=request.GET.get("page"))
    return render(request, "mining/conformance.html", context, status=422 if form.errors else 200)


def fitted(study: Study, *, page: str | None) -> dict[str, Any]:
    """What the template draws of a conformance."""
    found = study.conformance
    kinds: Counter[Any] = Counter()
    for variant in found.variants:
        for difference in set(variant.differences):
            kinds[difference] += variant.cases
    rows = deviating(study)
    shown = Paginator(rows, ON_A_PAGE).get_page(page)
    return {
        "study": study, "found": found, "share": found.fitting / found.judged if found.judged else None, "page": shown,
        "kinds": [(difference_text(study.diagram, one), n) for one, n in kinds.most_common(30)],
        "data": diagram_data(study, _marks(study)), "deviating": len(rows),
        "cases": [{**row, "text": differences_text(study.diagram, row["differences"])} for row in shown],
    }  # fmt: skip


def deviating(study: Study) -> list[dict[str, Any]]:
    """Every case that is not as drawn, in the order of the log: its name, where it is found, and its differences."""
    found = study.conformance
    titles = study.mined.titles if study.mined else {}
    rows = []
    for case, place in zip(study.log.cases, found.variant, strict=True):
        variant = found.variants[place]
        if variant.differences:
            url = reverse("work:instance", args=[case]) if study.mined else ""
            rows.append({
                "case": titles.get(case, case), "key": case, "url": url, "fitness": variant.fitness,
                "differences": variant.differences,
            })  # fmt: skip
    return rows


def exported(study: Study) -> HttpResponse:
    """Every case, those that fit too."""
    found, titles = study.conformance, study.mined.titles if study.mined else {}
    rows = []
    for case, place in zip(study.log.cases, found.variant, strict=True):
        one = found.variants[place]
        fits = "" if one.alignment is None else "yes" if one.alignment.fits else "no"
        text = differences_text(study.diagram, one.differences)
        rows.append([case, titles.get(case, ""), fits, round(one.fitness, 4), " → ".join(one.steps), text])
    return as_csv(
        f"{study.process.key}-conformance", ["case", "title", "fits", "fitness", "steps", "differences"], rows
    )


def _marks(study: Study) -> list[dict[str, Any]]:
    """How often each step was left out (−) and done where it is not drawn (+)."""
    found = study.conformance
    steps = sorted({*found.left_out, *found.extra})
    most = max((found.left_out.get(one, 0) + found.extra.get(one, 0) for one in steps), default=0)
    marks = []
    for one in steps:
        counts = (("−", found.left_out.get(one, 0)), ("+", found.extra.get(one, 0)))
        text = " ".join(f"{sign}{number(n)}" for sign, n in counts if n)
        hot = heat(sum(n for _sign, n in counts), most)
        marks.append({"element": one, "kind": f"heat{hot}", "title": "", "text": text})
    return marks
