"""What a page changes, a program changes over REST, through the same door: teams, people, lines, overrides, jobs."""

from datetime import timedelta

from django.utils.timezone import localdate

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.models import Job
from bihuan.know.accounts.models import Membership
from tests.cast import NOW

JSON = "application/json"


def test_a_product_is_added_and_renamed(cast):
    rest = cast.rest("root")
    made = rest.post("/api/v1/products", {"name": "Yuntai"}, JSON)
    assert (made.status_code, made.json()["code"]) == (201, "yuntai")
    renamed = rest.patch(f"/api/v1/products/{made.json()['id']}", {"name": "云台"}, JSON).json()
    assert (renamed["name"], renamed["code"]) == ("云台", "yuntai")


def test_the_owner_team_is_replaced_and_keeps_one_owner(cast):
    rest = cast.rest("mei")
    where = f"/api/v1/accounts/{cast.yunshan.pk}/team"
    members = [{"staff_id": cast.qin.pk, "role": "operations", "is_owner": False},
               {"staff_id": cast.song.pk, "role": "sales", "is_owner": True}]  # fmt: skip
    put = rest.put(where, {"members": members}, JSON)
    assert [(one["staff_id"], one["is_owner"]) for one in put.json()] == [
        (cast.song.pk, True),
        (cast.qin.pk, False),
    ]
    assert rest.get(where).json() == put.json()
    wrong = rest.put(where, {"members": [one | {"is_owner": True} for one in members]}, JSON)
    assert wrong.status_code == 422
    assert rest.get(where).json() == put.json()


def test_a_person_is_changed_and_their_membership_ended(cast):
    rest = cast.rest("song")
    changed = rest.patch(f"/api/v1/people/{cast.lin.pk}", {"title": "信息部总监"}, JSON).json()
    assert changed["title"] == "信息部总监" == rest.get(f"/api/v1/people/{cast.lin.pk}").json()["title"]
    held = rest.get(f"/api/v1/accounts/{cast.yunshan.pk}/memberships").json()["items"][0]
    ended = rest.post(f"/api/v1/memberships/{held['id']}/end", {"ends_on": "2026-11-01"}, JSON).json()
    assert ended["ends_on"] == "2026-11-01"
    assert str(Membership.objects.get(pk=held["id"]).ends_on) == "2026-11-01"
    early = rest.post(f"/api/v1/memberships/{held['id']}/end", {"ends_on": "2000-01-01"}, JSON)
    assert early.status_code == 422


def test_a_line_is_added_to_a_contract_and_changed(cast, contracts):
    rest = cast.rest("song")
    made = rest.post(
        f"/api/v1/contracts/{contracts['yunshan'].pk}/lines", {"name": "More", "mrr": "8000.00"}, JSON
    )
    assert (made.status_code, made.json()["starts_on"]) == (201, "2025-01-10")
    where = f"/api/v1/contracts/lines/{made.json()['id']}"
    assert rest.patch(where, {"seats": 20}, JSON).json()["seats"] == 20
    assert rest.patch(where, {"mrr": "9000.00", "ends_on": None}, JSON).json()["mrr"] == "9000.00"
    assert rest.get("/api/v1/revenue?as_of=2026-01-01").json()["mrr"] == "49000.00"


def test_null_empties_the_end_of_a_contract_and_leaves_what_cannot_be_empty(cast, contracts):
    rest = cast.rest("song")
    where = f"/api/v1/contracts/{contracts['yunshan'].pk}"
    before = rest.patch(where, {"name": "A", "ends_on": "2027-01-09"}, JSON).json()
    after = rest.patch(where, {"name": None, "billing": None, "auto_renew": None, "ends_on": None}, JSON)
    changed = {key for key, value in after.json().items() if value != before[key]}
    assert (after.status_code, changed) == (200, {"ends_on", "days_to_renewal"})


def test_an_override_ends_over_rest_and_versions_of_the_model_are_listed(cast):
    rest = cast.rest("mei")
    where = f"/api/v1/accounts/{cast.yunshan.pk}/health/override"
    put = rest.post(
        where, {"score": 30, "reason": "takeover", "expires_on": str(localdate() + timedelta(days=30))}, JSON
    )
    assert put.status_code == 204
    assert rest.delete(where).status_code == 204
    assert OutboxFact.objects.filter(name__contains="health_overr").count() == 2
    rest.get("/api/v1/health/model")
    assert rest.get("/api/v1/health/models").json()["items"][0]["version"] == 1


def test_a_job_that_was_given_up_is_tried_again_and_stopped(cast):
    job = Job.objects.create(
        name="jobs.sweep", run_at=NOW, created_at=NOW, state=Job.State.PARKED, error="no disk"
    )
    rest = cast.rest("root")
    parked = rest.get("/api/v1/jobs?state=parked").json()["items"]
    assert [(one["id"], one["error"]) for one in parked] == [(job.pk, "no disk")]
    assert rest.post(f"/api/v1/jobs/{job.pk}/retry").json()["state"] == "queued"
    again = rest.post(f"/api/v1/jobs/{job.pk}/retry")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "state")
    assert rest.post(f"/api/v1/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    assert rest.post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 422


def test_the_audit_is_read_by_name_account_and_time(cast):
    rest = cast.rest("mei")
    found = rest.get(f"/api/v1/audit?name=account_added&account_id={cast.yunshan.pk}").json()["items"]
    assert [(one["name"], one["account_id"]) for one in found] == [("account_added", cast.yunshan.pk)]
    assert rest.get("/api/v1/audit?since=2099-01-01T00:00:00Z").json()["items"] == []


def test_the_workbench_answers_within_the_territory(cast, contracts, event_home):
    from bihuan.foresee.health.actions import compute_health
    from bihuan.foresee.health.actions.models import ensure_model
    from bihuan.site.cards import refresh_cards
    from tests.cast import SYSTEM, TODAY

    ensure_model(at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    refresh_cards(at=NOW)
    everyone, south = (cast.rest(name).get("/api/v1/workbench").json() for name in ("mei", "song"))
    assert (everyone["accounts"], south["accounts"]) == (2, 1)
    assert {row["name"] for row in south["rows"]} <= {"云杉仪器"}
    assert cast.rest("mei").get("/api/v1/workbench?scope=nobody").status_code == 422
