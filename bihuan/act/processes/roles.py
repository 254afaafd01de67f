"""Roles as people call them."""

from django.utils.translation import gettext_lazy

from bihuan.base.access.policy import Role
from bihuan.know.staff.models import ROLE_TITLES

#: Roles outside our own staff that a step may be given to.
OUTSIDE = {"customer": gettext_lazy("Customer")}


def roles() -> list[str]:
    """Every role that a step may name."""
    return [*(str(role) for role in Role), *OUTSIDE]


def role_title(role: str) -> str:
    """What people call a role."""
    return str({**{str(key): title for key, title in ROLE_TITLES.items()}, **OUTSIDE}.get(role, role))


def role_choices() -> list[tuple[str, str]]:
    """Every role with what people call it."""
    return [(role, role_title(role)) for role in roles()]
