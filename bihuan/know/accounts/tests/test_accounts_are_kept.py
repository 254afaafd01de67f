"""Adding and changing accounts, owner teams, people and follow-ups, through the pages."""

from datetime import date

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.know.accounts import actions
from bihuan.know.accounts.models import Account, FollowUp, Membership, Person
from bihuan.know.accounts.queries import family_ids

pytestmark = pytest.mark.django_db


def last_fact():
    return OutboxFact.objects.latest("id")


def form(**more):
    return {"name": "新星", "key": "", "stage": "onboarding", "tier": "", **more}


def test_an_account_is_added_by_a_seller_who_then_owns_it(cast):
    answer = cast.client("song").post("/accounts/new/", form(industry="制造"))
    account = Account.objects.get(name="新星")
    assert answer["Location"] == f"/accounts/{account.pk}/"
    assert account.key.startswith("bh-")
    assert account.team.get().staff == cast.song
    assert Account.objects.visible_to(cast.actor("song")).filter(pk=account.pk).exists()


def test_an_account_added_over_rest_by_a_seller_stays_in_their_sight(cast):
    client = cast.rest("song")
    made = client.post("/api/v1/accounts", {"name": "新星"}, content_type="application/json").json()
    assert client.get(f"/api/v1/accounts/{made['id']}").status_code == 200
    assert Account.objects.get(pk=made["id"]).team.get().is_owner


def test_a_key_that_is_taken_comes_back_with_the_form(cast):
    answer = cast.client("mei").post("/accounts/new/", form(key="yunshan"))
    assert answer.status_code == 200
    assert "新星" in answer.content.decode()
    assert not Account.objects.filter(name="新星").exists()


def test_a_change_keeps_what_was_before_and_after(cast):
    fields = {"name": cast.yunshan.name, "key": "yunshan", "stage": "at_risk", "tier": "A", "region": cast.yunshan.region_id,
              "industry": "制造", "size": 1200, "signed_up_on": "2024-03-01"}  # fmt: skip
    cast.client("mei").post(f"/accounts/{cast.yunshan.pk}/edit/", fields)
    fact = last_fact()
    assert (fact.name, fact.actor_name, fact.account_id) == ("account_changed", "Mei", cast.yunshan.pk)
    assert (fact.payload["before"], fact.payload["after"]) == (
        {"stage": "value", "tier": "S"},
        {"stage": "at_risk", "tier": "A"},
    )
    number = OutboxFact.objects.count()
    cast.client("mei").post(f"/accounts/{cast.yunshan.pk}/edit/", fields)
    assert OutboxFact.objects.count() == number


def test_an_account_is_never_its_own_parent(cast):
    actions.change_account(account=cast.songtao, parent=cast.yunshan, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="parent"):
        actions.change_account(
            account=cast.yunshan, parent=Account.objects.get(key="songtao"), by=SYSTEM, at=NOW
        )
    assert sorted(family_ids(account=cast.yunshan)) == sorted([cast.yunshan.pk, cast.songtao.pk])


def test_the_owner_team_has_one_owner(cast):
    client = cast.client("mei")
    client.post(
        f"/accounts/{cast.songtao.pk}/team/",
        {"sales": cast.bei.pk, "analyst": cast.an.pk, "owner": "analyst"},
    )
    assert {(t.staff.username, t.role, t.is_owner) for t in cast.songtao.team.all()} == {
        ("bei", "sales", False),
        ("an", "analyst", True),
    }
    refused = client.post(f"/accounts/{cast.songtao.pk}/team/", {"sales": cast.bei.pk, "owner": "product"})
    assert "role" in refused.content.decode()
    with pytest.raises(ValidationError):
        actions.change_team(account=cast.songtao, members=[(cast.an, "analyst", True), (cast.bei, "sales", True)],
                            by=SYSTEM, at=NOW)  # fmt: skip


def test_a_person_joins_and_leaves(cast):
    client = cast.client("song")
    client.post(f"/accounts/{cast.yunshan.pk}/people/new/", {"name": "周一", "starts_on": "2026-01-01"})
    person = Person.objects.get(name="周一")
    membership = Membership.objects.get(person=person)
    assert client.get(f"/people/{person.pk}/").status_code == 200
    early = client.post(f"/memberships/{membership.pk}/end/", {"ends_on": "2025-12-31"})
    assert early.status_code == 200
    client.post(f"/memberships/{membership.pk}/end/", {"ends_on": "2026-06-01"})
    assert not Membership.objects.filter(pk=membership.pk).valid_on(date(2026, 6, 1)).exists()
    assert Membership.objects.filter(pk=membership.pk).valid_on(date(2026, 5, 31)).exists()


def test_a_change_of_a_person_keeps_the_values_out_of_the_audit(cast):
    cast.client("song").post(
        f"/people/{cast.lin.pk}/edit/", {"name": "林云", "email": "secret@yunshan.example"}
    )
    fact = last_fact()
    assert fact.payload["fields"] == ["email"]
    assert "secret" not in str(fact.payload)
    nameless = cast.client("song").post(f"/people/{cast.lin.pk}/edit/", {"name": "", "email": ""})
    assert nameless.status_code == 200


def test_a_membership_that_is_open_is_not_started_twice(cast):
    first = Membership.objects.get(person=cast.lin)
    again = actions.start_membership(
        person=cast.lin, account=cast.yunshan, starts_on=date(2026, 1, 1), by=SYSTEM, at=NOW
    )
    assert again == first


def test_a_task_needs_a_colleague_who_sees_the_account(cast):
    with pytest.raises(ValidationError, match="territory"):
        actions.add_follow_up(
            account=cast.songtao, kind="task", text="打电话", assignee=cast.song, by=SYSTEM, at=NOW
        )
    with pytest.raises(ValidationError, match="colleague"):
        actions.add_follow_up(account=cast.songtao, kind="question", text="?", by=SYSTEM, at=NOW)
    task = actions.add_follow_up(account=cast.songtao, kind="task", text="打电话", assignee=cast.bei, by=SYSTEM, at=NOW,
                                 due_on=date(2026, 11, 20))  # fmt: skip
    assert last_fact().name == "task_assigned"
    actions.finish_follow_up(follow_up=task, by=SYSTEM, at=NOW)
    actions.finish_follow_up(follow_up=task, by=SYSTEM, at=NOW)
    actions.reopen_follow_up(follow_up=task, by=SYSTEM, at=NOW)
    assert FollowUp.objects.get().done_at is None
    assert list(OutboxFact.objects.filter(name__startswith="follow_up").values_list("name", flat=True)) == [
        "follow_up_done",
        "follow_up_reopened",
    ]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("mei", {"yunshan", "songtao"}),
        ("song", {"yunshan"}),
        ("bei", {"songtao"}),
        ("qin", {"yunshan"}),
        ("pan", {"yunshan"}),
    ],
)
def test_a_territory_holds_own_team_region_or_all(cast, who, sees):
    assert set(Account.objects.visible_to(cast.actor(who)).values_list("key", flat=True)) == sees


def test_a_region_brings_the_regions_below_it(cast):
    from bihuan.know.staff.models import Region

    below = Region.objects.create(code="guangzhou", name="广州", parent=Region.objects.get(code="south"))
    actions.add_account(name="羊城", region=below, by=SYSTEM, at=NOW)
    assert Account.objects.visible_to(cast.actor("song")).filter(name="羊城").exists()
