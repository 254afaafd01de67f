"""A manager plans the week: capacity, the plan, changes by hand, publishing, taking back, looking back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM, undo_from
from django.core.exceptions import ValidationError
from django.utils import timezone

from bihuan.act.plan import actions
from bihuan.act.plan.models import LineState, PlanLine, PlanState, Source, WeekPlan
from bihuan.act.plan.queries import capacities, lines_of, monday_of, review_of, without
from bihuan.act.plan.tests.conftest import MONDAY, play_of
from bihuan.act.plays.actions import carry_due, confirm_run
from bihuan.act.plays.models import PlayRun
from bihuan.act.work.actions import complete
from bihuan.act.work.models import WorkItem
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.base.notices.models import Notice
from bihuan.foresee.tiers.actions import set_capacity
from bihuan.know.absences.actions import enter_absence

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
WEEK = f"/plan/{MONDAY}/"


@pytest.fixture
def plan(rescue) -> WeekPlan:
    return actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)


@pytest.fixture
def coming(rescue) -> WeekPlan:
    """The week after today, whatever day that is: pages and programs look at the clock. Songtao's contract has no end."""
    now = timezone.now()
    return actions.solve_week(
        monday=monday_of(timezone.localdate(now)) + timedelta(days=7), by=SYSTEM, at=now
    )


def line(plan: WeekPlan, account) -> PlanLine:
    return plan.lines.planned().get(account=account)


def facts(name: str) -> int:
    return OutboxFact.objects.filter(name=name).count()


def test_capacity_is_working_time_less_absence_share_and_work_that_is_due(cast, rescue) -> None:
    before = {one.staff.username: one for one in capacities(monday=MONDAY, at=NOW)}
    assert set(before) == {"song", "bei", "oli", "qin", "mark"}, (
        "partners are not planned, nor who only steers"
    )
    assert (before["song"].working, before["song"].away, before["song"].minutes) == (5 * 480, 0, 1_500)
    enter_absence(
        staff=cast.song, first_day=MONDAY, last_day=MONDAY + timedelta(days=1), by=cast.actor("mei"), at=NOW
    )
    actions.change_settings(practical=50, by=SYSTEM, at=NOW)
    after = {one.staff.username: one for one in capacities(monday=MONDAY, at=NOW)}
    assert (after["song"].away, after["song"].minutes) == (2 * 480, 720) and after["bei"].minutes == 1_200
    set_capacity(staff=cast.bei, minutes=100, by=SYSTEM, at=NOW)
    assert capacities(monday=MONDAY, at=NOW)[0].minutes == 100


def test_a_week_that_has_begun_counts_from_now_on(cast, rescue) -> None:
    found = capacities(monday=MONDAY - timedelta(days=7), at=NOW)
    assert found[0].working == 2 * 480 + 480 - 90, "it is Wednesday, half past ten"


def test_each_customer_gets_its_play_from_whoever_serves_it(cast, plan) -> None:
    assert (plan.state, plan.solved_at, plan.lines.count()) == (PlanState.DRAFT, NOW, 2)
    first, second = lines_of(plan, actor=cast.actor("mei"))
    assert (first.account, first.person, first.minutes, first.source) == (
        cast.yunshan,
        cast.song,
        90,
        Source.PLANNER,
    )
    assert first.value == Decimal("480000.00") and first.worth == Decimal("4800.00"), (
        "5 % × a fifth × twelve months"
    )
    assert (second.account, second.person) == (cast.songtao, cast.bei) and second.explores
    assert [(part.person, part.role, part.minutes) for part in first.parts.all()] == [
        (cast.song, "sales", 90)
    ]
    assert plan.figures["gap"] <= 0.01 and facts("week_planned") == 1


def test_what_does_not_fit_is_left_out_with_its_reason(cast, rescue) -> None:
    play_of("double", minutes={"sales": 60}, effect="0.08")
    set_capacity(staff=cast.song, minutes=30, by=SYSTEM, at=NOW)
    plan = actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)
    (only,) = plan.lines.all()
    assert only.account == cast.songtao and only.play_key == "double"
    assert plan.figures["reasons"] == {"nobody": 2, "other_play": 1}
    text = cast.client("mei").get(f"{WEEK}?view=left").content.decode()
    assert (
        "云杉仪器" in text
        and "Nobody who may do it has the time" in text
        and f"offer={cast.yunshan.pk}:" in text
    )


def test_locked_lines_stay_and_dropped_ones_do_not_come_back(cast, plan) -> None:
    moved = actions.move_line(line=line(plan, cast.yunshan), person=cast.bei, by=SYSTEM, at=NOW)
    assert moved.locked and moved.source == Source.MANAGER
    actions.drop_line(line=line(plan, cast.songtao), by=SYSTEM, at=NOW)
    again = actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)
    (only,) = again.lines.planned()
    assert (only.pk, only.person) == (moved.pk, cast.bei)
    back = actions.restore_line(line=again.lines.get(state=LineState.DROPPED), by=SYSTEM, at=NOW)
    assert back.locked and again.lines.planned().count() == 2
    assert facts("plan_line_changed") == 3


def test_a_line_is_added_once_an_account(cast, plan, rescue) -> None:
    with pytest.raises(ValidationError, match="drop it first"):
        actions.add_line(
            plan=plan, account=cast.yunshan, play_id=rescue.pk, person=cast.bei, by=SYSTEM, at=NOW
        )
    actions.drop_line(line=line(plan, cast.yunshan), by=SYSTEM, at=NOW)
    added = actions.add_line(
        plan=plan, account=cast.yunshan, play_id=rescue.pk, person=cast.bei, by=SYSTEM, at=NOW
    )
    assert added.locked and not plan.lines.filter(state=LineState.DROPPED).exists()
    with pytest.raises(ValidationError, match="not meant for"):
        actions.add_line(plan=plan, account=cast.songtao, play_id=9_999, person=cast.bei, by=SYSTEM, at=NOW)


def test_publishing_puts_each_play_on_a_bench_and_can_be_taken_back_until_somebody_begins(cast, plan) -> None:
    runs, refused = actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    assert (runs, refused) == (2, []) and facts("play_proposed") == 2
    assert WorkItem.objects.waiting().of(cast.actor("song")).get().account == cast.yunshan
    with pytest.raises(ValidationError, match="published"):
        actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="published"):
        actions.drop_line(line=line(plan, cast.yunshan), by=SYSTEM, at=NOW)
    assert actions.take_back(plan=plan, by=SYSTEM, at=NOW) == 2
    assert not WorkItem.objects.waiting().of(cast.actor("song")).exists() and not PlayRun.objects.exists()
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT and plan.published_at is None
    assert actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW).lines.planned().count() == 2, (
        "nobody rests because of it"
    )
    actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    run = PlayRun.objects.get(account=cast.yunshan)
    confirm_run(run=run, by=cast.actor("song"), at=NOW)
    with pytest.raises(ValidationError, match="Somebody has begun: 1 of 2"):
        actions.take_back(plan=plan, by=SYSTEM, at=NOW)


def test_a_play_that_met_the_account_meanwhile_is_named(cast, plan, rescue) -> None:
    from bihuan.act.plays.actions import propose_play

    propose_play(
        play_id=rescue.pk, account_id=cast.songtao.pk, assignee_id=None, by=SYSTEM, at=NOW, origin="hand"
    )
    runs, refused = actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    assert runs == 1 and [one.account for one in refused] == [cast.songtao]
    assert line(plan, cast.songtao).run_id is None


def test_plan_against_done_against_effect(cast, plan) -> None:
    actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    run = PlayRun.objects.get(account=cast.yunshan)
    confirm_run(run=run, by=cast.actor("song"), at=NOW)
    carry_due(at=NOW + timedelta(minutes=5))
    plan.refresh_from_db()
    found = review_of(plan, actor=cast.actor("mei"))
    assert (found.planned, found.minutes, found.worth) == (2, 180, Decimal("5400.00"))
    assert found.states == {"running": 1, "proposed": 1} and found.known == 0
    assert found.done == 0, "the task that the play gave waits on the bench"
    run.refresh_from_db()
    task = WorkItem.objects.waiting().exclude(pk=run.item).get(assignee=cast.song, account=cast.yunshan)
    complete(item=task, values={}, by=cast.actor("song"), at=NOW + timedelta(minutes=40))
    found = review_of(plan, actor=cast.actor("mei"))
    assert (found.done, found.known) == (1, 0), "done, though its goal is watched on"
    PlayRun.objects.filter(pk=run.pk).update(state="done", minutes=70, goal_reached_at=NOW)
    found = review_of(plan, actor=cast.actor("mei"))
    assert (found.done, found.spent, found.known, found.reached, found.worth_done) == (
        1,
        105,
        1,
        1,
        Decimal("4800.00"),
    )
    text = cast.client("mei").get(f"{WEEK}?view=review").content.decode()
    assert "1 of 2" in text and "105 of 180" in text and "reached" in text


def test_if_somebody_is_away_the_week_keeps_less(cast, plan) -> None:
    found = without(plan, person_id=cast.song.pk, at=NOW)
    assert found.lost == pytest.approx(4_800) and [one.account for one in found.gone] == [cast.yunshan.pk]
    assert plan.lines.planned().count() == 2, "nothing is kept of it"


def test_the_page_says_what_changes_if_somebody_is_away(cast, coming) -> None:
    client, where = cast.client("mei"), f"/plan/{coming.monday}/away/"
    asked = client.post(where, {"person": cast.bei.pk})
    waiting = client.get(asked.url).content.decode()
    assert "being solved without Bei" in waiting and "every 1s" in waiting and "Left out then" not in waiting
    drain(at=timezone.now() + timedelta(seconds=1))
    text = client.get(asked.url).content.decode()
    assert "Left out then" in text and "松涛软件" in text and "Without Bei" in text and "every 1s" not in text
    assert "Choose who is away" in client.post(where, {"person": "0"}, follow=True).content.decode()
    job = asked.url.rpartition("=")[2]
    other = coming.monday + timedelta(days=7)
    actions.solve_week(monday=other, by=SYSTEM, at=timezone.now())
    assert "Without Bei" not in client.get(f"/plan/{other}/?view=away&job={job}").content.decode()


def test_everybody_sees_their_own_lines_and_partners_nothing(cast, plan) -> None:
    assert [one.account for one in lines_of(plan, actor=cast.actor("song"))] == [cast.yunshan]
    text = cast.client("song").get(WEEK).content.decode()
    assert "云杉仪器" in text and "松涛软件" not in text and "plan-buttons" not in text
    assert "云杉仪器" not in cast.client("song").get(f"{WEEK}?view=left").content.decode().split("tabs")[0]
    assert cast.client("pan").get(WEEK).status_code == 403
    assert cast.client("song").post(f"{WEEK}solve/").status_code == 403


def test_the_workbench_begins_with_my_plan_and_my_bench(cast, plan, settings) -> None:
    text = cast.client("song").get("/").content.decode()
    assert text.index("/panels/my-plan/") < text.index("/panels/my-bench/") < text.index("/panels/signals/")
    this_week = WeekPlan.objects.filter(pk=plan.pk)
    this_week.update(monday=monday_of(timezone.localdate()))
    assert "No plan is published" in cast.client("song").get("/panels/my-plan/").content.decode()
    assert "waits to be published" in cast.client("mei").get("/panels/my-plan/").content.decode()
    actions.publish_week(plan=plan, by=SYSTEM, at=NOW)
    panel = cast.client("song").get("/panels/my-plan/").content.decode()
    assert "云杉仪器" in panel and "90 of 1,500 minutes" in panel
    assert "云杉仪器" in cast.client("song").get("/panels/my-bench/").content.decode()
    assert "asks nothing of you" in cast.client("oli").get("/panels/my-plan/").content.decode()


def test_a_manager_works_on_the_page(cast, rescue) -> None:
    client = cast.client("mei")
    monday = monday_of(timezone.localdate()) + timedelta(days=7)
    week = f"/plan/{monday}/"
    assert "This week is not planned" in client.get(week).content.decode()
    assert "being solved" in client.post(f"{week}solve/", follow=True).content.decode()
    drain(at=timezone.now() + timedelta(seconds=1))
    plan = WeekPlan.objects.get(monday=monday)
    text = client.get(week).content.decode()
    assert "松涛软件" in text and "at most" in text
    for view in ("accounts", "left", "hours", "away", "review"):
        assert client.get(f"{week}?view={view}").status_code == 200
    one = line(plan, cast.songtao)
    assert "Locked." in client.post(f"/plan/lines/{one.pk}/lock/", follow=True).content.decode()
    client.post(f"/plan/lines/{one.pk}/move/", {"person": cast.song.pk})
    one.refresh_from_db()
    assert one.person == cast.song
    page = client.post(f"/plan/lines/{one.pk}/drop/", follow=True).content.decode()
    undo_from(client, page)
    one.refresh_from_db()
    assert one.state == LineState.PLANNED
    client.post(f"/plan/lines/{one.pk}/drop/")
    offered = client.get(f"{week}add/?offer={one.account_id}:{rescue.pk}").content.decode()
    assert "松涛软件 · Rescue" in offered
    client.post(f"{week}add/", {"offer": f"{one.account_id}:{rescue.pk}", "person": cast.bei.pk})
    assert line(plan, cast.songtao).person == cast.bei
    assert "the bench" in client.get(f"{week}publish/").content.decode()
    page = client.post(f"{week}publish/", follow=True).content.decode()
    assert "now" in page and "Take back" in page
    undo_from(client, page)
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT
    client.post("/plan/settings/", {"practical": 70, "explore": 5, "touch_penalty": 10, "usual_minutes": 20})
    assert "70" in client.get("/plan/settings/").content.decode() and facts("plan_settings_changed") == 1


def test_programs_plan_too(cast, coming, rescue) -> None:
    rest, where = cast.rest("mei"), f"/api/v1/week-plans/{coming.monday}"
    assert rest.get("/api/v1/week-plans").json()["count"] == 1
    assert rest.get(where).json()["figures"]["gap"] <= 0.01
    assert cast.rest("song").get(where).json()["figures"] == {}
    lines = rest.get(f"{where}/lines").json()["items"]
    mine = next(one for one in lines if one["account_id"] == cast.songtao.pk)
    assert mine["parts"] == [{"person_id": cast.bei.pk, "role": "sales", "minutes": 90}]
    assert cast.rest("bei").get(f"{where}/lines").json()["count"] == 1
    one = f"/api/v1/week-plan-lines/{mine['id']}"
    assert rest.patch(one, {"person_id": cast.song.pk, "locked": False}, **JSON).json()["locked"] is False
    assert rest.delete(one).status_code == 204
    body = {"account_id": cast.songtao.pk, "play_id": rescue.pk, "person_id": cast.bei.pk}
    assert rest.post(f"{where}/lines", body, **JSON).status_code == 201
    assert rest.post(f"{where}/lines", body, **JSON).status_code == 422
    asked = rest.post(f"{where}/without", {"person_id": cast.bei.pk}, **JSON)
    one = f"{where}/without/{asked.json()['job']}"
    assert asked.status_code == 202 and rest.get(one).json()["lost"] is None
    drain(at=timezone.now() + timedelta(seconds=1))
    assert rest.get(one).json()["lost"] == pytest.approx(600) and rest.get(one).json()["state"] == "done"
    assert rest.post(f"{where}/publish").json()["runs"] >= 1
    assert rest.post(f"{where}/publish").status_code == 422
    assert rest.post(f"{where}/take-back").json()["runs"] >= 1
    assert rest.post(f"{where}/solve").json()["job_id"]
    assert rest.post(f"{where}/without", {"person_id": 99_999}, **JSON).status_code == 404
    assert rest.get(f"{where}/without/99999").status_code == 404
    assert rest.post("/api/v1/week-plans/2026-11-24/solve").status_code == 422
    assert rest.get("/api/v1/week-plans/2026-10-05").status_code == 404


def test_a_draft_is_made_by_the_calendar_and_a_published_week_stays(cast, rescue) -> None:
    from bihuan.act.plan.jobs import draft
    from bihuan.base.jobs import Run
    from bihuan.base.jobs.models import Job

    friday = NOW + timedelta(days=2)
    row = Job.objects.create(name="plan.draft", run_at=friday, created_at=friday)
    draft(Run(row=row, at=friday))
    assert row.result["lines"] == 2
    plan = WeekPlan.objects.get()
    assert plan.monday == MONDAY
    actions.publish_week(plan=plan, by=SYSTEM, at=friday)
    draft(Run(row=row, at=friday + timedelta(days=2)))
    assert row.result == {"published": True}


def test_a_week_is_named_by_its_monday(cast) -> None:
    client = cast.client("mei")
    assert client.get("/plan/2026-11-24/").status_code == 404 and client.get("/plan/soon/").status_code == 404
    assert client.get("/plan/").status_code == 302
    with pytest.raises(ValidationError, match="no Monday"):
        actions.ask_for_a_plan(monday=date(2026, 11, 24), by=SYSTEM, at=NOW)


def test_whoever_gets_plays_is_told_once_of_the_week(cast, plan) -> None:
    for account in (cast.yunshan, cast.songtao):
        actions.move_line(line=line(plan, account), person=cast.oli, by=SYSTEM, at=NOW)
    actions.publish_week(plan=plan, by=cast.actor("mei"), at=NOW)
    assert WorkItem.objects.waiting().of(cast.actor("oli")).count() == 2
    assert list(Notice.objects.values_list("user__username", "kind", "args__n")) == [
        ("oli", "plan.published", 2)
    ]
    text = cast.client("oli").get("/notices/").content.decode()
    assert "2 plays lie on your bench" in text
