"""Plays: set off, held out, proposed, confirmed, done once; their goals watched alike in both arms."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.apps import apps
from django.core.exceptions import ValidationError
from events import happened, store_events

from bihuan.act.plays import actions, queries
from bihuan.act.plays.models import Arm, Play, PlayRun, RunStep, State
from bihuan.act.plays.rules import arm_of
from bihuan.act.work.actions import complete
from bihuan.act.work.models import WorkItem
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.know.accounts.actions import change_account

LATER = NOW + timedelta(minutes=5)
RULE = {"rule": "m.usage_trend >= 0.0"}
TASKS = [
    {"kind": "task", "title": "Call them", "title_zh": "致电"},
    {"kind": "task", "title": "Ask again", "after": 3},
]


@pytest.fixture
def play_of(cast):
    """A play that is on; with nobody held out unless asked."""

    def add(key="rescue", **more) -> Play:
        fields = {
            "name": "Rescue",
            "name_zh": "挽回",
            "trigger": {"kind": "manual"},
            "steps": TASKS,
            "goal": RULE,
            "hold_out": 0,
        }
        row = actions.add_play(key=key, by=SYSTEM, at=NOW, **(fields | more))
        return actions.switch_play(play=row, on=True, by=SYSTEM, at=NOW)

    return add


def proposed(play, cast, **more) -> PlayRun:
    given = {"assignee_id": cast.song.pk, "origin": "plan:1:a"} | more
    return actions.propose_play(play_id=play.pk, account_id=cast.yunshan.pk, by=SYSTEM, at=NOW, **given)


def facts(name: str) -> int:
    return OutboxFact.objects.filter(name=name).count()


def test_a_proposal_lies_on_the_bench_once_and_its_steps_are_done_after_the_grace(cast, play_of) -> None:
    play = play_of()
    run = proposed(play, cast)
    assert proposed(play, cast).pk == run.pk and facts("play_proposed") == 1
    item = WorkItem.objects.waiting().of(cast.actor("song")).get()
    assert item.pk == run.item and item.account_id == cast.yunshan.pk
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    assert actions.carry_due(at=NOW) == 0, "it can still be taken back"
    assert actions.carry_due(at=LATER) == 1 and actions.carry_due(at=LATER) == 0
    run.refresh_from_db()
    assert run.state == State.RUNNING and facts("play_started") == 1
    task = WorkItem.objects.waiting().of(cast.actor("song")).get()
    assert "致电" in task.instance.title
    assert actions.carry_due(at=NOW + timedelta(days=4)) == 1
    assert not RunStep.objects.exclude(problem="").exists()


def test_what_is_decided_on_the_bench_is_decided(cast, play_of) -> None:
    run = proposed(play_of(), cast)
    complete(
        item=WorkItem.objects.get(pk=run.item), by=cast.actor("song"), at=NOW,
        values={"decision": "decline", "reason": "We spoke yesterday"},
    )  # fmt: skip
    drain(at=NOW)
    run.refresh_from_db()
    assert (
        run.state == State.DECLINED and run.reason == "We spoke yesterday" and run.decided_by_name == "Song"
    )


def test_a_confirmation_is_taken_back_until_something_is_done(cast, play_of) -> None:
    run = proposed(play_of(), cast)
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    actions.undo_confirmation(run=run, by=cast.actor("song"), at=NOW)
    run.refresh_from_db()
    assert run.state == State.PROPOSED
    assert WorkItem.objects.waiting().of(cast.actor("song")).get().pk == run.item
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    actions.carry_due(at=LATER)
    with pytest.raises(ValidationError):
        actions.undo_confirmation(run=run, by=cast.actor("song"), at=LATER)


def test_who_is_held_out_gets_a_run_and_nothing_else(cast, play_of) -> None:
    play = play_of(hold_out=90)
    held = next(
        account for account in (cast.yunshan, cast.songtao)
        if arm_of(play=play.key, account_id=account.pk, hold_out=90) == Arm.HELD
    )  # fmt: skip
    run = actions.open_run(play=play, account=held, origin="signal:1", by=SYSTEM, at=NOW)
    assert run.arm == Arm.HELD and run.state == State.RUNNING and not run.steps.exists()
    assert not WorkItem.objects.exists() and facts("play_held_out") == 1
    assert run.account_id not in {one.account_id for one in queries.candidates(at=NOW)}


def test_an_account_that_enters_a_stage_is_met_once_however_often_it_is_told(cast, play_of) -> None:
    play_of(trigger={"kind": "stage", "stages": ["at_risk"]}, mode="automatic")
    change_account(account=cast.yunshan, stage="at_risk", by=SYSTEM, at=NOW)
    drain(at=NOW)
    run = PlayRun.objects.get()
    assert run.state == State.RUNNING and WorkItem.objects.waiting().count() == 1
    uid = run.origin.split(":")[2]
    for _again in range(2):
        actions.meet_stage(account_id=cast.yunshan.pk, stage="at_risk", uid=uid, by=SYSTEM, at=NOW)
        drain(at=NOW)
    assert PlayRun.objects.count() == 1 and WorkItem.objects.waiting().count() == 1


def test_a_segment_opens_a_run_and_then_rests(cast, play_of) -> None:
    play_of(trigger={"kind": "segment", "segment": "account.tier == 'S'"})
    for days in (0, 1, 30):
        actions.look_for_plays(by=SYSTEM, at=NOW + timedelta(days=days))
    assert [run.account_id for run in PlayRun.objects.all()] == [cast.yunshan.pk]
    assert Play.objects.count() == 13, "the twelve that ship are there, off"


def test_an_account_that_plays_met_often_enough_this_week_is_skipped(cast, play_of) -> None:
    for number in range(3):
        play = play_of(key=f"p{number}", per_week=2)
        actions.open_run(play=play, account=cast.yunshan, origin="signal:1", by=SYSTEM, at=NOW)
    assert [run.state for run in PlayRun.objects.order_by("pk")] == ["proposed", "proposed", "skipped"]
    assert facts("play_skipped") == 1


def test_a_rule_that_becomes_true_reaches_the_goal_of_both_arms_alike(cast, play_of) -> None:
    play = play_of(goal={"rule": "account.stage == 'value'"}, hold_out=50, window=30)
    for account in (cast.yunshan, cast.songtao):
        actions.open_run(play=play, account=account, origin="signal:1", by=SYSTEM, at=NOW)
    assert actions.watch_goals(by=SYSTEM, at=NOW + timedelta(days=1)) == (1, 0)
    assert actions.watch_goals(by=SYSTEM, at=NOW + timedelta(days=31)) == (0, 1)
    reached = PlayRun.objects.get(goal_reached_at__isnull=False)
    assert reached.account_id == cast.yunshan.pk
    assert facts("play_goal_reached") == 1 and facts("play_goal_missed") == 1


def test_nobody_decides_and_the_proposal_goes_away(cast, play_of) -> None:
    run = proposed(play_of(), cast)
    assert actions.note_expired(by=SYSTEM, at=NOW + timedelta(days=8)) == 1
    run.refresh_from_db()
    assert run.state == State.EXPIRED and not WorkItem.objects.waiting().exists()


def test_the_weekly_plan_gets_candidates_with_owners_and_sees_how_they_end(cast, play_of) -> None:
    play = play_of(
        minutes={"sales": 30}, audience="account.tier == 'S'", assumed_effect="0.100", worth="0.500"
    )
    (one,) = queries.candidates(at=NOW)
    assert (one.account_id, one.play_id, one.basis) == (cast.yunshan.pk, play.pk, "assumed")
    assert (
        one.owner_ids[0] == cast.song.pk
        and one.minutes == {"sales": 30}
        and one.effect == pytest.approx(0.05)
    )
    run = proposed(play, cast)
    assert queries.candidates(at=NOW) == [], "somebody works on it"
    (result,) = queries.results_of("plan:1:")
    assert (result.run_id, result.state, result.goal_reached) == (run.pk, "proposed", None)


def test_the_plays_that_ship_can_all_be_read(cast) -> None:
    actions.ensure_plays(at=NOW)
    for play in Play.objects.all():
        copied = {name: getattr(play, name) for name in actions.CHANGEABLE}
        actions.add_play(key=f"{play.key}_again", by=SYSTEM, at=NOW, **copied)
    assert Play.objects.count() == 24


LETTER = {
    "kind": "message",
    "channel": "in_app",
    "title": "Hello",
    "text": "Dear {{ person.name }}",
    "to": "everybody",
}


@pytest.fixture
def letters(cast):
    from bihuan.act.reach.actions import add_channel
    from bihuan.know.products.actions import add_product

    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    return add_channel(kind="in_app", name="Inbox", product=product, by=SYSTEM, at=NOW)


def test_a_message_is_previewed_reworded_and_queued_once(cast, play_of, letters) -> None:
    from bihuan.act.reach.queries import figures_of

    play = play_of(steps=[LETTER])
    run = proposed(play, cast)
    page = cast.client("song").get(f"/play-runs/{run.pk}/").content.decode()
    assert "Dear 林云" in page and "Change the message" in page
    answer = cast.client("song").post(
        f"/play-runs/{run.pk}/steps/1/", {"subject": "Hi", "text": "Good day {{ person.name }}"}
    )
    assert answer.status_code == 302
    assert "Good day 林云" in cast.client("song").get(f"/play-runs/{run.pk}/").content.decode()
    assert cast.client("song").post(f"/play-runs/{run.pk}/confirm/").status_code == 302
    run.refresh_from_db()
    assert run.state == State.CONFIRMED
    later = run.decided_at + timedelta(minutes=3)
    assert [actions.carry_due(at=later) for _again in range(2)] == [1, 0]
    assert not RunStep.objects.exclude(problem="").exists()
    assert figures_of(actor=SYSTEM, origin="play:rescue")["all"] == 1


def test_of_several_inboxes_the_one_of_the_product_in_use_gets_the_message(
    cast, play_of, letters, event_home
) -> None:
    from bihuan.act.reach.actions import add_channel
    from bihuan.act.reach.models import Message
    from bihuan.know.products.actions import add_product

    other = add_product(name="Other", by=SYSTEM, at=NOW)
    theirs = add_channel(kind="in_app", name="Other inbox", product=other, by=SYSTEM, at=NOW)
    store_events(
        *(happened("look", ts=NOW - timedelta(days=n), account=cast.yunshan, product_id=other.pk) for n in (1, 2, 3)),
        happened("look", ts=NOW - timedelta(days=4), account=cast.yunshan, product_id=letters.product_id),
        *(happened("look", ts=NOW - timedelta(days=200), account=cast.yunshan, product_id=letters.product_id) for _n in range(9)),
        *(happened("look", ts=NOW - timedelta(days=1), account=cast.songtao, product_id=letters.product_id) for _n in range(9)),
    )  # fmt: skip
    run = proposed(play_of(steps=[LETTER]), cast)
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    actions.carry_due(at=LATER)
    assert [row.channel_id for row in Message.objects.all()] == [theirs.pk]


def test_what_cannot_be_done_is_passed_over_with_the_reason(cast, play_of) -> None:
    run = proposed(play_of(steps=[{"kind": "process", "title": "x", "process": "no_such"}, *TASKS[:1]]), cast)
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    assert actions.carry_due(at=LATER) == 2
    first, second = run.steps.all()
    assert "no_such" in first.problem and second.problem == "" and second.instance_id


def test_a_ticket_is_opened_by_the_room_of_tickets(cast, play_of) -> None:
    run = proposed(play_of(steps=[{"kind": "ticket", "title": "Mend it"}]), cast)
    actions.confirm_run(run=run, by=cast.actor("song"), at=NOW)
    actions.carry_due(at=LATER)
    assert OutboxFact.objects.get(name="ticket_opened").payload["subject"] == "Mend it"


def test_a_colleague_cannot_confirm_what_lies_on_another_bench(cast, play_of) -> None:
    run = proposed(play_of(), cast)
    with pytest.raises(ValidationError):
        actions.confirm_run(run=run, by=cast.actor("qin"), at=NOW)
    run.refresh_from_db()
    assert run.state == State.PROPOSED


def test_outcomes_count_each_account_once_in_its_arm_and_declining_does_not_take_it_out(
    cast, play_of
) -> None:
    play = play_of(hold_out=50, goal={"rule": "account.stage == 'value'"})
    for account in (cast.yunshan, cast.songtao):
        for number in range(2):
            run = actions.open_run(play=play, account=account, origin=f"signal:{number}", by=SYSTEM, at=NOW)
            if run.state == State.PROPOSED and not number:
                actions.decline_run(run=run, reason="x", by=SYSTEM, at=NOW)
    actions.watch_goals(by=SYSTEM, at=NOW + timedelta(days=40))
    found = queries.effects(at=NOW + timedelta(days=40))[play.pk]
    assert found.measured.treated[1] + found.measured.held[1] == 2
    assert found.measured.treated[0] + found.measured.held[0] == 1 and found.basis == "assumed"


def test_a_play_that_harms_is_paused_and_managers_are_told(cast, play_of) -> None:
    from bihuan.base.notices.models import Notice
    from bihuan.know.accounts.actions import add_account

    play = play_of(hold_out=50, per_week=50)
    for number in range(240):
        account = add_account(key=f"a{number}", name=f"A{number}", stage="value", by=SYSTEM, at=NOW)
        arm = arm_of(play=play.key, account_id=account.pk, hold_out=50)
        PlayRun.objects.create(
            play=play, account=account, arm=arm, state=State.DONE, origin="signal:1", opened_at=NOW, goal_due=NOW, closed_at=NOW,
            goal_reached_at=NOW if arm == Arm.HELD or number % 10 == 0 else None,
        )  # fmt: skip
    assert actions.pause_harmful(by=SYSTEM, at=LATER) == ["rescue"]
    play.refresh_from_db()
    assert play.status == "paused" and "points" in play.paused_why
    assert Notice.objects.get(kind="plays.paused").user == cast.mei
    assert "does harm" in cast.client("an").get("/plays/rescue/").content.decode()
    actions.look_for_plays(by=SYSTEM, at=LATER)
    assert actions.pause_harmful(by=SYSTEM, at=LATER) == []


def test_a_manager_writes_a_play_in_the_form(cast, event_home) -> None:
    client = cast.client("mei")
    page = client.get("/plays/usage_fall/edit/")
    form = page.context["form"]
    sent = {
        name: value
        for name, value in ((one.html_name, one.value()) for one in form)
        if value not in (None, "")
    }
    answer = client.post(
        "/plays/usage_fall/edit/", sent | {"window": 60, "step1_title": "Ring them up", "minutes_sales": 15}
    )
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    play = Play.objects.get(key="usage_fall")
    assert play.window == 60 and play.steps[0]["title"] == "Ring them up" and play.minutes["sales"] == 15
    assert play.trigger["signals"] == ["usage_fell", "no_use"]
    wrong = client.post("/plays/usage_fall/edit/", sent | {"goal_rule": "m.nothing <"})
    assert wrong.status_code in (200, 422) and b"alert-danger" in wrong.content
    assert client.post("/plays/usage_fall/switch/").status_code == 302
    assert Play.objects.get(key="usage_fall").status == "on"


def test_a_run_is_not_shown_to_whom_its_signal_is_hidden_from(cast, play_of) -> None:
    actions.ensure_plays(at=NOW)
    run = proposed(play_of(trigger={"kind": "signal", "signals": ["payment_late"]}), cast)
    apps.get_model("signals", "KindOfSignal").objects.filter(key="payment_late").update(needs="audit.view")
    assert cast.actor("mei").may("audit.view") and not cast.actor("mark").may("audit.view")
    assert run in PlayRun.objects.visible_to(cast.actor("mei"))
    assert run not in PlayRun.objects.visible_to(cast.actor("mark"))
    assert cast.client("mark").get(f"/play-runs/{run.pk}/").status_code == 404
    assert cast.rest("mark").get("/api/v1/plays/rescue/dry-run").status_code == 422
    assert cast.rest("mei").get("/api/v1/plays/rescue/dry-run").status_code == 200
