"""Roles, and the table of permissions that the apps fill at start-up. What is not in it is refused."""

from collections.abc import Mapping, Set
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff does here. One person may hold several."""

    ADMIN = "admin"
    MANAGER = "manager"
    OPERATOR = "operator"
    SALES = "sales"
    SERVICE = "service"
    MARKETER = "marketer"
    ANALYST = "analyst"
    PARTNER = "partner"


EVERYONE: frozenset[Role] = frozenset(Role)
OUR_SIDE: frozenset[Role] = EVERYONE - {Role.PARTNER}

_roles_by_permission: dict[str, frozenset[Role]] = {}
_app_by_permission: dict[str, str] = {}


def declare(*, app: str, permissions: Mapping[str, Set[str]]) -> None:
    """Add an app's permissions; a name that another app already declared is an error."""
    for permission, roles in permissions.items():
        owner = _app_by_permission.setdefault(permission, app)
        if owner != app:
            raise ValueError(f"permission {permission!r} is declared by both {owner!r} and {app!r}")
        _roles_by_permission[permission] = frozenset(Role(role) for role in roles) | {Role.ADMIN}


def permissions() -> dict[str, frozenset[Role]]:
    """Every declared permission with the roles that hold it (a copy)."""
    return dict(_roles_by_permission)


def roles_with(permission: str) -> frozenset[Role]:
    """The roles that hold a permission; empty for one that nobody declared."""
    return _roles_by_permission.get(permission, frozenset())
