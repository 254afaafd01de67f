"""Authentication of API operations: a Bearer token or the browser's session, then the named permission."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security.base import AuthBase

from bihuan.base.access.actor import Actor, actor_of

SAFE = ("GET", "HEAD", "OPTIONS")


class Allow(AuthBase):
    """`@router.get(…, auth=Allow("accounts.view"))`: 401 without a valid key, 403 without the permission."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__()
        self.openapi_name = "ApiToken"

    def __call__(self, request: HttpRequest) -> Actor:
        actor = actor_by_token(request) or actor_by_session(request)
        if actor is None:
            raise HttpError(
                401, "Send the header 'Authorization: Bearer <API token>' with a token that is valid."
            )
        if not actor.may(self.permission):
            raise HttpError(403, f"This needs the permission {self.permission!r}.")
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def actor_by_token(request: HttpRequest) -> Actor | None:
    """The holder of the Bearer token, narrowed to the token's scopes; None without a usable token."""
    from bihuan.base.access.models import ApiToken, hash_of

    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        return None
    now = timezone.now()
    token = ApiToken.objects.select_related("staff").filter(hashed=hash_of(secret.strip())).first()
    if token is None or not token.usable(at=now) or not token.staff.is_active:
        raise HttpError(401, "The API token is unknown, revoked or expired. Make a new one in Settings.")
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    holder: Any = token.staff
    actor: Actor = holder.actor()
    return replace(actor, kind="token", scopes=frozenset(token.scopes))


def actor_by_session(request: HttpRequest) -> Actor | None:
    """The signed-in member of staff; a write also needs the CSRF token, as on any page."""
    actor = actor_of(request)
    if actor.kind != "staff":
        return None
    if request.method not in SAFE:
        request._dont_enforce_csrf_checks = False  # type: ignore[attr-defined]
        refused = CsrfViewMiddleware(lambda _request: None).process_view(request, lambda: None, (), {})  # type: ignore[arg-type, return-value]
        if refused is not None:
            raise HttpError(403, "The CSRF token is missing or wrong. Send the header 'X-CSRFToken'.")
    return actor
