"""Guards of pages: every view says who may open it, and one that says nothing is opened by nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from bihuan.base.access.actor import actor_of

View = Callable[..., HttpResponseBase]
PUBLIC = "public"
ATTRIBUTE = "bihuan_permission"


def allow(permission: str) -> Callable[[View], View]:
    """Open the view to actors that hold the permission; send others to sign in or to the 403 page."""

    def guarded(view: View) -> View:
        @wraps(view)
        def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            from django.contrib.auth.views import redirect_to_login

            actor = actor_of(request)
            if actor.kind == "nobody":
                return redirect_to_login(request.get_full_path())
            if not actor.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        setattr(check, ATTRIBUTE, permission)
        return check

    return guarded


def public(view: View) -> View:
    """Open the view to everyone, signed in or not."""
    setattr(view, ATTRIBUTE, PUBLIC)
    return view


def permission_of(view: Any) -> str | None:
    """The permission a view asks for, PUBLIC for a public one, None for one that says nothing."""
    value = getattr(view, ATTRIBUTE, None)
    return value if isinstance(value, str) else None
