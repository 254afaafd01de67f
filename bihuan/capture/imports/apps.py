"""The importer moves into the house."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Role
from bihuan.base.house import HouseApp


class ImportsConfig(HouseApp):
    """Mapping files in, a data-quality report out."""

    name = "bihuan.capture.imports"
    label = "imports"
    verbose_name = _("Imports")
    permissions = {
        "imports.view": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
        "imports.run": {Role.ADMIN, Role.MANAGER, Role.OPERATOR},
    }
