"""For machines that watch: may this process get requests, and its numbers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from ninja.errors import HttpError
from prometheus_client import CONTENT_TYPE_LATEST

from bihuan.base.access import public
from bihuan.base.access.api_auth import Allow
from bihuan.base.meters import exposition
from bihuan.site.meters import not_ready


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when records, events and disk are well, else 503 with what is not, by part."""
    wrong = not_ready()
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format, for a token or a session with the permission system.view."""
    try:
        Allow("system.view")(request)
    except HttpError as error:
        return HttpResponse(f"{error}\n", status=error.status_code, content_type="text/plain; charset=utf-8")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
