"""Writes of the access room: tokens and one-time sign-ins."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access.actor import Actor
from bihuan.base.access.events import (
    ApiTokenCreated,
    ApiTokenRevoked,
    PasswordChanged,
    SignedIn,
    SignInFailed,
    SignInLinkGiven,
)
from bihuan.base.access.models import PREFIX, ApiToken, SignInLink, hash_of, new_secret
from bihuan.base.access.policy import permissions
from bihuan.base.bus import publish


@transaction.atomic
def create_token(
    *, staff: Any, name: str, scopes: list[str], by: Actor, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token for `staff`; returns the row and the secret, which is not kept and cannot be shown again.

    A scope that is not a permission, or that the holder's own roles do not carry, is refused.
    """
    unknown = sorted(set(scopes) - set(permissions()))
    if unknown:
        raise ValidationError({"scopes": _("Unknown scopes: %(scopes)s.") % {"scopes": ", ".join(unknown)}})
    beyond = sorted(scope for scope in scopes if not staff.actor().may(scope))
    if beyond:
        raise ValidationError(
            {"scopes": _("Your roles do not carry: %(scopes)s.") % {"scopes": ", ".join(beyond)}}
        )
    if not scopes:
        raise ValidationError({"scopes": _("Choose at least one scope.")})
    secret = new_secret()
    token = ApiToken.objects.create(
        staff=staff, name=name, hashed=hash_of(secret), hint=secret[: len(PREFIX) + 4],
        scopes=sorted(set(scopes)), created_at=at, expires_at=expires_at,
    )  # fmt: skip
    publish(ApiTokenCreated(token_id=token.pk, label=name, scopes=token.scopes), by=by, at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, at: datetime) -> None:
    """Stop a token at once; doing so twice changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        publish(ApiTokenRevoked(token_id=token.pk, label=token.name), by=by, at=at)


@transaction.atomic
def create_sign_in_link(
    *, staff: Any, by: Actor, at: datetime, valid_for: timedelta = timedelta(hours=12)
) -> str:
    """A secret that signs `staff` in once, until it expires; the audit keeps who made it."""
    secret = new_secret()
    SignInLink.objects.create(staff=staff, hashed=hash_of(secret), expires_at=at + valid_for)
    publish(SignInLinkGiven(staff_id=staff.pk), by=by, at=at)
    return secret


@transaction.atomic
def use_sign_in_link(*, secret: str, at: datetime) -> Any | None:
    """The member of staff whose unused link this is, or None; the link is spent by the first use."""
    spent = SignInLink.objects.filter(hashed=hash_of(secret), used_at=None, expires_at__gt=at).update(
        used_at=at
    )
    if not spent:
        return None
    staff: Any = SignInLink.objects.select_related("staff").get(hashed=hash_of(secret)).staff
    return staff if staff.is_active else None


@transaction.atomic
def record_sign_in(*, staff: Any, at: datetime) -> None:
    """Keep the fact for the audit page."""
    publish(SignedIn(staff_id=staff.pk), by=staff.actor(), at=at)


@transaction.atomic
def record_failed_sign_in(*, username: str, by: Actor, at: datetime) -> None:
    """Keep the attempt for the audit page; the name is cut, for it may be a password typed in the wrong box."""
    publish(SignInFailed(username=username[:3] + "…"), by=by, at=at)


@transaction.atomic
def change_password(*, staff: Any, password: str, by: Actor, at: datetime) -> None:
    """Set a password that the rules already accepted."""
    staff.set_password(password)
    staff.save(update_fields=["password"])
    publish(PasswordChanged(staff_id=staff.pk), by=by, at=at)
