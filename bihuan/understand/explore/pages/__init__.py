"""Pages of the explore room: the explorer, saved questions, dashboards. Their entries in the navigation stand here."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import nav_entry

nav_entry("explore", title=_("Explore"), url="explore:page", section="insight", permission="explore.view",
          icon="chart-histogram", order=5)  # fmt: skip
nav_entry("dashboards", title=_("Dashboards"), url="explore:dashboards", section="insight", permission="explore.view",
          icon="layout-dashboard", order=7)  # fmt: skip
nav_entry("questions", title=_("Saved questions"), url="explore:questions", section="insight", permission="explore.view",
          icon="bookmark", order=8)  # fmt: skip
