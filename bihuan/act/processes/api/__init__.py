"""REST of processes: the library and its versions, two versions side by side, and a process as a list of steps."""

from bihuan.act.processes.api.library import router
from bihuan.act.processes.api.lists import add_lists
from bihuan.act.processes.api.versions import add_versions

add_lists(router)
add_versions(router)

__all__ = ["router"]
