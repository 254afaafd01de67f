"""Regions form a tree that decides who sees whom; teams share their customers. An administrator keeps both."""

import pytest
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.know.staff.actions import add_region, change_region
from bihuan.know.staff.models import Region, Team
from tests.cast import NOW, SYSTEM


def test_an_administrator_adds_a_region_below_another_and_its_sales_person_sees_the_customers_there(cast):
    south = Region.objects.get(code="south")
    page = cast.client("root").post(
        "/regions/new/", {"name": "深圳", "code": "sz", "parent": south.pk}, follow=True
    )
    assert "深圳" in page.content.decode()
    shenzhen = Region.objects.get(code="sz")
    cast.songtao.region = shenzhen
    cast.songtao.save()
    assert cast.client("song").get(f"/accounts/{cast.songtao.pk}/").status_code == 200
    assert OutboxFact.objects.get(name="region_added").payload["code"] == "sz"


def test_a_region_is_renamed_and_moved_but_never_below_itself(cast):
    south, north = Region.objects.get(code="south"), Region.objects.get(code="north")
    below = add_region(name="深圳", code="sz", parent=south, by=SYSTEM, at=NOW)
    form = cast.client("root").post(f"/regions/{south.pk}/", {"name": "南方", "parent": below.pk})
    assert "cannot be part of itself" in form.content.decode()
    south.refresh_from_db()
    assert (south.name, south.parent) == ("south", None)
    cast.client("root").post(f"/regions/{below.pk}/", {"name": "深圳", "parent": north.pk})
    below.refresh_from_db()
    assert below.parent == north
    fact = OutboxFact.objects.get(name="region_changed")
    assert (fact.payload["before"]["parent"], fact.payload["after"]["parent"]) == ("south", "north")
    with pytest.raises(ValidationError):
        change_region(region=north, name="north", parent=below, by=SYSTEM, at=NOW)


def test_saving_a_region_as_it_is_tells_nobody(cast):
    south = Region.objects.get(code="south")
    change_region(region=south, name="south", parent=None, by=SYSTEM, at=NOW)
    assert not OutboxFact.objects.filter(name="region_changed").exists()


def test_a_team_is_founded_and_renamed_and_the_list_counts_its_members(cast):
    client = cast.client("root")
    client.post("/teams/new/", {"name": "交付组", "code": "delivery"})
    team = Team.objects.get(code="delivery")
    assert client.get(f"/teams/{team.pk}/").status_code == 200
    client.post(f"/teams/{team.pk}/", {"name": "交付一组"})
    team.refresh_from_db()
    assert team.name == "交付一组"
    page = client.get("/teams/?q=KA").content.decode()
    assert "KA" in page and ">2<" in page.replace(" ", "").replace("\n", "")


def test_a_code_that_is_taken_is_refused_in_words(cast):
    client = cast.client("root")
    assert "already exists" in client.post("/teams/new/", {"name": "x", "code": "ka"}).content.decode()
    assert "already exists" in client.post("/regions/new/", {"name": "x", "code": "south"}).content.decode()


def test_programs_keep_the_same_structure_over_rest(cast):
    rest = cast.rest("root")
    made = rest.post(
        "/api/v1/regions", {"code": "sz", "name": "深圳", "parent_code": "south"}, "application/json"
    )
    assert made.status_code == 201
    pk = made.json()["id"]
    moved = rest.patch(f"/api/v1/regions/{pk}", {"parent_code": None}, "application/json").json()
    assert (moved["name"], moved["parent_id"]) == ("深圳", None)
    wrong = rest.post(
        "/api/v1/regions", {"code": "x", "name": "x", "parent_code": "nowhere"}, "application/json"
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "parent_code")
    team = rest.post("/api/v1/teams", {"code": "east", "name": "东"}, "application/json").json()
    assert (
        rest.patch(f"/api/v1/teams/{team['id']}", {"name": "华东"}, "application/json").json()["name"]
        == "华东"
    )
    assert {"ka", "east"} <= {one["code"] for one in rest.get("/api/v1/teams").json()["items"]}
    assert {"north", "south", "sz"} == {one["code"] for one in rest.get("/api/v1/regions").json()["items"]}


def test_programs_add_and_change_colleagues_over_rest(cast):
    rest = cast.rest("root")
    body = {"name": "林经理", "username": "lin", "roles": ["sales"], "reach": "region", "region_codes": ["south"],
            "team_code": "ka"}  # fmt: skip
    made = rest.post("/api/v1/staff", body, "application/json")
    assert (made.status_code, made.json()["roles"]) == (201, ["sales"])
    where = f"/api/v1/staff/{made.json()['id']}"
    assert rest.patch(where, {"is_active": False}, "application/json").json()["is_active"] is False
    assert rest.patch(where, {"roles": ["nobody"]}, "application/json").status_code == 422
    last = rest.patch(f"/api/v1/staff/{cast.root.pk}", {"roles": ["sales"]}, "application/json")
    assert last.status_code == 422
    cast.root.refresh_from_db()
    assert cast.root.roles == ["admin"]
