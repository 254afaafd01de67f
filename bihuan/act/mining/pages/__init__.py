"""Pages of mining, one a question."""

from bihuan.act.mining.pages.all import MinedProcesses
from bihuan.act.mining.pages.compare import versions_page
from bihuan.act.mining.pages.conformance import conformance_page
from bihuan.act.mining.pages.figures import figures_page
from bihuan.act.mining.pages.imported import log_page
from bihuan.act.mining.pages.what_if import what_if_page

__all__ = ["MinedProcesses", "conformance_page", "figures_page", "log_page", "versions_page", "what_if_page"]
