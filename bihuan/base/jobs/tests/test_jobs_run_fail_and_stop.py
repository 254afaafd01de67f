"""Jobs run once, on their schedule, with progress; they fail in sight, and stop when asked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM
from cronsim import CronSimError
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.jobs import Run, enqueue, job, queue
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import _kinds, next_time
from bihuan.base.jobs.worker import Worker, drain, plan, run_due

pytestmark = pytest.mark.django_db
seen: list[object] = []


@job("test.add", title="Add")
def add(run: Run, a: int, b: int) -> None:
    run.result({"sum": a + b})
    seen.append(a + b)


@job("test.fail", title="Fail", attempts=2)
def fail(run: Run) -> None:
    raise ValueError("no such file")


@job("test.long", title="Long")
def long(run: Run) -> None:
    for done in range(1, 4):
        run.progress(done=done, total=3)
        run._told = 0
        seen.append(done)
        Job.objects.filter(pk=run.row.pk).update(cancel_asked=True)


@pytest.fixture(autouse=True)
def _fresh():
    seen.clear()


def test_a_job_runs_once_and_keeps_its_result():
    row = enqueue("test.add", by=SYSTEM, at=NOW, a=1, b=2)
    drain(at=NOW)
    drain(at=NOW + timedelta(days=1))
    row.refresh_from_db()
    assert (row.state, row.result, seen) == (Job.State.DONE, {"sum": 3}, [3])


def test_an_unknown_job_is_refused_at_the_door():
    with pytest.raises(KeyError):
        enqueue("test.nothing", by=SYSTEM, at=NOW)


def test_a_unique_job_is_not_queued_twice_and_is_free_again_when_done():
    first = enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1)
    assert enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1) == first
    drain(at=NOW)
    assert enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1) != first


def test_what_changed_while_a_unique_job_runs_is_worked_on_after_it():
    enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1)
    (running,) = queue.claim(at=NOW)
    second = enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1)
    assert second != running
    assert enqueue("test.add", by=SYSTEM, at=NOW, unique_key="k", a=1, b=1) == second


def test_a_parked_job_stands_in_the_way_of_no_later_one():
    parked = enqueue("test.fail", by=SYSTEM, at=NOW, unique_key="k")
    queue.fail(row=parked, error=ValueError("no"), at=NOW)
    Job.objects.filter(pk=parked.pk).update(attempts=2)
    parked.refresh_from_db()
    queue.fail(row=parked, error=ValueError("no"), at=NOW)
    parked.refresh_from_db()
    assert (parked.state, parked.unique_key) == (Job.State.PARKED, None)
    assert enqueue("test.fail", by=SYSTEM, at=NOW, unique_key="k") != parked


def test_a_scheduled_job_that_was_parked_runs_again_at_its_next_time():
    night = datetime(2026, 11, 18, 3, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
    plan(at=night)
    row = Job.objects.get(name="jobs.sweep")
    row.attempts = 5
    queue.fail(row=row, error=ValueError("no"), at=night)
    plan(at=night + timedelta(days=1))
    assert list(Job.objects.filter(name="jobs.sweep").order_by("id").values_list("state", flat=True)) == [
        Job.State.PARKED,
        Job.State.QUEUED,
    ]


def test_a_row_that_another_worker_took_over_meanwhile_is_not_run_twice():
    enqueue("test.add", by=SYSTEM, at=NOW, a=1, b=1)
    (mine,) = queue.claim(at=NOW)
    (theirs,) = queue.claim(at=NOW + queue.LEASE + timedelta(seconds=1))
    assert (queue.still_leased(row=mine), queue.still_leased(row=theirs)) == (False, True)


def test_a_failing_job_is_parked_with_the_reason_after_its_tries():
    row = enqueue("test.fail", by=SYSTEM, at=NOW)
    run_due(at=NOW)
    row.refresh_from_db()
    assert row.state == Job.State.QUEUED
    run_due(at=row.run_at)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (Job.State.PARKED, 2)
    assert "no such file" in row.error


def test_a_running_job_stops_at_its_next_report():
    row = enqueue("test.long", by=SYSTEM, at=NOW)
    drain(at=NOW)
    row.refresh_from_db()
    assert (row.state, seen) == (Job.State.CANCELLED, [1])


def test_a_waiting_job_is_cancelled_at_once_and_can_be_asked_for_again():
    row = enqueue("test.add", by=SYSTEM, at=NOW, a=1, b=1)
    assert queue.cancel(row=row, at=NOW)
    assert drain(at=NOW) == 0
    assert queue.retry(row=row, at=NOW)
    assert drain(at=NOW) == 1


def test_a_job_whose_app_is_gone_is_parked_not_lost():
    row = Job.objects.create(name="gone.job", run_at=NOW, created_at=NOW)
    drain(at=NOW)
    row.refresh_from_db()
    assert row.state == Job.State.PARKED


def test_a_scheduled_job_runs_once_for_a_time_however_long_the_worker_stood_still():
    zone = ZoneInfo("Asia/Shanghai")
    night = datetime(2026, 11, 18, 3, 0, tzinfo=zone)

    def planned():
        return Job.objects.filter(name="jobs.sweep", by_name="schedule").count()

    plan(at=night)
    before = planned()
    Job.objects.filter(state=Job.State.QUEUED).update(state=Job.State.DONE, unique_key=None)
    for minutes in (18, 19, 60):
        plan(at=night + timedelta(minutes=minutes))
    assert planned() == before + 1
    Job.objects.update(state=Job.State.DONE, unique_key=None)
    plan(at=night + timedelta(days=5))
    assert planned() == before + 2


def test_what_a_clock_that_ran_ahead_has_dated_does_not_wait_until_then():
    ahead = NOW + timedelta(days=400)
    plan(at=ahead)
    Job.objects.filter(name="jobs.sweep").update(state=Job.State.DONE, unique_key=None)
    queued = enqueue("test.add", by=SYSTEM, at=ahead, a=1, b=1)
    failed = enqueue("test.fail", by=SYSTEM, at=NOW)
    Job.objects.filter(pk=failed.pk).update(run_at=ahead, attempts=1)
    running = enqueue("test.add", by=SYSTEM, at=NOW, a=2, b=2)
    Job.objects.filter(pk=running.pk).update(state=Job.State.RUNNING, run_at=ahead)
    plan(at=NOW)
    assert Job.objects.filter(name="jobs.sweep", created_at=NOW).count() == 1, (
        "its time has come, whatever was dated"
    )
    plan(at=NOW + timedelta(seconds=20))
    assert Job.objects.filter(name="jobs.sweep").count() == 2, "once"
    when = {row.pk: row.run_at for row in Job.objects.filter(pk__in=[queued.pk, failed.pk, running.pk])}
    assert when == {queued.pk: NOW, failed.pk: NOW, running.pk: NOW + queue.LEASE}


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_was_never_set_starts_no_work(monkeypatch):
    from django.utils import timezone

    row = enqueue("test.add", by=SYSTEM, at=datetime(1998, 1, 1, tzinfo=ZoneInfo("UTC")), a=1, b=1)
    monkeypatch.setattr(timezone, "now", lambda: datetime(1999, 1, 1, tzinfo=ZoneInfo("UTC")))
    worker = Worker(idle_seconds=0.02)
    worker.start()
    worker.stopping.wait(0.3)
    worker.stop()
    row.refresh_from_db()
    assert row.state == Job.State.QUEUED
    assert Job.objects.count() == 1


def test_a_cron_line_that_cannot_be_read_is_refused_at_start_up():
    with pytest.raises(CronSimError):
        job("test.bad", title="Bad", every="99 * * * *")(lambda run: None)
    assert "test.bad" not in _kinds


@given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)))
def test_the_next_time_lies_after_and_within_a_day(moment):
    after = moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    found = next_time(every="20 3 * * *", after=after)
    assert after < found <= after + timedelta(days=1)
    assert (found.hour, found.minute) == (3, 20)


@pytest.mark.django_db(transaction=True)
def test_the_worker_thread_runs_what_is_queued_and_ends_when_told():
    from django.utils import timezone

    enqueue("test.add", by=SYSTEM, at=timezone.now(), a=20, b=22)
    worker = Worker(idle_seconds=0.02)
    worker.start()
    for _ in range(200):
        if 42 in seen:
            break
        worker.stopping.wait(0.05)
    worker.stop()
    assert 42 in seen
    assert not worker.is_alive()


def test_finished_work_older_than_two_weeks_is_cleared_and_parked_work_stays():
    old = NOW - timedelta(days=20)
    for state in (Job.State.DONE, Job.State.PARKED):
        Job.objects.create(name="test.add", state=state, run_at=old, created_at=old, ended_at=old)
    enqueue("jobs.sweep", by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert list(Job.objects.filter(name="test.add").values_list("state", flat=True)) == [Job.State.PARKED]


def test_an_operator_sees_why_a_job_failed_tries_again_and_stops_it(cast):
    row = enqueue("test.fail", by=SYSTEM, at=NOW)
    Job.objects.filter(pk=row.pk).update(state=Job.State.PARKED, error="Traceback\nValueError: no such file")
    client = cast.client("root")
    page = client.get("/jobs/?state=parked").content.decode()
    assert "ValueError: no such file" in page
    assert "no such file" in client.get(f"/jobs/{row.pk}/").content.decode()
    assert client.post(f"/jobs/{row.pk}/retry/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts) == (Job.State.QUEUED, 0)
    client.post("/jobs/", {"do": "batch", "action": "cancel", "ids": [row.pk]})
    row.refresh_from_db()
    assert row.state == Job.State.CANCELLED
    client.post(f"/jobs/{row.pk}/retry/")
    client.post(f"/jobs/{row.pk}/cancel/")
    row.refresh_from_db()
    assert row.state == Job.State.CANCELLED
