"""Types that operations of the API share."""

from datetime import UTC, datetime
from typing import Annotated

from django.utils import timezone
from pydantic import AfterValidator, Field


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without an offset is read in the installation's time zone. ValueError for years
    that UTC does not have.

    PostgreSQL does not take every offset that ISO 8601 can write: its own end at 15:59.
    """
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise ValueError("write a moment from the year 1 to the year 9999, in UTC too") from None


#: The number of a row.
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
#: A moment that is asked for, in UTC.
Moment = Annotated[datetime, AfterValidator(in_utc)]
