"""Who may do what, and for which customers. Public names of the access room."""

from bihuan.base.access.actor import Actor, Reach, actor_of, system_actor
from bihuan.base.access.api_auth import Allow
from bihuan.base.access.guard import allow, public
from bihuan.base.access.policy import EVERYONE, OUR_SIDE, Role, permissions, roles_with

__all__ = [
    "EVERYONE",
    "OUR_SIDE",
    "Actor",
    "Allow",
    "Reach",
    "Role",
    "actor_of",
    "allow",
    "permissions",
    "public",
    "roles_with",
    "system_actor",
]
