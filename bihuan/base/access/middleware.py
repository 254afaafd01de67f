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
OTHERS_THAT_CHECK = ("django.views.i18n", "django.contrib.staticfiles")


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
    """Refuse a view that neither `@allow` nor `@public` marks; each operation of the API names its own permission,
    and one that names none falls to the API's default, which only an operator of the system holds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        is_api = match is not None and match.namespace == "api"
        if permission_of(view) is None and not is_api and not checks_itself(view):
            raise PermissionDenied("this page does not say who may open it")
        return None


def checks_itself(view: Any) -> bool:
    """Whether the view is one of the few outside ours that show nothing of ours."""
    module = getattr(view, "__module__", "")
    return bool(module.startswith(OTHERS_THAT_CHECK))
