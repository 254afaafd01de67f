"""A question under way, for the page that waits for its answer: how far it is, and its end."""

import re
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import actor_of, allow
from bihuan.understand.explore.running import NAME_PATTERN, find_running


def name_in(data: Any) -> str:
    """What the page calls its question; nothing when it gave no name, or none that can be one."""
    name = str(data.get("running", ""))
    return name if re.fullmatch(NAME_PATTERN, name) else ""


@allow("explore.view")
@require_GET
def progress(request: HttpRequest, name: str) -> JsonResponse:
    """{"running": false} once it has ended; no error, for it may end at any moment."""
    found = find_running(name=name, actor=actor_of(request))
    return JsonResponse({"running": False} if found is None else {"running": True, **found.document()})


@allow("explore.view")
@require_POST
def stop(request: HttpRequest, name: str) -> JsonResponse:
    """End it; the request that asked it is answered then."""
    found = find_running(name=name, actor=actor_of(request))
    if found is not None:
        found.watch.cancel()
    return JsonResponse({"running": False})
