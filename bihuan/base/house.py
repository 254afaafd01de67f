"""How an app moves into the house: its permissions are declared and its plug-in files are imported once."""

from collections.abc import Mapping, Set
from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar

from django.apps import AppConfig

PLUG_INS = ("actions", "queries", "metrics", "steps", "reactions", "jobs", "panels", "personal")


class HouseApp(AppConfig):
    """Base class of every app's config.

    `permissions` maps a permission such as "tickets.view" to the roles that hold it. Anything not
    listed is refused to everyone. Modules named in PLUG_INS register themselves when imported.
    """

    default_auto_field = "django.db.models.BigAutoField"
    default = False
    permissions: ClassVar[Mapping[str, Set[str]]] = {}

    def __init_subclass__(cls) -> None:
        cls.default = True

    def ready(self) -> None:
        """Register permissions, then import the plug-in files that exist."""
        from bihuan.base.access.policy import declare

        declare(app=self.label, permissions=self.permissions)
        for plug_in in PLUG_INS:
            name = f"{self.name}.{plug_in}"
            if find_spec(name) is not None:
                import_module(name)
