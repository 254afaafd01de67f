"""What people did with the signals of each kind: how many were of use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q

from bihuan.base.access import Actor
from bihuan.foresee.signals.models import Signal, State
from bihuan.understand.stats.comparison import wilson


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Of one kind over a period: raised in it, open now, settled in it as handled and as dismissed; `share` is handled of
    settled with a 95 % Wilson interval (None when nothing was settled); `hours` from raised to settled in the mean."""

    kind: str
    raised: int = 0
    open: int = 0
    handled: int = 0
    dismissed: int = 0
    hours: float | None = None

    @property
    def settled(self) -> int:
        """Handled and dismissed."""
        return self.handled + self.dismissed

    @property
    def share(self) -> float | None:
        """Handled of settled."""
        return self.handled / self.settled if self.settled else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, Wilson."""
        return wilson(successes=self.handled, n=self.settled) if self.settled else None

    @property
    def low(self) -> float | None:
        """The lower end."""
        return self.interval[0] if self.interval else None

    @property
    def high(self) -> float | None:
        """The upper end."""
        return self.interval[1] if self.interval else None


def precision_of(
    *, actor: Actor, since: datetime, until: datetime, kinds: Iterable[str] | None = None
) -> dict[str, Precision]:
    """By kind, of the signals that the actor may see: raised, and settled, in [since, until)."""
    rows = Signal.objects.visible_to(actor)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    settled = Q(settled_at__gte=since, settled_at__lt=until)
    found = rows.order_by().values("kind").annotate(
        raised=Count("pk", filter=Q(raised_at__gte=since, raised_at__lt=until)),
        still=Count("pk", filter=Q(state=State.OPEN)),
        handled=Count("pk", filter=settled & Q(state=State.HANDLED)),
        dismissed=Count("pk", filter=settled & Q(state=State.DISMISSED)),
        took=Avg(F("settled_at") - F("raised_at"), filter=settled),
    )  # fmt: skip
    return {
        row["kind"]: Precision(
            kind=row["kind"], raised=row["raised"], open=row["still"], handled=row["handled"], dismissed=row["dismissed"],
            hours=_hours(row["took"]),
        )
        for row in found
    }  # fmt: skip


def _hours(took: timedelta | None) -> float | None:
    return None if took is None else took.total_seconds() / 3600
