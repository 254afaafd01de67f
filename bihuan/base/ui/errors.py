"""Error pages that say what happened and the way on. Named in the root urls and the settings."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bihuan.base.access import public
from bihuan.base.ui.nav import Text
from bihuan.base.ui.responses import is_fragment

logger = logging.getLogger(__name__)


class UnstorableMiddleware:
    """400, not 500, for what no database can hold: NUL in texts, numbers and dates beyond its range."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return self._refuse(request, "The address holds a NUL character.")
        if request.content_type == "application/json" and b"\\u0000" in request.body:
            return self._refuse(request, "The body holds a NUL character.")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page or problem that says so; anything else goes on to be a 500."""
        if not isinstance(exception, (OverflowError, DataError)):
            return None
        logger.warning("%s %s: %s", request.method, request.path, exception)
        return self._refuse(request, "A number or a date lies beyond what can be stored.")

    def _refuse(self, request: HttpRequest, detail: str) -> HttpResponse:
        return problem(status=400, detail=detail) if for_program(request) else unreadable(request)


def error_page(
    request: HttpRequest, *, status: int, title: Text, text: Text, icon: str = "alert-triangle"
) -> HttpResponse:
    """The designed error: inside the frame for a page, a small block for a fragment, a problem for a program."""
    if for_program(request):
        return problem(status=status, detail=str(text))
    template = "ui/parts/error_block.html" if is_fragment(request) else "ui/error.html"
    context = {"status": status, "title": title, "text": text, "icon": icon}
    return render(request, template, context, status=status)


def for_program(request: HttpRequest) -> bool:
    """Whether the address belongs to the API."""
    return request.path.startswith("/api/")


def problem(*, status: int, detail: str) -> HttpResponse:
    """problem+json (RFC 9457) for what fails before or outside of an operation."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense to us."""
    return unreadable(request)


def unreadable(request: HttpRequest) -> HttpResponse:
    """The page of a 400."""
    return error_page(
        request,
        status=400,
        title=_("This request could not be read"),
        text=_("Go back, reload the page and try again."),
    )


@public
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but the role does not allow it."""
    return error_page(
        request,
        status=403,
        title=_("Your role does not allow this"),
        text=_("Ask an administrator for the role you need, or go back to the workbench."),
        icon="lock",
    )


@public
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or outside the reader's territory."""
    return error_page(
        request,
        status=404,
        title=_("Nothing at this address"),
        text=_("It may have been moved or deleted, or it lies outside your territory."),
        icon="map-off",
    )


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the frame, which may be what failed."""
    context: dict[str, Any] = {
        "title": _("This page failed"),
        "text": _("The error is logged. Reload the page; if it fails again, tell your administrator."),
    }
    if for_program(request):
        return problem(status=500, detail=context["text"])
    return HttpResponse(render_to_string("ui/failed.html", context), status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is gone, mostly because the session ended."""
    return error_page(
        request,
        status=403,
        title=_("The form has expired"),
        text=_("You were signed out, or the page was open for long. Reload the page and send it again."),
        icon="clock",
    )
