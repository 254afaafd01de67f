"""How long a step took whoever did it: as they said, else an estimate from above that no idle hour can swell. Pure."""

from datetime import timedelta

from bihuan.act.bpmn import Work
from bihuan.act.bpmn.spans import SpanError, read_span

#: What a step takes that says nothing of it.
USUAL = timedelta(minutes=30)
#: A `d` of effort.
WORKING_DAY = timedelta(hours=8)
MOST_MINUTES = 10_000


def usual_effort(work: Work | None) -> timedelta:
    """What a step takes as its standard says, half an hour where it says nothing that can be read."""
    try:
        return read_span(work.effort, day=WORKING_DAY) if work is not None and work.effort else USUAL
    except SpanError:
        return USUAL


def effort_seconds(*, minutes: int | None, elapsed: int, usual: timedelta) -> int:
    """Seconds of effort: the `minutes` that were told, else the shorter of what passed until it was done (`elapsed`, seconds:
    since it was claimed, or opened where nobody claimed it; nobody worked on it for longer) and what is `usual` (an item may
    lie on a bench for days)."""
    return minutes * 60 if minutes is not None else min(elapsed, round(usual.total_seconds()))
