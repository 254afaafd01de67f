"""What a clock that was never set, ran ahead or was set back does to us. Time that counts seconds is not touched by it."""

from datetime import UTC, datetime, timedelta

#: Nothing that we keep is older; a machine without a battery starts its clock at 1970 or 1980.
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
#: So much may the clocks of two servers differ: what is dated later than this from now was dated by a wrong clock.
APART = timedelta(minutes=1)


def is_set(*, at: datetime) -> bool:
    """Whether a clock that shows `at` can be right."""
    return at >= OLDEST
