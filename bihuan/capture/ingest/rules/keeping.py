"""How long what came is kept, by a clock that may run ahead: what is forgotten is gone for good."""

from datetime import datetime, timedelta

#: What came before a clock went wrong is dated rightly, what comes after is not: an event proves nothing so long.
PROVES_AFTER = timedelta(hours=12)
PROVEN_FOR = timedelta(days=1)


def last_proof(*, at: datetime) -> datetime:
    """What was received up to here can prove that `at` is the time."""
    return at - PROVES_AFTER


def believed(*, at: datetime, received: datetime | None) -> datetime | None:
    """The moment by which ages are measured, never later than `at`; None, with nothing received, forgets nothing.

    `received`: when the newest event up to `last_proof` came. A day later is believed at most: a clock that runs
    ahead ages nothing by more than that, unless it does so for half a day while events arrive.
    """
    return None if received is None else min(at, received + PROVEN_FOR)
