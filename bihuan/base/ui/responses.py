"""Answers that fit both a full page and an htmx fragment: toasts, "done, go there", fragments."""

import json
from typing import IO, Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect

from bihuan.base.access import actor_of
from bihuan.base.ui.undo import Undo, seal

LEVELS = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (a restored history entry wants the whole)."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def toast(
    response: HttpResponse,
    text: str,
    *,
    request: HttpRequest,
    kind: str = "success",
    undo: Undo | None = None,
) -> HttpResponse:
    """Add a toast to a fragment's answer, with an undo button when there is a way back."""
    token = seal(undo, actor=actor_of(request)) if undo else ""
    return trigger(response, "toast", {"text": text, "kind": kind, "undo": token})


def trigger(response: HttpResponse, event: str, detail: Any = None) -> HttpResponse:
    """Add a browser event to the answer (HX-Trigger), beside those already there. ASCII-safe."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail
    response["HX-Trigger"] = json.dumps(events)
    return response


def download(file: IO[bytes], *, name: str) -> FileResponse:
    """What somebody attached, always as a download: nothing of it is shown as a page of ours."""
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")


def done(
    request: HttpRequest,
    text: str,
    *,
    to: str,
    kind: str = "success",
    undo: Undo | None = None,
    stay: str = "",
) -> HttpResponse:
    """After a successful post: say so and go to `to`.

    With htmx and `stay` (the name of a browser event such as "followups-changed") the page stays, the dialog
    closes and whoever listens to the event reloads itself.
    """
    if is_fragment(request) and stay:
        answer = toast(HttpResponse(status=204), text, request=request, kind=kind, undo=undo)
        return trigger(trigger(answer, stay), "dialog-close")
    token = seal(undo, actor=actor_of(request)) if undo else ""
    messages.add_message(request, LEVELS[kind], text, extra_tags=f"undo:{token}" if token else "")
    if is_fragment(request):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = to
        return answer
    return HttpResponseRedirect(to)
