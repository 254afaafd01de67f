"""A crash at any statement of a completion leaves everything as it was, and doing it again does it once."""

import pytest
from cast import NOW, SYSTEM
from django.db import connection
from drawings import END, START, chain, drawn, field, flow, service, timer, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget, tell_steps
from bihuan.act.work import actions
from bihuan.act.work.automatic import AutomaticStep, automatic_step, automatic_steps
from bihuan.act.work.models import Alarm, Instance, Tokens, WorkItem
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.models import Job
from bihuan.know.accounts.models import FollowUp

pytestmark = pytest.mark.django_db(transaction=True)


class Crash(BaseException):
    """The process is gone: nothing catches it."""


class Fuse:
    """Lets so many statements through, then burns."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.burnt = False

    def __call__(self, execute, sql, params, many, context):
        if self.left == 0:
            self.burnt = True
            raise Crash
        self.left -= 1
        return execute(sql, params, many, context)


def everything() -> dict[str, list]:
    """All rows that a move may change."""
    tables = (Instance, Tokens, WorkItem, Alarm, OutboxFact, Job, FollowUp)
    return {
        table.__name__: [tuple(map(repr, row)) for row in table.objects.order_by("pk").values_list()]
        for table in tables
    }


def crashed_everywhere(change) -> int:
    """Run a change with a crash at its first, second, … statement, each from the same state; how many statements it has. The
    last run is whole."""
    before, after = everything(), 0
    while True:
        fuse = Fuse(after)
        try:
            with connection.execute_wrapper(fuse):
                change()
            return after
        except Crash:
            assert everything() == before, f"a crash at statement {after + 1} leaves something behind"
        after += 1
        assert after < 200


@pytest.fixture
def offer(cast):
    forget()
    if "test_note" not in automatic_steps():
        from bihuan.act.work.steps import write_note

        automatic_step(AutomaticStep(name="test_note", title="Note", inputs={"text": "text"}, results={"note": "note"},
                                     run=write_note))  # fmt: skip
        tell_steps(lambda: {"test_note": {"text"}})
    xml = drawn(
        "offer", START, user("write", fields=field("amount", "money"), limit="4h", escalateTo="manager"),
        timer("late", "write", "PT2H"), user("chase", role="manager"), '<endEvent id="chased"/>', flow("late", "chase"),
        flow("chase", "chased"), service("note", "test_note", {"text": "title"}, {"number": "note"}), user("send"), END,
        chain("start", "write", "note", "send", "end"),
    )  # fmt: skip
    row = create_process(key="offer", kind="process", name="Offer", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    return row


def test_at_every_statement_of_a_start_a_completion_and_an_automatic_step(cast, offer) -> None:
    song = cast.actor("song")
    begin = lambda: actions.start_process(process=offer, account=cast.yunshan, by=song, at=NOW)  # noqa: E731
    assert crashed_everywhere(begin) > 8
    item = WorkItem.objects.get(element="write")
    complete = lambda: actions.complete(item=item, values={"amount": 5}, by=song, at=NOW)  # noqa: E731
    assert crashed_everywhere(complete) > 8
    automatic = WorkItem.objects.get(element="note")
    run = lambda: actions.run_automatic(item_id=automatic.pk, by=SYSTEM, at=NOW)  # noqa: E731
    assert crashed_everywhere(run) > 8
    assert FollowUp.objects.count() == 1
    assert list(WorkItem.objects.waiting().values_list("element", flat=True)) == ["send"]
    names = list(
        OutboxFact.objects.filter(name__in=["process_started", "step_done"]).values_list("name", flat=True)
    )
    assert sorted(names) == ["process_started", "step_done", "step_done"]


def test_at_every_statement_of_a_clock(cast, offer) -> None:
    from datetime import timedelta

    instance = actions.start_process(process=offer, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    later = NOW + timedelta(days=7)
    assert crashed_everywhere(lambda: actions.ring(instance_id=instance.pk, by=SYSTEM, at=later)) > 8
    assert OutboxFact.objects.filter(name="step_escalated").count() == 1
    assert WorkItem.objects.filter(element="chase").count() == 1
    assert actions.ring(instance_id=instance.pk, by=SYSTEM, at=later) == 0
