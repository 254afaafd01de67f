"""Figures on the diagram: where cases go, wait, are done again, come too late."""

from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.mining.forms import FiguresForm
from bihuan.act.mining.pages.shared import as_csv, diagram_data, filled, heat, process_of, put, tabs
from bihuan.act.mining.queries import By, Study, by_group, studied
from bihuan.act.mining.rules.figures import Figure
from bihuan.act.mining.said import span, step_name
from bihuan.act.processes.roles import role_title
from bihuan.act.work.queries import often_deviated
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui.formats import number, percent


@allow("mining.view")
def figures_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The diagram with one figure on each step, and the table with all of them."""
    process, actor = process_of(pk), actor_of(request)
    form = FiguresForm(filled(request, {"show": "steps"}), process=process, people=actor.may("mining.people"))
    context: dict[str, Any] = {"process": process, "tabs": tabs(process, "figures"), "form": form}
    status = 200
    if form.is_valid():
        try:
            study = studied(process, form.wanted, actor=actor, at=timezone.now())
        except ValidationError as error:
            put(form, error)
        else:
            rows = step_rows(study)
            if request.GET.get("export") == "csv":
                return as_csv(f"{process.key}-figures", *_exported(rows))
            shown = form.cleaned_data["show"] or "steps"
            context |= {
                "study": study, "rows": rows, "shown": shown, "data": diagram_data(study, marks_of(study, rows, shown)),
                "groups": _groups(study, form.cleaned_data["by"], actor=actor), "tiles": tiles(study),
                "often": [
                    one | {"name": one["name"] or step_name(study.diagram, one["element"])}
                    for one in often_deviated(process_id=process.pk, actor=actor)
                ],
            }  # fmt: skip
    if form.errors:
        status = 422
    return render(request, "mining/figures.html", context, status=status)


def tiles(study: Study) -> list[dict[str, Any]]:
    """The whole log in numbers."""
    all_of, mined = study.whole, study.mined
    found = [
        {"title": _("Cases"), "value": number(all_of.cases), "more": _("%(n)s ended") % {"n": number(all_of.ended)}},
        {"title": _("From start to end, median"), "value": _days(all_of.days.p50),
         "more": _("nine of ten within %(span)s") % {"span": _days(all_of.days.p90)}},
        {"title": _("Steps"), "value": number(all_of.steps),
         "more": _("%(n)s variants, %(pairs)s times one after another")
         % {"n": number(all_of.variants), "pairs": number(all_of.pairs)}},
        {"title": _("Cases with rework"), "value": number(all_of.rework_cases),
         "more": _("%(n)s steps done again") % {"n": number(all_of.rework_steps)}},
    ]  # fmt: skip
    if mined is not None:
        late = all_of.late_cases / all_of.limited_cases if all_of.limited_cases else None
        deviated = int(mined.deviated.sum())
        found += [
            {"title": _("Cases with a late step"), "value": number(all_of.late_cases),
             "more": "–" if late is None else _("%(share)s of those with a time limit") % {"share": percent(late)}},
            {"title": _("Cases with a deviation"), "value": number(deviated), "more": ""},
        ]  # fmt: skip
    return found


def _days(days: float | None) -> str:
    return span(None if days is None else days * 86_400, elapsed=True)


def step_rows(study: Study) -> list[dict[str, Any]]:
    """One row a step of the diagram that the log tells or that should have been done, in the order of the drawing."""
    mined, found = study.mined, study.conformance
    rows = []
    for node in study.diagram.nodes.values():
        figure = study.steps.get(node.id)
        left_out = found.left_out.get(node.id, 0)
        if figure is None and not left_out and node.id not in (mined.open if mined else {}):
            continue
        row: dict[str, Any] = {
            "element": node.id, "name": step_name(study.diagram, node.id), "figure": figure, "left_out": left_out,
            "extra": found.extra.get(node.id, 0), "role": role_title(node.work.role) if node.work.role else "",
            "deviations": mined.deviations.get(node.id, 0) if mined else 0, "open": mined.open.get(node.id, 0) if mined else 0,
            "late_now": mined.late.get(node.id, 0) if mined else 0,
        }  # fmt: skip
        rows.append(row | _texts(figure, elapsed=mined is None))
    return rows


def _texts(figure: Figure | None, *, elapsed: bool) -> dict[str, str]:
    if figure is None:
        return {"waiting": "–", "waiting90": "–", "work": "–", "work90": "–", "late": "–"}
    share = percent(figure.late / figure.limited) if figure.limited else ""
    return {
        "waiting": span(figure.waiting.p50, elapsed=elapsed), "waiting90": span(figure.waiting.p90, elapsed=elapsed),
        "work": span(figure.work.p50, elapsed=elapsed), "work90": span(figure.work.p90, elapsed=elapsed),
        "late": f"{number(figure.late)} ({share})" if figure.limited else "–",
    }  # fmt: skip


def marks_of(study: Study, rows: list[dict[str, Any]], shown: str) -> list[dict[str, Any]]:
    """The chosen figure of each step, hotter the greater it is."""
    values = {row["element"]: _value(row, shown) for row in rows}
    most = max((value for value in values.values() if value is not None), default=0)
    found = []
    for row in rows:
        value = values[row["element"]]
        if value is None:
            continue
        text = span(value, elapsed=study.mined is None) if shown in ("waiting", "work") else number(value)
        found.append(
            {
                "element": row["element"],
                "kind": f"heat{heat(value, most)}",
                "text": text,
                "title": row["name"],
            }
        )
    return found


def _value(row: dict[str, Any], shown: str) -> float | None:
    figure: Figure | None = row["figure"]
    if shown == "deviations":
        return float(row["deviations"])
    if figure is None:
        return None
    if shown in ("waiting", "work"):
        found: float | None = getattr(figure, shown).p50
        return found
    return float({"rework": figure.rework_steps, "late": figure.late}.get(shown, figure.steps))


def _groups(study: Study, by: By | Literal[""], *, actor: Actor) -> dict[str, Any] | None:
    if not by:
        return None
    elapsed = study.mined is None
    titles = {"role": _("Role"), "person": _("Person"), "month": _("Month"), "segment": _("Segment")}
    rows = [
        {"name": role_title(one.key) if by == "role" else one.key, "figure": one} | _texts(one, elapsed=elapsed)
        for one in by_group(study, by, actor=actor, at=timezone.now())
    ]  # fmt: skip
    return {"title": titles[by], "rows": rows}


def _exported(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[object]]]:
    header = [
        "element", "step", "steps", "cases", "rework_cases", "rework_steps", "waiting_p50_seconds", "waiting_p90_seconds",
        "work_p50_seconds", "work_p90_seconds", "limited", "late", "deviations", "left_out", "open", "late_now",
    ]  # fmt: skip
    found = []
    for row in rows:
        one: Figure | None = row["figure"]
        numbers: list[object] = [0, 0, 0, 0, None, None, None, None, 0, 0]
        if one is not None:
            numbers = [
                one.steps, one.cases, one.rework_cases, one.rework_steps, one.waiting.p50, one.waiting.p90, one.work.p50,
                one.work.p90, one.limited, one.late,
            ]  # fmt: skip
        found.append(
            [
                row["element"],
                row["name"],
                *numbers,
                row["deviations"],
                row["left_out"],
                row["open"],
                row["late_now"],
            ]
        )
    return header, found
