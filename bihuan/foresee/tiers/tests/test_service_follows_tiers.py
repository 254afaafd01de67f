"""What service a tier gets, what that asks of each of us, and which few customers bring most."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.foresee.tiers.actions import change_policy, set_capacity
from bihuan.foresee.tiers.queries import BY, load_of_staff, offered, policy_of, shared
from bihuan.foresee.tiers.rules import minutes_a_week, pareto
from bihuan.know.accounts import actions as accounts

pytestmark = pytest.mark.django_db


def test_a_policy_is_read_by_other_rooms(cast) -> None:
    assert (policy_of("S").touch_days, policy_of("").tier) == (7, "C")
    change_policy(tier="S", touch_days=5, roles=["sales"], by=cast.actor("mei"), at=NOW)
    change_policy(tier="S", touch_days=5, by=cast.actor("mei"), at=NOW)
    found = policy_of("S")
    assert (found.touch_days, found.roles, found.touch_minutes) == (5, ("sales",), 60)
    payload = OutboxFact.objects.get(name="service_policy_changed").payload
    assert (payload["tier"], payload["before"]["touch_days"], payload["after"]["touch_days"]) == ("S", 7, 5)
    for field, value in (("touch_days", 0), ("roles", ["nobody"]), ("first_answer_hours", 100)):
        with pytest.raises(ValidationError):
            change_policy(tier="S", by=SYSTEM, at=NOW, **{field: value})


def test_load_is_accounts_times_touches_times_minutes(cast) -> None:
    """Song serves one S customer as sales: 60 minutes each week; then nine more fill more than 300 minutes."""
    (song,) = [one for one in load_of_staff(SYSTEM) if one.staff == cast.song]
    assert (song.accounts, song.minutes, song.capacity, song.share) == (
        {"S": 1, "A": 0, "B": 0, "C": 0},
        60,
        1500,
        0.04,
    )
    for number in range(9):
        account = accounts.add_account(key=f"n{number}", name=f"客户 {number}", tier="S", by=SYSTEM, at=NOW)
        accounts.change_team(account=account, members=[(cast.song, "sales", True)], by=SYSTEM, at=NOW)
    set_capacity(staff=cast.song, minutes=300, by=SYSTEM, at=NOW)
    first = load_of_staff(SYSTEM)[0]
    assert (first.staff, first.minutes, first.share) == (cast.song, 600, 2.0)
    change_policy(tier="S", roles=["operations"], by=SYSTEM, at=NOW)
    assert cast.song not in [one.staff for one in load_of_staff(SYSTEM)], "the policy asks no sales of S"
    page = cast.client("mei").get("/tiers/policy/").content.decode()
    assert "Service by tier" in page


def test_the_page_shows_who_has_more_than_fits(cast) -> None:
    set_capacity(staff=cast.song, minutes=30, by=SYSTEM, at=NOW)
    client = cast.client("mei")
    page = client.get("/tiers/policy/").content.decode()
    assert "1 person has more than fits." in page and "200 %" in page.replace("200%", "200 %")
    client.post(f"/tiers/capacity/{cast.song.pk}/", {"minutes": 600})
    form = {
        "roles": ["sales"],
        "touch_days": 3,
        "touch_minutes": 10,
        "first_answer_hours": 1,
        "solved_hours": 8,
    }
    client.post("/tiers/policy/S/", form)
    assert (policy_of("S").touch_days, load_of_staff(SYSTEM)[0].capacity) == (3, 600)
    assert client.get("/tiers/policy/X/").status_code == 404


def test_a_few_customers_bring_most(cast, contracts, event_home) -> None:
    assert [one.name for one in offered(cast.actor("mei"))] == ["revenue", "margin", "usage"]
    found = shared(BY[0], day=TODAY, actor=SYSTEM)
    assert [(row[1], row[3]) for row in found.rows] == [("云杉仪器", 40000.0), ("松涛软件", 5000.0)]
    assert (found.found.top, round(found.found.top_share, 4), found.found.half) == (1, 0.8889, 1)
    page = cast.client("mei").get("/tiers/pareto/").content.decode()
    assert "云杉仪器" in page and "brings <strong>89" in page
    assert (
        "No customer has a value yet." in cast.client("mei").get("/tiers/pareto/?by=usage").content.decode()
    )
    assert "松涛" not in cast.client("song").get("/tiers/pareto/").content.decode()
    assert [row[3] for row in shared(BY[0], day=TODAY - timedelta(days=3650), actor=SYSTEM).rows] == []


@given(st.lists(st.floats(min_value=-1e6, max_value=1e9, allow_nan=False), max_size=60))
def test_shares_rise_to_one_and_the_top_fifth_is_the_largest(values) -> None:
    found = pareto(values)
    positive = [value for value in values if value > 0]
    assert found.accounts == len(positive)
    assert list(found.curve) == sorted(found.curve)
    if positive:
        assert found.curve[-1] == 1.0
        assert found.top == -(-len(positive) // 5)
        largest = sum(sorted(positive, reverse=True)[: found.top])
        assert found.top_share == pytest.approx(largest / sum(positive))
        assert found.top_share >= 0.2 - 1e-9
        assert found.half <= -(-len(positive) // 2) + 1


@given(st.integers(0, 500), st.integers(1, 365), st.integers(1, 600))
def test_twice_the_accounts_ask_twice_the_minutes(number, days, minutes) -> None:
    one = minutes_a_week(accounts=number, touch_days=days, minutes=minutes)
    assert minutes_a_week(accounts=2 * number, touch_days=days, minutes=minutes) == pytest.approx(2 * one)
    assert minutes_a_week(accounts=number, touch_days=7, minutes=minutes) == number * minutes
