"""Which calendar holds: the customer's own, else the role's, else the organisation's, else the one that ships."""

from datetime import date

import pytest

from bihuan.base.calendars.models import BusinessCalendar, CalendarUse, CalendarVersion
from bihuan.base.calendars.queries import calendar_for, forget
from tests.cast import NOW

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 11, 18)


def calendar(key, hours, **use):
    row = BusinessCalendar.objects.create(key=key, name=key, zone="Asia/Shanghai")
    CalendarVersion.objects.create(calendar=row, definition={"hours": [hours]}, made_at=NOW)
    CalendarUse.objects.create(calendar=row, **use)
    return row


def test_without_any_record_it_is_the_one_that_ships():
    forget()
    found = calendar_for(account_id=5)
    assert found.zone == "Asia/Shanghai" and found.hours(WEDNESDAY) == ((540, 720), (780, 1080))
    assert found.hours(date(2026, 2, 17)) == () and found.hours(date(2026, 2, 14)), (
        "China's holidays, make-up days"
    )


def test_the_customers_own_comes_before_the_roles_and_that_before_the_organisations(
    django_assert_num_queries,
):
    calendar("own", "10:00-11:00", account_id=5)
    calendar("service", "11:00-12:00", role="service")
    calendar("all", "12:00-13:00", is_default=True)
    forget()
    for asked, begins in (({"account_id": 5, "role": "service"}, 600), ({"account_id": 6, "role": "service"}, 660),
                          ({"account_id": 6}, 720), ({"role": "sales"}, 720), ({}, 720)):  # fmt: skip
        assert calendar_for(**asked).hours(WEDNESDAY)[0][0] == begins
    with django_assert_num_queries(0):
        calendar_for(account_id=5)
