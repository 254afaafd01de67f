"""What plays are called."""

from collections.abc import Iterable

from bihuan.act.plays.models import Play


def titles(play_ids: Iterable[int]) -> dict[int, str]:
    """In the reader's language; plays that are gone are absent."""
    return {play.pk: play.said_name for play in Play.objects.filter(pk__in=list(play_ids))}
