"""What plays keep of a person: that a run was about them."""

from typing import Any

from bihuan.act.plays.models import PlayRun
from bihuan.base.personal import holds_personal


def tell(person_id: int) -> list[dict[str, Any]]:
    """Their runs: which play, when, how it ended."""
    rows = PlayRun.objects.filter(person=person_id).select_related("play")
    return [
        {"play": row.play.name, "opened_at": row.opened_at.isoformat(), "state": row.state} for row in rows
    ]


def erase(person_id: int) -> int:
    """The run stays, about the account alone."""
    return PlayRun.objects.filter(person=person_id).update(person=None)


holds_personal("plays", tell=tell, erase=erase)
