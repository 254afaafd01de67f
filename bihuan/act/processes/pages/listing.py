"""A process as a plain list of steps: shown, changed by buttons, kept as the draft."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Problem
from bihuan.act.bpmn.list_reading import from_bpmn
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed, ListError, Row
from bihuan.act.processes import actions
from bihuan.act.processes.models import Kind, Process, State
from bihuan.act.processes.pages.inputs import (
    Offered,
    begin_groups,
    field_inputs,
    rest_inputs,
    row_groups,
    start_inputs,
    way_inputs,
)
from bihuan.act.processes.queries import known, problems_of
from bihuan.act.processes.roles import role_choices
from bihuan.act.processes.said import said
from bihuan.act.processes.told import timer_said
from bihuan.act.processes.typed import MOST_PARTS, MOST_ROWS, changed, read_typed, too_long
from bihuan.base.access import actor_of, allow
from bihuan.base.ui import is_fragment, toast


@allow("processes.draw")
def as_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft, or the newest version to begin one from; a drawing that says more than a list is told so."""
    process = get_object_or_404(Process, pk=pk, kind=Kind.PROCESS)
    version = process.versions.filter(state=State.DRAFT).first() or process.versions.all()[0]
    try:
        listed = from_bpmn(version.xml)
    except ListError as error:
        return render(
            request, "processes/list_refused.html", {"process": process, "why": said(error.problem)}
        )
    seen = version.edited_at.isoformat() if version.state == State.DRAFT else ""
    if request.method != "POST":
        return _page(request, process, listed, seen=seen)
    sent = {name: str(text) for name, text in request.POST.items()}
    return _sent(request, process, read_typed(sent, like=listed))


def _sent(request: HttpRequest, process: Process, listed: Listed) -> HttpResponse:
    do, seen = request.POST.get("do", ""), request.POST.get("seen", "")
    if do != "keep":
        opened = _opened(request, listed)
        fresh = changed(listed, do)
        opened |= {row.id for row in fresh.rows} - {row.id for row in listed.rows}
        return _page(request, process, fresh, seen=seen, opened=opened, kept=False, errors=_too_long(fresh))
    if errors := _too_long(listed):
        opened = _opened(request, listed)
        return _page(request, process, listed, seen=seen, opened=opened, kept=False, errors=errors)
    try:
        since = datetime.fromisoformat(seen) if seen else None
        version = actions.save_list(
            process=process, listed=listed, by=actor_of(request), at=timezone.now(), seen=since
        )
    except ValidationError as error:
        opened = _opened(request, listed)
        return _page(request, process, listed, seen=seen, opened=opened, kept=False, errors=error.messages)
    opened = _opened(request, listed)
    answer = _page(request, process, listed, seen=version.edited_at.isoformat(), opened=opened, kept=True)
    return toast(answer, _("Kept"), request=request) if is_fragment(request) else answer


def _too_long(listed: Listed) -> list[str]:
    """What keeps a list from being kept, in words."""
    whole = _("A list has at most %(rows)s steps, and its start asks at most %(parts)s fields.")
    step = _("“%(name)s” has at most %(parts)s fields and as many ways.")
    bounds = {"rows": MOST_ROWS, "parts": MOST_PARTS}
    language = get_language() or ""
    return [
        whole % bounds if row is None else step % (bounds | {"name": row.name.said(language) or row.id})
        for row in too_long(listed)
    ]


def _opened(request: HttpRequest, listed: Listed) -> set[str]:
    """What is unfolded on the page that was sent: steps by id, "" for the start."""
    found = {row.id for number, row in enumerate(listed.rows) if request.POST.get(f"s{number}-open")}
    return found | ({""} if request.POST.get("start-open") else set())


def _page(
    request: HttpRequest, process: Process, listed: Listed, *, seen: str, opened: Set[str] = frozenset(),
    kept: bool | None = None, errors: Sequence[str] = (),
) -> HttpResponse:  # fmt: skip
    problems = _problems(process, listed)
    offered = _offered(process, listed)
    context = {
        "process": process, "seen": seen, "kept": kept, "errors": errors, "rows": [
            _shown(listed, number, offered=offered, problems=problems, opened=row.id in opened)
            for number, row in enumerate(listed.rows)
        ],
        "start": start_inputs(listed), "begins": begin_groups(listed),
        "begins_when": timer_said(listed.timer) if listed.timer else "",
        "start_open": "" in opened,
        "asked": [field_inputs(one, f"start-f{n}", "start") for n, one in enumerate(listed.start)],
        "problems": [{"level": one.level, "text": said(one), "element": one.element} for one in problems],
        "here": {row.id for row in listed.rows},
    }  # fmt: skip
    part = is_fragment(request)
    return render(request, "processes/parts/rows.html" if part else "processes/as_list.html", context)


def _problems(process: Process, listed: Listed) -> list[Problem]:
    """What keeps the list from becoming a process, or the process from running."""
    try:
        xml = to_bpmn(listed)
    except ListError as error:
        return [error.problem]
    return problems_of(kind=Kind.PROCESS, key=process.key, xml=xml)


def _offered(process: Process, listed: Listed) -> Offered:
    """What the rows choose from."""
    outside = known()
    language = get_language() or ""
    named = {row.key: str(row) for row in Process.objects.live()}
    return Offered(
        roles=role_choices(), tables=[(key, named.get(key, key)) for key in sorted(outside.decisions)],
        steps=[(name, name) for name in sorted(outside.steps)],
        processes=[(key, named.get(key, key)) for key in sorted(outside.processes) if key != process.key],
        targets=[(f"to:{row.id}", f"{n}. {row.name.said(language) or row.id}") for n, row in enumerate(listed.rows, 1)],
    )  # fmt: skip


def _shown(
    listed: Listed, number: int, *, offered: Offered, problems: list[Problem], opened: bool
) -> dict[str, Any]:
    """One row as the template draws it."""
    row: Row = listed.rows[number]
    ruled = [way for way in row.ways if way.when]
    rest = next((way for way in row.ways if not way.when), None)
    return {
        "number": number, "place": number + 1, "id": row.id, "title": row.name.said(get_language() or "") or row.id,
        "opened": opened, "first": number == 0, "last": number + 1 == len(listed.rows),
        "groups": row_groups(row, f"s{number}", offered),
        "fields": [field_inputs(one, f"s{number}-f{n}", row.id) for n, one in enumerate(row.fields)],
        "asks": row.kind == "user",
        "ways": [way_inputs(way, f"s{number}-w{n}", row.id, offered) for n, way in enumerate(ruled)],
        "rest": rest_inputs(rest, f"s{number}-rest", row.id, offered, alone=not ruled),
        "problems": [{"level": one.level, "text": said(one)} for one in problems if one.element == row.id],
    }  # fmt: skip
