"""When a metric is worth an alert: beyond a bound, changed too much, or unusual for its weekday.

Unusual: further from the median of the same weekday of the weeks before than k scaled median absolute deviations. The median
and the MAD do not move with a few odd days (F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69
(1974) 383–393); 1.4826 × MAD estimates the standard deviation of a normal variable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WEEKS = 8
#: With fewer past weeks nothing is said to be unusual.
FEWEST_WEEKS = 5
SCALE = 1.4826
#: A metric that was the same each week is unusual from this share of its median on: a MAD of nought would alarm at any noise.
LEAST_SPREAD = 0.02


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Why: `above` or `below`, the value, and the bound that it passed."""

    side: str
    value: float
    bound: float


def alarm_of_threshold(*, value: float | None, above: float | None, below: float | None) -> Alarm | None:
    """Strictly above the upper bound or strictly below the lower one."""
    if value is None:
        return None
    if above is not None and value > above:
        return Alarm(side="above", value=value, bound=above)
    if below is not None and value < below:
        return Alarm(side="below", value=value, bound=below)
    return None


def alarm_of_change(*, before: float | None, now: float | None, share: float) -> Alarm | None:
    """Changed by more than `share` (0.2: 20 %) of the size it had before; nothing when there was nothing before."""
    if before is None or now is None or before == 0:
        return None
    room = abs(before) * share
    return alarm_of_threshold(value=now, above=before + room, below=before - room)


def alarm_of_season(*, value: float | None, past: Sequence[float | None], k: float) -> Alarm | None:
    """`past` are the values of the same weekday of the weeks before, of which the first WEEKS count; None is no value."""
    known = [one for one in past[:WEEKS] if one is not None]
    if value is None or len(known) < FEWEST_WEEKS:
        return None
    middle = median(known)
    spread = SCALE * median(abs(one - middle) for one in known)
    room = k * max(spread, LEAST_SPREAD * abs(middle))
    return alarm_of_threshold(value=value, above=middle + room, below=middle - room)
