"""An instance that cannot go on by itself says so, and where."""

from bihuan.act.work.actions.moving import Move
from bihuan.act.work.events import ProcessStuck
from bihuan.act.work.models import InstanceState


def mark_stuck(move: Move, *, element: str, why: str) -> None:
    """Mark it; whoever mends the cause lets it go on. Told once."""
    row = move.instance
    if row.state == InstanceState.STUCK and row.stuck_at == element:
        return
    row.state, row.stuck_at, row.stuck_why = InstanceState.STUCK, element, why[:500]
    row.save(update_fields=["state", "stuck_at", "stuck_why"])
    move.tell(ProcessStuck(**move.place, element=element, why=row.stuck_why))
