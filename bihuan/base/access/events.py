"""What happens with keys and doors, as facts for the audit page."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ApiTokenCreated(Fact):
    """A member of staff made an API token."""

    title = gettext_lazy("API token created")
    token_id: int
    label: str
    scopes: list[str]


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(Fact):
    """An API token stopped working."""

    title = gettext_lazy("API token revoked")
    token_id: int
    label: str


@dataclass(frozen=True, kw_only=True)
class SignInLinkGiven(Fact):
    """Somebody made a one-time sign-in for a member of staff: whoever holds it signs in as them."""

    title = gettext_lazy("One-time sign-in given")
    staff_id: int


@dataclass(frozen=True, kw_only=True)
class SignedIn(Fact):
    """A member of staff signed in."""

    title = gettext_lazy("Signed in")
    staff_id: int


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Fact):
    """Someone tried to sign in with a wrong password or an unknown name."""

    title = gettext_lazy("Sign-in failed")
    username: str


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Fact):
    """A member of staff changed their password."""

    title = gettext_lazy("Password changed")
    staff_id: int
