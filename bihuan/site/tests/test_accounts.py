"""The list of customers, through HTTP."""

import pytest

from bihuan.know.accounts.models import Account, AccountTeam

LIST = "/accounts/"
HTMX = {"HX-Request": "true"}


def listed(cast, name, **params):
    return cast.client(name).get(LIST, params).content.decode()


def test_it_works(cards):
    text = listed(cards, "mei")
    assert "云杉仪器" in text
    assert "Endangered" in text
    assert "¥480,000" in text


SORTS = (
    "name tier health health_delta arr renews_on owner last_active_on "
    "active_people open_tickets industry region stage need"
)


@pytest.mark.parametrize("name", SORTS.split())
def test_every_sort_works_both_ways(cards, name):
    assert "2 entries" in listed(cards, "mei", sort=name)
    assert "2 entries" in listed(cards, "mei", sort=f"-{name}")


@pytest.mark.parametrize(
    "params",
    [
        {"band": "red"},
        {"tier": "S"},
        {"stage": "value"},
        {"industry": "制造"},
        {"renews_on_after": "2027-01-01"},
        {"q": "云"},
    ],
)
def test_every_filter_finds_yunshan_alone(cards, params):
    text = listed(cards, "mei", **params)
    assert "1 entry" in text
    assert "云杉仪器" in text


def test_a_sales_person_sees_their_region_only(cards):
    assert "松涛软件" not in listed(cards, "song")
    assert "云杉仪器" not in listed(cards, "bei")
    assert "云杉仪器" in listed(cards, "pan")


def test_a_batch_asks_sets_and_can_be_undone(cards):
    client, pk = cards.client("mei"), cards.yunshan.pk
    asked = client.post(LIST, {"do": "batch", "action": "tier", "ids": [pk]}, headers=HTMX).content.decode()
    assert "Set tier" in asked
    assert f'name="ids" value="{pk}"' in asked
    answer = client.post(
        LIST, {"do": "batch", "action": "tier", "ids": [pk], "confirmed": "1", "tier": "C"}, headers=HTMX
    )
    assert "Tier set for 1 account" in answer["HX-Trigger"]
    assert Account.objects.get(pk=pk).tier == "C"
    token = answer["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    client.post("/undo/", {"token": token}, headers=HTMX)
    assert Account.objects.get(pk=pk).tier == "S"


def test_a_batch_hands_accounts_over_and_keeps_the_team(cards):
    data = {
        "do": "batch",
        "action": "owner",
        "ids": [cards.yunshan.pk],
        "confirmed": "1",
        "owner": cards.mei.pk,
    }
    cards.client("mei").post(LIST, data)
    team = AccountTeam.objects.filter(account=cards.yunshan)
    assert team.get(is_owner=True).staff == cards.mei
    assert team.count() == 3


def test_a_batch_never_reaches_another_territory(cards):
    data = {"do": "batch", "action": "tier", "ids": [cards.yunshan.pk], "confirmed": "1", "tier": "C"}
    cards.client("bei").post(LIST, data)
    assert Account.objects.get(pk=cards.yunshan.pk).tier == "S"


def test_who_may_not_edit_has_no_batch(cards):
    assert "data-tick" not in listed(cards, "an")
    data = {"do": "batch", "action": "tier", "ids": [cards.yunshan.pk], "confirmed": "1", "tier": "C"}
    assert cards.client("an").post(LIST, data).status_code == 403


def test_the_palette_finds_accounts_and_people_of_the_territory(cards):
    assert "云杉仪器" in cards.client("song").get("/palette/", {"q": "云杉"}).content.decode()
    assert "林云" in cards.client("song").get("/palette/", {"q": "林云"}).content.decode()
    foreign = cards.client("bei").get("/palette/", {"q": "林"}).content.decode()
    assert "林云" not in foreign


def test_the_palette_tells_no_money_to_who_may_not_see_contracts(cards):
    assert "¥" in cards.client("mei").get("/palette/", {"q": "云杉"}).content.decode()
    text = cards.client("pan").get("/palette/", {"q": "云杉"}).content.decode()
    assert "云杉仪器" in text
    assert "¥" not in text
