"""Lines are laid to days within the hours of whoever leads them, moved, and become the due days of work items."""

from datetime import date, timedelta

import pytest
from cast import NOW, SYSTEM, undo_from
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.plan import actions
from bihuan.act.plan.models import WeekPlan
from bihuan.act.plan.queries import capacities
from bihuan.act.plan.rules import Load, laid_out, shared_out
from bihuan.act.plan.tests.conftest import MONDAY
from bihuan.act.work.models import Alarm, WorkItem
from bihuan.know.absences.actions import enter_absence

DAY = timedelta(days=1)


@pytest.fixture
def plan(cast, rescue) -> WeekPlan:
    enter_absence(staff=cast.song, first_day=MONDAY, last_day=MONDAY, by=cast.actor("mei"), at=NOW)
    return actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)


@pytest.mark.django_db
def test_nothing_is_laid_to_a_day_on_which_somebody_is_away(cast, plan) -> None:
    line = plan.lines.get(account=cast.yunshan)
    assert (line.person, line.day) == (cast.song, MONDAY + DAY)
    assert plan.lines.get(account=cast.songtao).day == MONDAY
    (song,) = [one for one in capacities(monday=MONDAY, at=NOW) if one.staff == cast.song]
    assert MONDAY in song.gone and song.days[MONDAY] == 0 and sum(song.days.values()) == song.minutes
    text = cast.client("mei").get(f"/plan/{MONDAY}/").content.decode()
    assert "away" in text and "Mon 23" in text and "Fri 27" in text and "Sat 28" not in text


@pytest.mark.django_db
def test_a_line_moved_to_another_day_stays_there_when_the_week_is_solved_again(cast, plan) -> None:
    client, line = cast.client("mei"), plan.lines.get(account=cast.yunshan)
    page = client.post("/plan/lines/day/", {"item": line.pk, "to": MONDAY + 3 * DAY}, follow=True)
    line.refresh_from_db()
    assert line.day == MONDAY + 3 * DAY and line.locked and "Thursday" in page.content.decode()
    actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)
    line.refresh_from_db()
    assert line.day == MONDAY + 3 * DAY
    undo_from(client, page.content.decode())
    line.refresh_from_db()
    assert line.day == MONDAY + DAY
    for wrong in ("soon", str(MONDAY + 9 * DAY)):
        page = client.post("/plan/lines/day/", {"item": line.pk, "to": wrong}, follow=True).content.decode()
        assert "week" in page
    assert client.post("/plan/lines/day/", {"item": "x", "to": MONDAY}).status_code == 404


@pytest.mark.django_db
def test_the_day_becomes_the_due_day_of_the_work_item(cast, plan) -> None:
    actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    line = plan.lines.get(account=cast.yunshan)
    item = WorkItem.objects.waiting().get(account=cast.yunshan)
    assert timezone.localdate(item.due_at) == MONDAY + DAY
    late = Alarm.objects.get(item=item, kind="overdue")
    assert late.due_at == item.due_at
    actions.lay_line(line=line, day=MONDAY + 4 * DAY, by=cast.actor("song"), at=NOW)
    item.refresh_from_db()
    assert timezone.localdate(item.due_at) == MONDAY + 4 * DAY
    other = plan.lines.get(account=cast.songtao)
    with pytest.raises(PermissionDenied):
        actions.lay_line(line=other, day=MONDAY, by=cast.actor("song"), at=NOW)
    with pytest.raises(ValidationError, match="not in this week"):
        actions.lay_line(line=line, day=MONDAY - DAY, by=cast.actor("song"), at=NOW)


@given(
    minutes=st.integers(0, 3_000),
    hours=st.dictionaries(st.integers(0, 6), st.integers(0, 12), max_size=7),
)
def test_the_minutes_of_the_days_add_up(minutes, hours) -> None:
    by_day = {MONDAY + n * DAY: timedelta(hours=h) for n, h in hours.items()}
    found = shared_out(minutes, by_day=by_day)
    assert sum(found.values()) == (minutes if sum(hours.values()) else 0)
    assert all(n >= 0 for n in found.values()) and all(found[day] == 0 for day in by_day if not by_day[day])


@given(
    loads=st.lists(st.tuples(st.integers(1, 300), st.integers(-1, 4)), max_size=30),
    free=st.lists(st.integers(0, 400), min_size=5, max_size=5),
)
def test_a_day_is_overfull_only_when_no_other_has_room(loads, free) -> None:
    days: dict[date, int] = {MONDAY + n * DAY: minutes for n, minutes in enumerate(free)}
    asked = [
        Load(id=n, minutes=minutes, day=MONDAY + day * DAY if day >= 0 else None)
        for n, (minutes, day) in enumerate(loads)
    ]
    found = laid_out(asked, free=days)
    assert set(found) == {one.id for one in asked}
    assert all(found[one.id] == one.day for one in asked if one.day is not None)
    left = days.copy()
    for one in asked:
        if one.day is not None:
            left[one.day] -= one.minutes
    for one in asked:
        if one.day is None:
            day = found[one.id]
            fits = [other for other in days if days[other] > 0 and left[other] >= one.minutes]
            assert not fits or day == min(fits)
            left[day] -= one.minutes
