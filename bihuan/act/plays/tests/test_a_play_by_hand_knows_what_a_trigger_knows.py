"""By hand a play says what would keep a trigger from it: goal, audience, rest, limits, hold-out; who may, goes on knowingly."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError

from bihuan.act.plays import actions
from bihuan.act.plays.models import Arm, Play, PlayRun, State, Status
from bihuan.act.plays.queries import Against, objections
from bihuan.act.work.models import WorkItem
from bihuan.act.work.queries import seconds_due
from bihuan.base.bus.models import OutboxFact
from bihuan.know.accounts.actions import change_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def grow(cast) -> Play:
    """Helps customers in adoption to reach the stage of value, where Songtao is already."""
    change_account(account=cast.yunshan, stage="adoption", by=SYSTEM, at=NOW)
    change_account(account=cast.songtao, stage="value", by=SYSTEM, at=NOW)
    return _on("grow", cast)


def _on(key: str, cast, **more) -> Play:
    given = {
        "name": key, "trigger": {"kind": "manual"}, "hold_out": 0, "steps": [{"kind": "task", "title": "Call"}],
        "goal": {"rule": "account.stage == 'value'"},
    }  # fmt: skip
    return actions.switch_play(
        play=actions.add_play(key=key, by=SYSTEM, at=NOW, **(given | more)), on=True, by=SYSTEM, at=NOW
    )


def propose(play, account, by, at=NOW, **more) -> PlayRun:
    given = {"assignee_id": None, "origin": f"hand:{at.isoformat()}"} | more
    return actions.propose_play(play_id=play.pk, account_id=account.pk, by=by, at=at, **given)


def codes(play, account, at=NOW) -> list[str]:
    return [one.code.value for one in objections(play, account, at=at)]


def test_nothing_speaks_against_whom_a_trigger_would_meet(cast, grow) -> None:
    assert codes(grow, cast.yunshan) == []
    run = propose(grow, cast.yunshan, cast.actor("song"))
    assert (run.state, run.despite, run.despite_by_name) == (State.PROPOSED, [], "")


def test_deciding_on_a_proposal_takes_minutes_however_long_it_lay_there(cast, grow) -> None:
    song, later = cast.actor("song"), NOW + timedelta(days=10)
    run = propose(grow, cast.yunshan, song)
    assert seconds_due([run.assignee_id], before=later, usual=1800) == {run.assignee_id: 300}
    actions.confirm_run(run=run, by=song, at=NOW + timedelta(days=2))
    assert WorkItem.objects.get(pk=run.item).effort_seconds == 300


def test_a_goal_that_is_true_already_is_said(cast, grow) -> None:
    with pytest.raises(ValidationError, match="true of 松涛软件 already") as told:
        propose(grow, cast.songtao, cast.mei.actor())
    assert told.value.codes == ["goal"] and not PlayRun.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [({"audience": "account.stage == 'renewal'"}, "audience"), ({"hold_out": 90}, "held"),
     ({"audience": "m.no_such_measure > 1.0"}, "untold")],
)  # fmt: skip
def test_audience_and_hold_out_are_said(cast, grow, more, code) -> None:
    keys = (f"play_{number}" for number in range(100))
    found = next(
        play for play in (_on(key, cast, **more) for key in keys) if code in codes(play, cast.yunshan)
    )
    assert codes(found, cast.yunshan) == [code]
    with pytest.raises(ValidationError):
        propose(found, cast.yunshan, cast.mei.actor())


def test_rest_and_the_week_are_said(cast, grow) -> None:
    run = propose(grow, cast.yunshan, SYSTEM)
    actions.decline_run(run=run, reason="no", by=SYSTEM, at=NOW)
    later = NOW + timedelta(days=1)
    assert codes(grow, cast.yunshan, later) == ["rest"]
    other = _on("other", cast, per_week=1)
    assert codes(other, cast.yunshan, later) == ["week"]
    assert codes(other, cast.yunshan, NOW + timedelta(days=8)) == []
    assert codes(grow, cast.yunshan, NOW + timedelta(days=61)) == []


def test_a_play_that_was_paused_for_harm_is_said(cast, grow) -> None:
    Play.objects.filter(pk=grow.pk).update(status=Status.PAUSED, paused_why="it does harm")
    grow.refresh_from_db()
    assert codes(grow, cast.yunshan) == ["paused"]


def test_whoever_may_change_plays_goes_on_knowingly_and_it_is_recorded(cast, grow) -> None:
    run = propose(grow, cast.songtao, cast.mei.actor(), despite=["goal"])
    assert (run.state, run.despite, run.despite_by_name) == (State.PROPOSED, ["goal"], "Mei")
    assert OutboxFact.objects.get(name="play_proposed").payload["despite"] == ["goal"]
    page = cast.client("mei").get(f"/play-runs/{run.pk}/").content.decode()
    assert "the goal was true of the account already" in page and "Proposed knowingly" in page


def test_nobody_else_goes_on(cast, grow) -> None:
    change_account(account=cast.yunshan, stage="value", by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="Somebody who may change plays"):
        propose(grow, cast.yunshan, cast.actor("song"), despite=["goal"])
    assert not PlayRun.objects.exists()


def test_what_is_not_known_is_not_gone_past(cast, grow) -> None:
    Play.objects.filter(pk=grow.pk).update(audience="account.stage == 'renewal'")
    with pytest.raises(ValidationError, match="not among those"):
        propose(grow, cast.songtao, cast.mei.actor(), despite=["goal"])


def test_one_who_is_held_out_is_treated_when_somebody_knows(cast, grow) -> None:
    play = next(
        one
        for one in (_on(f"p_{n}", cast, hold_out=50) for n in range(50))
        if "held" in codes(one, cast.yunshan)
    )
    run = propose(play, cast.yunshan, cast.mei.actor(), despite=[Against.HELD])
    assert (run.arm, run.by_trigger, run.steps.count()) == (Arm.TREATED, False, 1)
    assert WorkItem.objects.filter(pk=run.item).exists()


def test_the_form_says_it_and_asks_whoever_may(cast, grow) -> None:
    change_account(account=cast.yunshan, stage="value", by=SYSTEM, at=NOW)
    said = {"account": cast.yunshan.pk, "assignee": cast.song.pk}
    assert "knowingly" not in cast.client("mei").get("/plays/grow/propose/").content.decode()
    song = cast.client("song").post("/plays/grow/propose/", said).content.decode()
    assert "true of 云杉仪器 already" in song and "knowingly" not in song
    mei = cast.client("mei")
    asked = mei.post("/plays/grow/propose/", said).content.decode()
    assert 'name="knowingly"' in asked and f'value="{cast.yunshan.pk}:goal"' in asked
    said |= {"told": f"{cast.yunshan.pk}:goal", "knowingly": "on"}
    assert mei.post("/plays/grow/propose/", said).status_code == 302
    assert PlayRun.objects.get().despite == ["goal"]


def test_the_form_goes_past_nothing_that_it_did_not_say(cast, grow) -> None:
    mei = cast.client("mei")
    other = {"account": cast.songtao.pk, "told": f"{cast.yunshan.pk}:goal", "knowingly": "on"}
    asked = mei.post("/plays/grow/propose/", other).content.decode()
    assert "true of 松涛软件 already" in asked and f'value="{cast.songtao.pk}:goal"' in asked
    assert "checked" not in asked.split('name="knowingly"')[1].split(">")[0]
    Play.objects.filter(pk=grow.pk).update(audience="account.stage == 'renewal'")
    older = {"account": cast.songtao.pk, "told": f"{cast.songtao.pk}:goal", "knowingly": "on"}
    asked = mei.post("/plays/grow/propose/", older).content.decode()
    assert "not among those" in asked and "audience,goal" in asked
    assert not PlayRun.objects.exists()


def test_a_play_does_not_meet_an_account_twice_at_once_by_two_hands(cast, grow) -> None:
    propose(grow, cast.yunshan, SYSTEM)
    with pytest.raises(ValidationError, match="meets the account already"):
        actions.open_run(
            play=grow, account=cast.yunshan, origin="hand:second", by=SYSTEM, at=NOW, by_trigger=False
        )
    assert PlayRun.objects.count() == 1


def test_a_program_names_what_it_knows(cast, grow) -> None:
    mei, body = cast.rest("mei"), {"play": "grow", "account_id": cast.songtao.pk, "origin": "crm-7"}
    refused = mei.post("/api/v1/play-runs", body, content_type="application/json")
    assert (
        refused.status_code == 422
        and '"despite"' in refused.content.decode()
        and '"goal"' in refused.content.decode()
    )
    made = mei.post("/api/v1/play-runs", body | {"despite": ["goal"]}, content_type="application/json")
    assert made.status_code == 201 and made.json()["despite"] == ["goal"]
