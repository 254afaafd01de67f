"""Middleware: name the actor of each request, and refuse any view that does not say who may open it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from bihuan.base.access.actor import NOBODY
from bihuan.base.access.guard import permission_of

GetResponse = Callable[[HttpRequest], HttpResponse]
OTHERS_THAT_CHECK = ("ninja.", "django.conf.urls.i18n", "django.views.i18n", "django.views.static")


class ActorMiddleware:
    """Set `request.actor` from the signed-in member of staff and speak their language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        request.actor = user.actor() if user.is_authenticated else NOBODY  # type: ignore[attr-defined]
        language = getattr(user, "language", "") if user.is_authenticated else ""
        if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        timezone.activate(settings.TIME_ZONE)
        return self.get_response(request)


class DefaultDenyMiddleware:
    """Refuse a view that neither `@allow` nor `@public` marks; the API checks each operation itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if permission_of(view) is None and not checks_itself(view):
            raise PermissionDenied("this page does not say who may open it")
        return None


def checks_itself(view: Any) -> bool:
    """Whether the view is one of the few outside ours that guards itself or shows nothing of ours."""
    module = getattr(view, "__module__", "")
    return bool(module.startswith(OTHERS_THAT_CHECK))
