"""The actor: who is doing this, with which roles, and how far their territory reaches."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from bihuan.base.access.policy import Role, roles_with


class Reach(StrEnum):
    """How far a territory reaches."""

    OWN = "own"
    TEAM = "team"
    REGION = "region"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Passed explicitly to every action and query; nothing reads an ambient user."""

    name: str
    kind: str = "staff"
    user_id: int | None = None
    roles: frozenset[Role] = frozenset()
    reach: Reach = Reach.OWN
    team_id: int | None = None
    region_ids: frozenset[int] = frozenset()
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether a role of the actor holds the permission and, for a token, a scope names it."""
        if self.kind == "system":
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        return not self.roles.isdisjoint(roles_with(permission))


def system_actor(name: str) -> Actor:
    """The platform itself (importer, scheduler, worker): may do everything, sees everything, is named."""
    return Actor(name=name, kind="system", reach=Reach.ALL)


NOBODY = Actor(name="", kind="nobody")


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request, set by ActorMiddleware or by the API's authentication; nobody if signed out."""
    actor: Any = getattr(request, "actor", NOBODY)
    return actor if isinstance(actor, Actor) else NOBODY
