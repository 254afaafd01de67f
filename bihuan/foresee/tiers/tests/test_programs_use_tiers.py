"""Programs read and change tiers through the same doors."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
GRID = {
    "columns": ["m.mrr"],
    "rows": [{"cells": [">= 30000"], "tier": "A"}, {"cells": ["-"], "tier": "C", "note": "x"}],
}


def test_programs_change_preview_and_apply_rules(cast, contracts, event_home) -> None:
    rest = cast.rest("mei")
    assert rest.get("/api/v1/tiers/rules").json()["columns"][0] == "m.mrr"
    preview = rest.post("/api/v1/tiers/preview", GRID, **JSON).json()
    assert (preview["number"], preview["after"]) == (2, {"A": 1, "C": 1})
    wrong = {**GRID, "columns": ["m.nothing"]}
    assert rest.put("/api/v1/tiers/rules", wrong, **JSON).status_code == 422
    bad = {**GRID, "rows": [{"cells": ["\x01"], "tier": "A"}]}
    assert rest.put("/api/v1/tiers/rules", bad, **JSON).status_code == 422
    done = rest.put("/api/v1/tiers/rules", GRID, **JSON).json()
    assert done["rows"][1] == {"cells": ["-"], "tier": "C", "note": "x"} and "decisionTable" in done["xml"]
    first = rest.post("/api/v1/tiers/apply")
    assert first.status_code == 202 and rest.post("/api/v1/tiers/apply").json() == first.json(), (
        "it waits already"
    )
    drain(at=timezone.now() + timedelta(seconds=1))
    assert Job.objects.get(pk=first.json()["job"]).result == {"moved": 2}
    moves = rest.get("/api/v1/tiers/moves", {"account_id": cast.yunshan.pk}).json()["items"]
    assert [(one["before"], one["after"], one["why"], one["row"]) for one in moves] == [
        ("S", "A", "rules", 1)
    ]
    assert cast.rest("bei").get("/api/v1/tiers/moves").json()["count"] == 1
    assert cast.rest("oli").post("/api/v1/tiers/apply").status_code == 403


def test_programs_judge_and_except_accounts(cast, contracts, event_home) -> None:
    rest, address = cast.rest("oli"), f"/api/v1/accounts/{cast.yunshan.pk}"
    found = rest.put(f"{address}/scores", {"potential": 70}, **JSON).json()
    assert (found["scores"], found["tier"], found["policy"]["touch_days"]) == ({"potential": 70}, "S", 7)
    until = (timezone.localdate() + timedelta(days=10)).isoformat()
    body = {"tier": "B", "reason": "并购中", "expires_on": until}
    assert rest.put(f"{address}/tier-exception", body, **JSON).json()["tier"] == "B"
    assert (
        rest.put(f"{address}/tier-exception", body | {"expires_on": "2020-01-01"}, **JSON).status_code == 422
    )
    assert rest.get(f"{address}/tier").json()["exception"]["reason"] == "并购中"
    assert rest.delete(f"{address}/tier-exception").status_code == 204
    assert rest.get(f"{address}/tier").json()["tier"] == "S"
    assert cast.rest("bei").get(f"{address}/tier").status_code == 404


def test_programs_read_policies_load_and_pareto(cast, contracts, event_home) -> None:
    rest = cast.rest("mei")
    assert [one["tier"] for one in rest.get("/api/v1/tiers/policies").json()] == ["S", "A", "B", "C"]
    assert rest.patch("/api/v1/tiers/policies/A", {"touch_days": 10}, **JSON).json()["touch_days"] == 10
    assert rest.patch("/api/v1/tiers/policies/Z", {}, **JSON).status_code == 422
    assert rest.put(f"/api/v1/tiers/capacities/{cast.song.pk}", {"minutes": 30}, **JSON).json() == {
        "minutes": 30
    }
    first = rest.get("/api/v1/tiers/load").json()[0]
    assert (first["name"], first["share"]) == ("Song", 2.0)
    found = rest.get("/api/v1/tiers/pareto", {"by": "revenue"}).json()
    assert (found["total"], found["top"], found["rows"][0]["account_id"]) == (45000, 1, cast.yunshan.pk)
    found = rest.get("/api/v1/tiers/pareto", {"by": "margin"}).json()
    assert (found["total"], found["below"]) == (45000, 0)
