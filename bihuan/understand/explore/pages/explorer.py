"""The explorer: a question at left, its answer at right. The address holds the question."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import actor_of, allow
from bihuan.base.ui import is_fragment
from bihuan.base.ui.export import FORMATS, write
from bihuan.understand.explore.forms import composed
from bihuan.understand.explore.forms.inputs import MOST_ROWS, count_of
from bihuan.understand.explore.forms.question import SPANS
from bihuan.understand.explore.models import SavedQuestion
from bihuan.understand.explore.pages.running import name_in
from bihuan.understand.explore.pages.state import FIRST, State, answered, begun, carried, state_of, text_for
from bihuan.understand.explore.queries import event_names, is_large
from bihuan.understand.explore.registry import kinds

ROW_PARTS = ("events", "where", "label", "measure", "property", "after", "before", "last", "count")


@allow("explore.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`?q=` holds the question, YAML or JSON; `?kind=` begins one; neither shows how many people were active.

    Over many events the page comes without the answer and asks for it, so that its progress can be seen.
    """
    text = request.GET.get("q", "")
    if not text:
        kind = request.GET.get("kind", "")
        text = begun(kind) if kind in kinds() and kind != "trend" else FIRST
    state = state_of(text, actor=actor_of(request), as_yaml=request.GET.get("as") == "yaml")
    if state.complete and is_large():
        state.later = True
    elif state.complete:
        answered(state, at=timezone.now())
    return render(request, "explore/page.html", context_of(request, state))


@allow("explore.view")
@require_POST
def compose(request: HttpRequest) -> HttpResponse:
    """What the form does: ask, change between form and YAML, change the kind, add, remove and move rows."""
    step, data = request.POST.get("do", "ask"), request.POST.dict()
    state = _filled_in(request, data, step=step)
    if step.startswith("kind:") and state.document is not None and step[5:] in kinds():
        text = text_for(carried(state.document, to=step[5:]), before="")
        state = state_of(text, actor=state.actor, as_yaml=state.as_yaml)
    ask = step == "ask" or (step.startswith("kind:") and state.complete)
    if ask:
        answered(state, at=timezone.now(), name=name_in(data))
    here = address(state, saved=data.get("saved", ""))
    if not is_fragment(request):
        if ask and state.document is not None:
            return HttpResponseRedirect(here)
        return render(request, "explore/page.html", context_of(request, state))
    whole = ask or step.startswith("kind:")
    response = render(
        request,
        "explore/parts/explorer.html" if whole else "explore/parts/question.html",
        context_of(request, state),
    )
    if whole and state.document is not None:
        response["HX-Push-Url"] = here
    elif not whole:
        response["HX-Retarget"] = "#question"
    return response


def _filled_in(request: HttpRequest, data: dict[str, str], *, step: str) -> State:
    """The question as it stands after a click, as form or as YAML."""
    actor, text = actor_of(request), data.get("text", "")
    if data.get("mode") == "yaml":
        return state_of(text, actor=actor, as_yaml=step != "form")
    base = state_of(text, actor=actor)
    if base.document is None:
        return base
    added = arrange_rows(data, step)
    document = composed(data, base=base.document)
    state = state_of(text_for(document, before=text), actor=actor, as_yaml=step == "yaml")
    if added and state.shown is not None:
        next(one for one in state.shown.inputs if one.name == added).value.append({})
    return state


def arrange_rows(data: dict[str, str], step: str) -> str:
    """Remove or move a row of what was sent, in place; returns the name of the list that gets one more."""
    name, _dash, what = step.partition("-")
    if name not in ("steps", "series", "exclude", "behaviour"):
        return ""
    count = count_of(data, name)
    if what == "add":
        return name if count < MOST_ROWS else ""
    verb, _dash, place = what.partition("-")
    if not place.isdecimal() or int(place) >= count or verb not in ("remove", "up", "down"):
        return ""
    rows = [{part: data.pop(f"{name}-{n}-{part}", "") for part in ROW_PARTS} for n in range(count)]
    here = int(place)
    if verb == "remove":
        rows.pop(here)
    elif 0 <= (there := here + (1 if verb == "down" else -1)) < count:
        rows[here], rows[there] = rows[there], rows[here]
    data.update({f"{name}-{n}-{part}": row[part] for n, row in enumerate(rows) for part in ROW_PARTS})
    return ""


def address(state: State, *, saved: str = "") -> str:
    """Where this look can be found again."""
    params = (
        {"q": state.text} | ({"as": "yaml"} if state.as_yaml else {}) | ({"saved": saved} if saved else {})
    )
    return f"{reverse('explore:page')}?{urlencode(params)}"


def context_of(request: HttpRequest, state: State) -> Mapping[str, Any]:
    """What the templates need."""
    actor = actor_of(request)
    pk = request.POST.get("saved", "") or request.GET.get("saved", "")
    saved = (
        SavedQuestion.objects.readable_by(actor).filter(pk=int(pk)).first()
        if pk.isdecimal() and len(pk) < 15
        else None
    )
    return {
        "state": state,
        "saved": saved,
        "may_save": actor.may("explore.save"),
        "may_keep": actor.may("segments.edit"),
        "may_write": saved is not None and saved.owner_id == actor.user_id and saved.text != state.text,
        "exported": _may_export(state),
        "events": event_names(),
        "spans": SPANS,
        "q": urlencode({"q": state.text}),
    }


def _may_export(state: State) -> bool:
    """Whether the actor may take the answer away: a list of people needs what a list of people needs."""
    shown = state.presented
    if shown is None:
        return False
    needed = kinds()[shown.answer.kind].export_permission
    return (not needed or state.actor.may(needed)) and (
        not shown.names_people or state.actor.may("people.export")
    )


@allow("explore.view")
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The answer as CSV or XLSX, its definition above the rows."""
    format = request.GET.get("format", "csv")
    state = answered(state_of(request.GET.get("q", ""), actor=actor_of(request)), at=timezone.now())
    if format not in FORMATS or state.presented is None:
        raise Http404
    if not _may_export(state):
        raise PermissionDenied("people.export")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        write(path, state.presented.file_rows(), format=format)
        response = HttpResponse(path.read_bytes(), content_type=FORMATS[format])
    name = f"{state.presented.answer.kind}-{timezone.localdate():%Y%m%d}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
