"""The decision chain: coverage, single thread, champions, silence."""

from datetime import UTC, date, datetime, timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from bihuan.know.accounts.actions import add_person
from bihuan.know.chain.actions import import_chain, record_contact, set_chain_member
from bihuan.know.chain.models import ChainMember
from bihuan.know.chain.queries import state_of, states
from bihuan.know.chain.rules import ROLES_TO_COVER, Link, chain_state

links = st.builds(
    Link,
    person_id=st.integers(1, 5),
    role=st.sampled_from([*ROLES_TO_COVER, "influencer", "blocker"]),
    stance=st.integers(-2, 2),
    influence=st.integers(0, 3),
    last_contact_on=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31))),
)


@given(st.lists(links, max_size=12), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_covered_and_missing_roles_make_the_five_and_silence_never_falls(members, day):
    state = chain_state(members, on=day)
    later = chain_state(members, on=day + timedelta(days=30))
    assert sorted(state.covered + state.missing) == sorted(ROLES_TO_COVER)
    assert 0 <= state.coverage <= 1
    if state.champion_silent_days is not None:
        assert later.champion_silent_days >= state.champion_silent_days
    assert state.single_thread == (bool(members) and state.people_in_touch <= 1)


@pytest.mark.django_db
def test_one_person_in_touch_is_a_single_thread_until_a_second_is_met(cast):
    def put(person, role, **more):
        return set_chain_member(
            account=cast.yunshan, person=person, role=role, stance=1, influence=2, by=SYSTEM, at=NOW, **more
        )

    put(cast.lin, "user", last_contact_on=TODAY - timedelta(days=3))
    assert state_of(account=cast.yunshan, on=TODAY).single_thread
    second = add_person(account=cast.yunshan, name="赵二", by=SYSTEM, at=NOW)
    member = put(second, "decision_maker")
    assert state_of(account=cast.yunshan, on=TODAY).single_thread
    record_contact(member=member, on=TODAY, by=SYSTEM, at=NOW)
    state = states(account_ids=[cast.yunshan.pk], on=TODAY)[cast.yunshan.pk]
    assert (state.single_thread, state.people_in_touch, state.champions) == (False, 2, 2)
    assert state.missing == ("evaluator", "budget_holder", "signer")


@pytest.mark.django_db
def test_strangers_and_future_contacts_are_refused(cast):
    with pytest.raises(ValidationError, match="belong"):
        set_chain_member(
            account=cast.yunshan, person=cast.he, role="user", stance=0, influence=1, by=SYSTEM, at=NOW
        )
    with pytest.raises(ValidationError, match="future"):
        set_chain_member(account=cast.yunshan, person=cast.lin, role="user", stance=0, influence=1, by=SYSTEM, at=NOW,
                         last_contact_on=TODAY + timedelta(days=2))  # fmt: skip
    with pytest.raises(ValidationError):
        set_chain_member(
            account=cast.yunshan, person=cast.lin, role="user", stance=3, influence=1, by=SYSTEM, at=NOW
        )


@pytest.mark.django_db
def test_the_panel_draws_the_graph_and_names_what_is_missing(cast):
    client = cast.client("song")
    where = f"/accounts/{cast.yunshan.pk}/chain/"
    client.post(
        f"{where}new/",
        {"person": cast.lin.pk, "role": "user", "stance": 2, "influence": 3, "last_contact_on": TODAY},
    )
    member = ChainMember.objects.get()
    page = client.get(f"/accounts/{cast.yunshan.pk}/panels/chain/").content.decode()
    assert '"type": "graph"' in page
    assert "Signer" in page and "Single thread" in page
    client.post(
        f"{where}{member.pk}/", {"person": cast.lin.pk, "role": "signer", "stance": -1, "influence": 1}
    )
    assert [(m.role, m.stance) for m in ChainMember.objects.all()] == [("signer", -1)]
    member = ChainMember.objects.get()
    client.post(f"{where}{member.pk}/contacted/")
    client.post(f"{where}{member.pk}/remove/")
    assert ChainMember.objects.count() == 0


@pytest.mark.django_db
def test_a_contact_on_the_organisations_day_is_not_in_the_future_although_utc_is_a_day_behind(cast):
    early = datetime(2026, 11, 17, 22, 30, tzinfo=UTC)  # half past six in the morning of the 18th in Shanghai
    person = add_person(account=cast.yunshan, name="赵二", by=SYSTEM, at=early)
    assert person.memberships.get().starts_on == date(2026, 11, 18)
    member = set_chain_member(
        account=cast.yunshan, person=person, role="user", stance=0, influence=1, by=SYSTEM, at=early
    )
    record_contact(member=member, on=date(2026, 11, 18), by=SYSTEM, at=early)
    member.refresh_from_db()
    assert member.last_contact_on == date(2026, 11, 18)


@pytest.mark.django_db
def test_a_change_of_role_that_is_refused_leaves_the_place_as_it_was(cast):
    member = set_chain_member(
        account=cast.yunshan, person=cast.lin, role="user", stance=2, influence=3, by=SYSTEM, at=NOW
    )
    form = {
        "person": cast.lin.pk,
        "role": "signer",
        "stance": 1,
        "influence": 1,
        "last_contact_on": "2099-01-01",
    }
    answer = cast.client("song").post(f"/accounts/{cast.yunshan.pk}/chain/{member.pk}/", form)
    assert "future" in answer.content.decode()
    assert [(m.pk, m.role) for m in ChainMember.objects.all()] == [(member.pk, "user")]


@pytest.mark.django_db
def test_a_second_import_of_a_chain_changes_nothing(cast):
    row = {"account_key": "yunshan", "person_key": "lin", "role": "user", "stance": 1, "influence": 2}
    first = import_chain(rows=[row], by=SYSTEM, at=NOW)
    second = import_chain(rows=[row], by=SYSTEM, at=NOW + timedelta(days=1))
    assert (first.created, second.created, second.updated, second.unchanged) == (1, 0, 0, 1)


@pytest.mark.django_db
def test_the_chain_is_read_and_written_over_rest(cast):
    client = cast.client("song")
    from bihuan.base.access.actions import create_token

    _row, secret = create_token(
        staff=cast.song, name="t", scopes=["chain.view", "chain.edit"], by=SYSTEM, at=NOW
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    where = f"/api/v1/accounts/{cast.yunshan.pk}/chain"
    body = {"person_id": cast.lin.pk, "role": "budget_holder", "stance": 1, "influence": 3}
    assert client.post(where, body, content_type="application/json").status_code == 200
    assert client.get(where).json()["coverage"] == 0.2
    wrong = client.post(where, body | {"role": "king"}, content_type="application/json")
    assert wrong.status_code == 422
    assert "king" in wrong.json()["detail"] or "role" in wrong.json()["detail"]
