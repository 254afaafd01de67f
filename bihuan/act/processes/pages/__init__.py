"""Pages of the process library: the list, one process with its diagram, and the studio."""

from bihuan.act.processes.pages.changes import changes_page
from bihuan.act.processes.pages.library import EditProcessPage, ImportProcess, NewProcessPage, Processes
from bihuan.act.processes.pages.listing import as_list
from bihuan.act.processes.pages.one import (
    PublishProcess,
    bring_back,
    discard,
    download,
    process_page,
    retire,
    version_page,
)
from bihuan.act.processes.pages.printed import printed
from bihuan.act.processes.pages.studio import keep_draft, studio

__all__ = [
    "EditProcessPage",
    "ImportProcess",
    "NewProcessPage",
    "Processes",
    "PublishProcess",
    "as_list",
    "bring_back",
    "changes_page",
    "discard",
    "download",
    "keep_draft",
    "printed",
    "process_page",
    "retire",
    "studio",
    "version_page",
]
