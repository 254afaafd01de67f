"""A goal is something that becomes true: whoever has it already is not met; the form says whom a play would meet."""

import pytest
from cast import NOW, SYSTEM
from django.utils import timezone

from bihuan.act.plays import actions
from bihuan.act.plays.models import Play, PlayRun
from bihuan.act.plays.queries import candidates, dry_run, fired
from bihuan.base.bus.models import OutboxFact
from bihuan.know.accounts.actions import change_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def grow(cast) -> Play:
    """For customers of every stage, so that they reach the stage of value; Songtao is there already."""
    change_account(account=cast.yunshan, stage="adoption", by=SYSTEM, at=NOW)
    change_account(account=cast.songtao, stage="value", by=SYSTEM, at=NOW)
    row = actions.add_play(
        key="grow", name="Grow", trigger={"kind": "segment", "segment": "account.size >= 0"}, hold_out=0,
        steps=[{"kind": "message", "channel": "email", "title": "Hello", "text": "x"}],
        goal={"rule": "account.stage == 'value'"}, by=SYSTEM, at=NOW,
    )  # fmt: skip
    return actions.switch_play(play=row, on=True, by=SYSTEM, at=NOW)


def test_whoever_has_what_the_play_is_for_is_not_met(cast, grow) -> None:
    today = timezone.localdate(NOW)
    assert [one.account_id for one in fired(grow, day=today)] == [cast.yunshan.pk]
    assert [one.account_id for one in candidates(at=NOW)] == [cast.yunshan.pk]
    assert cast.songtao.pk not in dict(dry_run(grow, day=today).accounts)
    actions.look_now(by=SYSTEM, at=NOW)
    run = PlayRun.objects.get()
    assert run.account == cast.yunshan and run.closed_at is None, "nothing is reached at once"


def test_an_audience_is_whole_when_the_goal_cannot_be_told(cast, grow) -> None:
    Play.objects.filter(pk=grow.pk).update(goal={"rule": "m.no_such_measure > 1.0"})
    grow.refresh_from_db()
    assert len(fired(grow, day=timezone.localdate(NOW))) == 2


def test_other_words_and_minutes_of_a_run_are_facts(cast, grow) -> None:
    run = actions.propose_play(
        play_id=grow.pk,
        account_id=cast.yunshan.pk,
        assignee_id=cast.song.pk,
        by=SYSTEM,
        at=NOW,
        origin="hand",
    )
    actions.reword_step(run=run, number=1, subject="Hi", text="y", by=cast.actor("song"), at=NOW)
    for minutes in (30, 30, 45):
        actions.note_minutes(run=run, minutes=minutes, by=cast.actor("song"), at=NOW)
    said = list(
        OutboxFact.objects.filter(name="play_minutes_noted").order_by("pk").values_list("payload", flat=True)
    )
    assert [(one["before"], one["minutes"]) for one in said] == [(0, 30), (30, 45)]
    assert OutboxFact.objects.get(name="play_reworded").payload["number"] == 1


def test_the_form_says_whom_the_play_would_meet_today(cast, grow) -> None:
    client = cast.client("mei")
    form = client.get("/plays/grow/edit/").content.decode()
    assert "/plays/preview/" in form and "/plays/preview/" in client.get("/plays/new/").content.decode()
    sent = {"trigger_kind": "segment", "trigger_segment": "account.size >= 0", "hold_out": 0}
    assert "<strong>2</strong>" in client.post("/plays/preview/", sent).content.decode()
    less = client.post("/plays/preview/", sent | {"goal_rule": "account.stage == 'value'"}).content.decode()
    assert "<strong>1</strong>" in less and "云杉仪器" in less and "松涛软件" not in less
    wrong = client.post("/plays/preview/", sent | {"trigger_segment": "account.nothing > 1"}).content.decode()
    assert "text-danger" in wrong
    assert "somebody starts it" in client.post("/plays/preview/", {"trigger_kind": "manual"}).content.decode()
    assert client.post("/plays/preview/", {"trigger_kind": "soon"}).status_code == 200
    assert (
        Play.objects.filter(trigger__kind="segment").count() >= 1
        and cast.client("song").post("/plays/preview/").status_code == 403
    )
