"""What each play does, as far as is measured: shares of accounts whose goal was reached, treated against held out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from bihuan.act.plays.models import Arm, Play, PlayRun, State
from bihuan.understand.stats.holdout import HeldOut, Measured, Pooled, held_out, pooled_effects

#: Older runs say how it was, not how it is.
LOOKED_BACK = timedelta(days=365)
#: From so many accounts in each arm on, the play's own measurement is called measured.
ENOUGH = 50
#: Fewer in an arm are no measurement at all.
LEAST = 5


@dataclass(frozen=True, kw_only=True)
class PlayEffect:
    """`measured` compares the arms (each account once, with its first run); `pooled` is that after what other plays say, in
    points of the chance that the goal is reached. `basis`: measured, pooled or assumed."""

    play_id: int
    measured: HeldOut
    pooled: Pooled
    basis: str


def counts_of(
    *, at: datetime, play_ids: Iterable[int] | None = None
) -> dict[int, dict[str, tuple[int, int]]]:
    """By play and arm (reached, accounts): of each account the first run of the last year whose window is over.

    A run whose goal is reached early waits for its window like the others: counted at once, the lucky would be compared before
    the unlucky are known.

    Every run that the trigger opened counts in its arm, whether it was confirmed, declined or left lying: the held-out ones
    were never asked, so leaving out the declined would compare unlike with unlike (intention to treat).
    """
    rows = PlayRun.objects.filter(by_trigger=True, opened_at__gt=at - LOOKED_BACK, opened_at__lte=at).exclude(
        state=State.SKIPPED
    )
    if play_ids is not None:
        rows = rows.filter(play_id__in=list(play_ids))
    seen: set[tuple[int, int]] = set()
    found: dict[int, dict[str, tuple[int, int]]] = {}
    lines = rows.order_by("opened_at", "pk").values_list(
        "play_id", "account_id", "arm", "goal_reached_at", "closed_at", "goal_due"
    )
    for play, account, arm, reached, closed, due in lines.iterator(chunk_size=5_000):
        if (play, account) in seen:
            continue
        seen.add((play, account))
        if closed is None or due > at:
            continue
        arms = found.setdefault(play, {})
        so_far = arms.get(arm, (0, 0))
        arms[arm] = (so_far[0] + (reached is not None), so_far[1] + 1)
    return found


def so_far(play: Play, *, at: datetime) -> dict[str, tuple[int, int]]:
    """By arm (reached, runs) of those whose window is not over: what is seen, and no measurement yet."""
    rows = PlayRun.objects.filter(play=play, goal_due__gt=at, opened_at__lte=at).exclude(state=State.SKIPPED)
    found = rows.order_by().values_list("arm").annotate(reached=Count("goal_reached_at"), runs=Count("pk"))
    return {arm: (reached, runs) for arm, reached, runs in found}


def effects(*, at: datetime) -> dict[int, PlayEffect]:
    """Of every play, by its number."""
    counts = counts_of(at=at)
    plays = list(Play.objects.only("pk", "assumed_effect"))
    compared = {
        play.pk: held_out(
            treated=counts.get(play.pk, {}).get(Arm.TREATED, (0, 0)), held=counts.get(play.pk, {}).get(Arm.HELD, (0, 0))
        )
        for play in plays
    }  # fmt: skip
    pooled = pooled_effects(
        {str(play.pk): _measured(float(play.assumed_effect), compared[play.pk]) for play in plays}
    )
    return {
        play.pk: PlayEffect(
            play_id=play.pk, measured=compared[play.pk], pooled=pooled[str(play.pk)], basis=basis_of(compared[play.pk])
        )
        for play in plays
    }  # fmt: skip


def _measured(assumed: float, found: HeldOut) -> Measured:
    if min(found.treated[1], found.held[1]) < LEAST:
        return Measured(assumed=assumed)
    return Measured(assumed=assumed, difference=found.difference, error=found.error)


def basis_of(found: HeldOut) -> str:
    """How the effect is known."""
    fewest = min(found.treated[1], found.held[1])
    if fewest >= ENOUGH:
        return "measured"
    return "pooled" if fewest >= LEAST else "assumed"
