"""A source that used to send and falls silent is told within a minute, and again when it is back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.capture.sources.actions import add_source, mark_seen, note_silences, revoke_source
from bihuan.capture.sources.queries import silent_sources
from bihuan.capture.sources.rules import ENOUGH_MARKS, LEAST_LIMIT, Rhythm, slot_of
from bihuan.know.products.actions import add_product
from tests.cast import SYSTEM

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # Wednesday, ten in the morning in Shanghai


@pytest.fixture
def web(db):
    product = add_product(name="Demo", by=SYSTEM, at=START)
    source, _key = add_source(code="web", name="Web", product=product, by=SYSTEM, at=START)
    return source


def beat(source, *, start, every, times):
    """Marks at a steady pace; returns the last moment."""
    for number in range(times):
        mark_seen(source_ids=[source.pk], at=start + number * every)
    return start + (times - 1) * every


def test_a_steady_source_that_stops_is_told_within_a_minute_once_and_its_return_too(web):
    last = beat(web, start=START, every=timedelta(seconds=10), times=40)
    assert silent_sources(at=last + timedelta(seconds=30)) == []
    (silence,) = silent_sources(at=last + timedelta(seconds=45))
    assert (silence.code, silence.since, silence.usual_seconds) == ("web", last, 10.0)
    assert [note_silences(at=last + timedelta(seconds=s)) for s in (50, 110)] == [1, 0]
    mark_seen(source_ids=[web.pk], at=last + timedelta(minutes=5))
    assert silent_sources(at=last + timedelta(minutes=5, seconds=20)) == []
    names = [fact.name for fact in OutboxFact.objects.filter(name__startswith="source_").order_by("id")]
    assert names == ["source_added", "source_fell_silent", "source_is_back"]


def test_a_source_that_hardly_sent_or_was_revoked_raises_no_alarm(web):
    last = beat(web, start=START, every=timedelta(seconds=10), times=ENOUGH_MARKS)
    assert silent_sources(at=last + timedelta(days=3)) == []
    last = beat(web, start=last + timedelta(seconds=10), every=timedelta(seconds=10), times=5)
    assert len(silent_sources(at=last + timedelta(days=3))) == 1
    revoke_source(source=web, by=SYSTEM, at=last)
    assert silent_sources(at=last + timedelta(days=3)) == []


def test_a_nightly_pause_is_learnt_after_the_first_night(web):
    evening = START.replace(hour=10)  # six in the evening in Shanghai: the last events of the day
    last = beat(web, start=evening, every=timedelta(seconds=30), times=60)
    assert silent_sources(at=last + timedelta(hours=8)), "the first night nobody can know"
    beat(web, start=last + timedelta(hours=13), every=timedelta(seconds=30), times=60)
    last = beat(web, start=evening + timedelta(days=1), every=timedelta(seconds=30), times=60)
    assert silent_sources(at=last + timedelta(hours=13)) == []
    assert silent_sources(at=last + timedelta(hours=48))


def test_a_clock_that_ran_ahead_and_was_set_back_hushes_no_alarm(web):
    last = beat(web, start=START, every=timedelta(seconds=10), times=40)
    ahead = last + timedelta(days=40)
    mark_seen(source_ids=[web.pk], at=ahead, pause_is_true=False)
    assert note_silences(at=last + timedelta(seconds=20)) == 0
    assert silent_sources(at=last + timedelta(seconds=40)) == [], "heard when its silence was first looked at"
    assert note_silences(at=last + timedelta(seconds=80)) == 1


def test_the_workbench_of_those_who_may_see_sources_shows_the_alarm(cast, web, monkeypatch):
    last = beat(web, start=START, every=timedelta(seconds=10), times=40)
    monkeypatch.setattr("django.utils.timezone.now", lambda: last + timedelta(minutes=2))
    text = cast.client("mei").get("/sources/silent/").content.decode()
    assert "<strong>Web</strong> has sent nothing since" in text and "10 seconds at most" in text
    assert 'hx-trigger="every 15s"' in text
    assert 'hx-trigger="load, every 15s"' in cast.client("mei").get("/").content.decode()
    assert "silent-sources" not in cast.client("pan").get("/").content.decode()


GAPS = st.lists(st.floats(1, 200_000), min_size=1, max_size=60)


@given(gaps=GAPS)
def test_a_pause_that_was_just_seen_is_never_an_alarm_the_next_time(gaps):
    rhythm, at = Rhythm(marks=ENOUGH_MARKS), START
    for gap in gaps:
        rhythm = rhythm.after(before=at, at=at + timedelta(seconds=gap))
        limit = rhythm.limit(before=at)
        assert limit is not None and limit >= LEAST_LIMIT and limit >= gap
        at += timedelta(seconds=gap)
    assert Rhythm.from_json(rhythm.as_json()).slots.keys() == rhythm.slots.keys()


@given(moment=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_a_slot_is_one_of_forty_eight(moment):
    assert slot_of(moment) == ("e" if moment.weekday() > 4 else "w") + f"{moment.hour:02d}"
