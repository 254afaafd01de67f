"""A process is started, its items land on benches and in queues, and completing them moves it on to its end."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from drawings import END, START, chain, drawn, field, flow, service, timer, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget, tell_steps
from bihuan.act.work import actions
from bihuan.act.work.actions.doing import TakenAlready
from bihuan.act.work.automatic import AutomaticStep, automatic_step, automatic_steps
from bihuan.act.work.jobs import ring_due
from bihuan.act.work.models import Alarm, Instance, ItemState, WorkItem
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(cast):
    """From a drawing to a process with a published version."""
    forget()

    def publish(key: str, *parts: str, **more):
        row = create_process(
            key=key, kind="process", name=key.title(), xml=drawn(key, *parts, **more), by=SYSTEM, at=NOW
        )
        publish_draft(process=row, by=SYSTEM, at=NOW)
        return row

    return publish


@pytest.fixture
def offer(cast, published):
    """Write an offer, decide by its amount, check big ones; a reminder after two hours, escalation after the limit."""
    return published(
        "offer", START, user("write", role="sales", fields=field("amount", "money"), limit="4h", remind="1h", escalateTo="manager"),
        '<exclusiveGateway id="big" default="big_end"/>', user("check", role="manager", limit="1d"), END,
        chain("start", "write", "big"), flow("big", "check", "amount > 100000.0"), flow("big", "end"), flow("check", "end"),
    )  # fmt: skip


def begun(process, cast, **more) -> Instance:
    return actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW, **more)


def waiting(instance) -> list[str]:
    return sorted(WorkItem.objects.filter(instance=instance).waiting().values_list("element", flat=True))


def facts(*names: str) -> list[str]:
    return list(OutboxFact.objects.filter(name__in=names).order_by("pk").values_list("name", flat=True))


def test_it_works(cast, offer) -> None:
    instance = begun(offer, cast)
    item = instance.items.get()
    assert (item.element, item.role, item.assignee, item.state) == ("write", "sales", None, "open")
    assert WorkItem.objects.queued_for(cast.actor("song")).get() == item
    actions.claim(item=item, by=cast.actor("song"), at=NOW)
    actions.complete(
        item=item, values={"amount": "250,000"}, by=cast.actor("song"), at=NOW + timedelta(hours=1)
    )
    assert waiting(instance) == ["check"]
    actions.complete(
        item=instance.items.get(element="check"), by=cast.actor("mei"), at=NOW + timedelta(hours=2)
    )
    instance.refresh_from_db()
    assert (instance.state, instance.outcome, instance.values["amount"]) == ("ended", "end", 250_000.0)
    assert facts("process_started", "step_done", "process_ended") == [
        "process_started", "step_done", "step_done", "process_ended",
    ]  # fmt: skip
    done = OutboxFact.objects.filter(name="step_done").order_by("pk").first()
    assert (done.payload["passed"], done.payload["element"], done.payload["late"]) == (
        ["big"],
        "write",
        False,
    )
    assert not Alarm.objects.exists()


def test_a_small_offer_needs_no_check(cast, offer) -> None:
    instance = begun(offer, cast)
    actions.complete(item=instance.items.get(), values={"amount": 10}, by=cast.actor("song"), at=NOW)
    instance.refresh_from_db()
    assert instance.state == "ended"


def test_whoever_comes_second_is_told(cast, offer) -> None:
    instance = begun(offer, cast)
    item = instance.items.get()
    actions.complete(item=item, values={"amount": 1}, by=cast.actor("song"), at=NOW)
    with pytest.raises(TakenAlready, match="Song has done this already"):
        actions.complete(item=item, values={"amount": 2}, by=cast.actor("mei"), at=NOW)


def test_an_answer_that_is_missing_is_named_and_nothing_moves(cast, offer) -> None:
    instance = begun(offer, cast)
    with pytest.raises(ValidationError) as error:
        actions.complete(item=instance.items.get(), values={}, by=cast.actor("song"), at=NOW)
    assert "amount" in error.value.message_dict
    assert waiting(instance) == ["write"]


def test_another_role_is_refused(cast, offer) -> None:
    item = begun(offer, cast).items.get()
    with pytest.raises(actions.NotTheirs):
        actions.complete(item=item, values={"amount": 1}, by=cast.actor("qin"), at=NOW)


class Ticking:
    """What a job is handed, with a clock of its own."""

    def __init__(self, at):
        self.at = at

    def progress(self, *, done, total=None):
        assert done >= 0


def test_a_limit_reminds_breaches_and_escalates_once(cast, offer, monkeypatch) -> None:
    instance = begun(offer, cast)
    item = instance.items.get()
    assert item.due_at is not None
    monkeypatch.setattr("bihuan.act.work.jobs.timezone.now", lambda: NOW)
    ring_due(Ticking(item.due_at - timedelta(minutes=30)))
    assert facts("step_reminded", "step_overdue", "step_escalated") == ["step_reminded"]
    ring_due(Ticking(item.due_at + timedelta(days=3)))
    ring_due(Ticking(item.due_at + timedelta(days=4)))
    assert facts("step_reminded", "step_overdue", "step_escalated") == [
        "step_reminded", "step_overdue", "step_escalated",
    ]  # fmt: skip
    item.refresh_from_db()
    assert (item.role, item.assignee, item.state) == ("manager", None, "open")


def test_a_timer_that_was_due_while_the_worker_stood_still_fires_once(cast, published, monkeypatch) -> None:
    monkeypatch.setattr("bihuan.act.work.jobs.timezone.now", lambda: NOW)
    process = published(
        "waits", START, user("talk"), timer("late", "talk", "PT2H"), user("ask", role="manager"), END,
        chain("start", "talk", "end"), flow("late", "ask"), '<endEvent id="told"/>', flow("ask", "told"),
    )  # fmt: skip
    instance = begun(process, cast)
    assert waiting(instance) == ["talk"]
    ring_due(Ticking(NOW + timedelta(hours=1)))
    assert waiting(instance) == ["talk"]
    for hours in (30, 31):
        ring_due(Ticking(NOW + timedelta(hours=hours)))
        assert waiting(instance) == ["ask", "talk"]


def test_one_that_cannot_go_on_keeps_no_other_from_its_timer(cast, published, monkeypatch) -> None:
    monkeypatch.setattr("bihuan.act.work.jobs.timezone.now", lambda: NOW)
    process = published(
        "many", START, user("talk"), timer("late", "talk", "PT2H", True), '<exclusiveGateway id="x"/>', user("ask"),
        END, chain("start", "talk", "end"), flow("late", "x"), flow("x", "end", "title == 'never'"), flow("x", "ask", "title != 'bad'"), chain("ask", "end"),
    )  # fmt: skip
    rows = [begun(process, cast, title=title) for title in ("one", "bad", "two")]
    ring_due(Ticking(NOW + timedelta(hours=3)))
    assert [waiting(row) for row in rows] == [["ask"], ["talk"], ["ask"]]
    assert [Instance.objects.get(pk=row.pk).state for row in rows] == ["running", "stuck", "running"]
    assert facts("time_passed", "process_stuck").count("time_passed") == 2
    assert not Alarm.objects.filter(instance__in=[rows[0].pk, rows[2].pk]).exists()
    ring_due(Ticking(NOW + timedelta(hours=4)))
    assert facts("time_passed", "process_stuck").count("time_passed") == 2


def test_an_automatic_step_is_done_by_the_worker_once(cast, published) -> None:
    rung = []
    if "test_ring" not in automatic_steps():
        automatic_step(AutomaticStep(
            name="test_ring", title="Ring", inputs={"who": "who"}, results={"number": "number"},
            run=lambda *, around, who: rung.append((who, around.account_id)) or {"number": 7},
        ))  # fmt: skip
        tell_steps(lambda: {"test_ring": {"who"}})
    process = published("rings", START, service("ring", "test_ring", {"who": "account.name"}, {"bell": "number"}), user("hear"), END,
                        chain("start", "ring", "hear", "end"))  # fmt: skip
    instance = begun(process, cast)
    assert waiting(instance) == []
    drain(at=NOW)
    assert waiting(instance) == ["hear"]
    instance.refresh_from_db()
    item = instance.items.get(element="ring")
    assert (item.state, item.values, instance.values["bell"]) == (ItemState.DONE, {"bell": 7}, 7)
    assert actions.run_automatic(item_id=item.pk, by=SYSTEM, at=NOW) is False


def test_a_process_is_paused_and_its_clocks_stand_still(cast, offer) -> None:
    instance = begun(offer, cast)
    due = instance.items.get().due_at
    actions.pause(
        instance=instance, reason="customer on leave", by=cast.actor("mei"), at=NOW + timedelta(minutes=30)
    )
    with pytest.raises(ValidationError, match="paused"):
        actions.complete(item=instance.items.get(), values={"amount": 1}, by=cast.actor("song"), at=NOW)
    actions.resume(instance=instance, by=cast.actor("mei"), at=NOW + timedelta(days=7, minutes=30))
    assert instance.items.get().due_at == due + timedelta(days=7)


def test_a_step_is_skipped_with_a_reason(cast, offer) -> None:
    instance = begun(offer, cast)
    with pytest.raises(ValidationError):
        actions.skip_step(item=instance.items.get(), reason=" ", by=cast.actor("mei"), at=NOW)
    actions.skip_step(item=instance.items.get(), reason="the customer has one", by=cast.actor("mei"), at=NOW)
    instance.refresh_from_db()
    assert (instance.state, instance.deviations.get().kind) == ("ended", "skip")


def test_a_step_done_ahead_is_passed_when_its_turn_comes(cast, offer) -> None:
    instance = begun(offer, cast)
    early = actions.do_ahead(
        instance=instance, element="check", reason="both are here", by=cast.actor("mei"), at=NOW
    )
    actions.complete(item=early, by=cast.actor("mei"), at=NOW)
    actions.complete(
        item=instance.items.get(element="write"), values={"amount": 500_000}, by=cast.actor("song"), at=NOW
    )
    instance.refresh_from_db()
    assert instance.state == "ended"


def test_an_instance_moves_to_a_version_that_has_its_place(cast, offer) -> None:
    from bihuan.act.processes.actions import save_draft

    instance = begun(offer, cast)
    wider = drawn(
        "offer",
        START,
        user("write", fields=field("amount", "money")),
        user("sign"),
        END,
        chain("start", "write", "sign", "end"),
    )
    save_draft(process=offer, xml=wider, by=SYSTEM, at=NOW)
    version = publish_draft(process=offer, by=SYSTEM, at=NOW, note="every offer is signed")
    actions.change_version(instance=instance, to=version, by=cast.actor("mei"), at=NOW)
    actions.complete(item=instance.items.get(), values={"amount": 5}, by=cast.actor("song"), at=NOW)
    assert waiting(instance) == ["sign"]
    other = drawn("offer", START, user("quote"), END, chain("start", "quote", "end"))
    save_draft(process=offer, xml=other, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="no place"):
        actions.change_version(
            instance=instance,
            to=publish_draft(process=offer, by=SYSTEM, at=NOW),
            by=cast.actor("mei"),
            at=NOW,
        )


def test_approvals_are_asked_in_order_and_one_no_refuses(cast, published) -> None:
    process = published(
        "approve", START, user("ok", role="", approval="all", approvers="sales, manager", inOrder="true"),
        '<exclusiveGateway id="g" default="g_no"/>', '<endEvent id="yes"/><endEvent id="no"/>', chain("start", "ok", "g"),
        flow("g", "yes", "approved"), flow("g", "no"),
    )  # fmt: skip
    instance = begun(process, cast)
    item = instance.items.get()
    with pytest.raises(actions.NotTheirs):
        actions.vote(item=item, approved=True, by=cast.actor("mei"), at=NOW)
    actions.vote(item=item, approved=True, by=cast.actor("song"), at=NOW)
    actions.vote(item=item, approved=False, note="too cheap", by=cast.actor("mei"), at=NOW)
    instance.refresh_from_db()
    assert (instance.state, instance.outcome) == ("ended", "no")


def test_a_message_reaches_the_instance_that_waits_for_its_key(cast, published) -> None:
    waits = (
        '<intermediateCatchEvent id="paid"><messageEventDefinition messageRef="M" x:correlate="account.key"/>'
        "</intermediateCatchEvent>"
    )
    process = published("pay", START, waits, user("thank"), END, chain("start", "paid", "thank", "end"),
                        more='<message id="M" name="paid"/>')  # fmt: skip
    instance = begun(process, cast)
    assert actions.deliver_message(name="paid", key="songtao", values={}, by=SYSTEM, at=NOW) == []
    assert actions.deliver_message(name="paid", key="yunshan", values={"sum": 5}, by=SYSTEM, at=NOW) == [
        instance.pk
    ]
    instance.refresh_from_db()
    assert waiting(instance) == ["thank"]
    assert not instance.listening.exists()
