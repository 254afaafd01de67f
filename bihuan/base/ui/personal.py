"""Exports may hold anybody: when somebody is erased, files that wait for their reader go. They can be made again."""

from bihuan.base.personal import holds_personal
from bihuan.base.ui.actions import folder_of_exports
from bihuan.base.ui.models import Export


def erase(person_id: int) -> int:
    """Every finished export, of whatever list."""
    rows = list(Export.objects.exclude(path=""))
    for row in rows:
        (folder_of_exports() / row.path).unlink(missing_ok=True)
        row.delete()
    return len(rows)


holds_personal("exports", tell=lambda person_id: [], erase=erase, order=95)
