"""How long a step took: as whoever did it says, else never more than it is meant to take and than it lay with them."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from drawings import END, START, chain, drawn, user
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.bpmn import Work
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.work import actions
from bihuan.act.work.effort import USUAL, effort_seconds, usual_effort
from bihuan.act.work.models import WorkItem
from bihuan.act.work.queries import seconds_due

DAYS = timedelta(days=2)


@given(
    minutes=st.none() | st.integers(0, 10_000),
    elapsed=st.integers(0, 10**7),
    usual=st.timedeltas(timedelta(), timedelta(days=20)),
)
def test_what_was_told_counts_and_an_estimate_is_no_longer_than_either_bound(minutes, elapsed, usual) -> None:
    found = effort_seconds(minutes=minutes, elapsed=elapsed, usual=usual)
    if minutes is not None:
        assert found == minutes * 60
    else:
        assert 0 <= found <= elapsed and found <= usual.total_seconds() + 0.5
        assert found in (elapsed, round(usual.total_seconds()))


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", USUAL), ("45m", timedelta(minutes=45)), ("1d", timedelta(hours=8)), ("soon", USUAL)],
)
def test_a_day_of_effort_is_a_working_day(said, expected) -> None:
    assert usual_effort(Work(effort=said)) == expected


@pytest.fixture
def visits(cast, db):
    """A process of two steps of Song's, the second meant to take two hours, and one of the customer's; two visits begun."""
    forget()
    xml = drawn("visit", START, user("plan", assign="starter"), user("go", assign="starter", effort="2h"),
                user("agree", role="customer"), END, chain("start", "plan", "go", "agree", "end"))  # fmt: skip
    process = create_process(key="visit", kind="process", name="Visit", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    for key in ("1", "2"):
        actions.start_process(process=process, account=cast.yunshan, key=key, by=cast.actor("song"), at=NOW)
    return process


def done(element: str, by, **said) -> WorkItem:
    item = WorkItem.objects.filter(element=element, done_at=None).order_by("pk").first()
    return actions.complete(item=item, by=by, at=NOW + DAYS, **said)


@pytest.mark.django_db
def test_days_on_a_bench_are_not_days_of_work(cast, visits) -> None:
    song = cast.actor("song")
    first, second = done("plan", song), done("go", song)
    assert first.work_seconds > 3600, "it lay there for two days"
    assert (first.effort_seconds, first.minutes) == (1800, None)
    assert second.effort_seconds == 0, "it was opened and done in the same moment"
    agreed = done("agree", SYSTEM)
    assert agreed.effort_seconds == 0, "hours of customers are not ours"


@pytest.mark.django_db
def test_what_nobody_took_before_it_was_done_took_time_too(cast) -> None:
    forget()
    xml = drawn("queued", START, user("look", role="sales"), END, chain("start", "look", "end"))
    process = create_process(key="queued", kind="process", name="Queued", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    actions.start_process(process=process, account=cast.yunshan, key="1", by=cast.actor("song"), at=NOW)
    row = done("look", cast.actor("song"))
    assert (row.work_seconds, row.effort_seconds) == (0, 1800)


@pytest.mark.django_db
def test_minutes_that_were_told_count(cast, visits) -> None:
    told = done("plan", cast.actor("song"), minutes=75)
    assert (told.minutes, told.effort_seconds) == (75, 4500)
    for wrong in (-1, 10_001):
        with pytest.raises(ValidationError, match="0 to 10,000"):
            done("plan", cast.actor("song"), minutes=wrong)


@pytest.mark.django_db
def test_what_is_due_counts_with_the_effort_of_the_same_step(cast, visits) -> None:
    song, before = cast.song.pk, NOW + DAYS
    assert seconds_due([song], before=before, usual=600) == {song: 1200}, (
        "nothing was done yet: twice what is usual"
    )
    done("plan", cast.actor("song"), minutes=10)
    assert seconds_due([song], before=before, usual=900) == {song: 600 + 900}, (
        "one plan as told, one visit as usual"
    )


@pytest.mark.django_db
def test_the_page_and_rest_ask_for_the_minutes(cast, visits) -> None:
    client, first = cast.client("song"), WorkItem.objects.filter(element="plan").order_by("pk").first()
    page = client.get(f"/work-items/{first.pk}/").content.decode()
    assert 'name="took-minutes"' in page and "Left empty, at most 30 count" in page
    wrong = client.post(f"/work-items/{first.pk}/complete/", {"took-minutes": "an hour"})
    assert wrong.status_code == 422 and "Enter a whole number" in wrong.content.decode()
    assert client.post(f"/work-items/{first.pk}/complete/", {"took-minutes": "20"}).status_code == 302
    first.refresh_from_db()
    assert (first.minutes, first.effort_seconds) == (20, 1200)
    assert "20 minutes" in client.get(f"/work-items/{first.pk}/").content.decode()
    other = WorkItem.objects.filter(element="plan", done_at=None).get()
    answer = cast.rest("song").post(
        f"/api/v1/work-items/{other.pk}/complete", {"minutes": 35}, content_type="application/json"
    )
    assert answer.json()["minutes"] == 35 and answer.json()["effort_seconds"] == 2100


@pytest.mark.django_db
def test_an_effort_that_nobody_can_read_is_said_before_it_is_published(cast) -> None:
    forget()
    xml = drawn("odd", START, user("go", role="service", effort="soon"), END, chain("start", "go", "end"))
    assert "span" in [one.code for one in problems_of(kind="process", key="odd", xml=xml)]
