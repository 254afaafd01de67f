"""A fact is written with the change that makes it true, and every reaction hears of it at least once."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.db import transaction
from django.db.transaction import TransactionManagementError

from bihuan.base.bus import Fact, publish, reaction
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs import queue
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain, run_due

heard: list[tuple[str, int]] = []
broken = {"now": False}


@dataclass(frozen=True, kw_only=True)
class BellRung(Fact):
    times: int
    account_id: int | None = None


@reaction(BellRung)
def count_rings(fact: BellRung, *, context) -> None:
    if broken["now"]:
        raise RuntimeError("the counter is broken")
    heard.append((str(context.uid), fact.times))


@pytest.fixture(autouse=True)
def _silence():
    heard.clear()
    broken["now"] = False
    from bihuan.base.bus import outbox

    others = {name: pair for name, pair in outbox._reactions.items() if "count_rings" not in name}
    for name in others:
        del outbox._reactions[name]
    yield
    outbox._reactions.update(others)


@pytest.mark.django_db(transaction=True)
def test_a_fact_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError, match="bell_rung"):
        publish(BellRung(times=1), by=SYSTEM, at=NOW)
    assert OutboxFact.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_leaves_no_fact_and_no_delivery():
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        publish(BellRung(times=1), by=SYSTEM, at=NOW)
        raise ValueError("no")
    assert (OutboxFact.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_reaction_hears_the_fact_with_its_id_and_author():
    uid = publish(BellRung(times=3, account_id=7), by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert heard == [(str(uid), 3)]
    row = OutboxFact.objects.get()
    assert (row.name, row.account_id, row.actor_name, row.at) == ("bell_rung", 7, "test", NOW)


@pytest.mark.django_db
def test_a_failed_reaction_is_tried_again_later_and_parked_at_last():
    publish(BellRung(times=1), by=SYSTEM, at=NOW)
    broken["now"] = True
    at, waits = NOW, []
    while Job.objects.get().state != Job.State.PARKED:
        run_due(at=at)
        row = Job.objects.get()
        if row.state == Job.State.QUEUED:
            waits.append(row.run_at)
            at = row.run_at
    row = Job.objects.get()
    assert row.attempts == queue.ATTEMPTS_OF_A_REACTION
    assert waits == sorted(waits)
    assert "the counter is broken" in row.error
    assert run_due(at=at + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_an_operator_retries_a_parked_reaction():
    publish(BellRung(times=1), by=SYSTEM, at=NOW)
    Job.objects.update(state=Job.State.PARKED, attempts=6)
    assert queue.retry(row=Job.objects.get(), at=NOW)
    drain(at=NOW)
    assert [times for _uid, times in heard] == [1]
    assert Job.objects.get().state == Job.State.DONE
    assert not queue.retry(row=Job.objects.get(), at=NOW)


@pytest.mark.django_db
def test_a_worker_that_was_killed_leaves_its_work_to_the_next():
    publish(BellRung(times=1), by=SYSTEM, at=NOW)
    taken = queue.claim(at=NOW)
    assert [row.state for row in taken] == [Job.State.RUNNING]
    assert run_due(at=NOW) == 0
    drain(at=NOW + queue.LEASE + timedelta(seconds=1))
    assert [times for _uid, times in heard] == [1]


def test_two_facts_of_one_name_are_refused():
    with pytest.raises(TypeError, match="bell_rung"):
        type("BellRung", (Fact,), {"__module__": "elsewhere"})


def test_a_stored_fact_survives_a_field_that_is_gone():
    assert BellRung.from_payload({"times": 2, "volume": 11}) == BellRung(times=2)
