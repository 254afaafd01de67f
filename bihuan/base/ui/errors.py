"""Error pages that say what happened and the way on. Named in the root urls and the settings."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bihuan.base.access import public
from bihuan.base.ui.nav import Text
from bihuan.base.ui.responses import is_fragment


def error_page(
    request: HttpRequest, *, status: int, title: Text, text: Text, icon: str = "alert-triangle"
) -> HttpResponse:
    """The designed error: inside the frame for a page, a small block for a fragment."""
    template = "ui/parts/error_block.html" if is_fragment(request) else "ui/error.html"
    context = {"status": status, "title": title, "text": text, "icon": icon}
    return render(request, template, context, status=status)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense to us."""
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
