"""An operator says who is who and what belongs where; history follows, and a mistake is undone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.capture.identity.models import AccountAlias, Identity, Merge, UnknownAccount
from bihuan.capture.identity.rules import PUBLIC_MAIL, accounts_by_domain, domain_of
from bihuan.capture.store import get_store
from bihuan.know.accounts.actions import add_person, end_membership
from bihuan.know.accounts.models import Membership, Person
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM
from tests.events import happened, store_events


@pytest.fixture
def known(cast, event_home):
    """Lin is a member of Yunshan; Lin's second self sends under another id and belongs nowhere."""
    cast.product = add_product(name="Demo", by=SYSTEM, at=NOW)
    cast.other = add_person(key="lin2", name="林云（旧）", email="lin.yun@yunshan.example", by=SYSTEM, at=NOW)
    for person, distinct_id in ((cast.lin, "lin"), (cast.other, "lin2")):
        Identity.objects.create(product=cast.product, distinct_id=distinct_id, person=person, created_at=NOW)
    store_events(
        happened(
            "a", ts=NOW, account=cast.yunshan, person=cast.lin, product_id=cast.product.pk, distinct_id="lin"
        ),
        happened(
            "b", ts=NOW - timedelta(days=3), person=cast.other, product_id=cast.product.pk, distinct_id="lin2"
        ),
        happened("c", ts=NOW, person=cast.other, product_id=cast.product.pk, distinct_id="lin2"),
    )
    drain(at=NOW)
    return cast


def rows():
    drain(at=timezone.now() + timedelta(days=1))
    store = get_store()
    store.wait_applied(store.log.head())
    return store.execute(
        "SELECT name, person_id, account_id FROM events WHERE source_id <> 0 ORDER BY name"
    ).to_pylist()


def test_two_people_are_merged_and_the_merge_is_undone(known):
    client = known.client("oli")
    form = f"/people/{known.other.pk}/merge/"
    assert "no such other person" in client.post(form, {"person": known.other.pk}).content.decode()
    client.post(form, {"person": known.lin.pk})
    assert {row["person_id"] for row in rows()} == {known.lin.pk}
    assert set(Identity.objects.values_list("person_id", flat=True)) == {known.lin.pk}
    page = client.get(f"/people/{known.lin.pk}/").content.decode()
    assert "林云（旧）" in page and "Undo the merge" in page
    assert "is part of 林云" in client.get(f"/people/{known.other.pk}/").content.decode()
    assert "林云（旧）" not in client.get("/people/").content.decode()
    client.post(f"/people/{known.other.pk}/unmerge/")
    assert [row["person_id"] for row in rows()] == [known.lin.pk, known.other.pk, known.other.pk]
    assert Identity.objects.get(distinct_id="lin2").person == known.other
    assert Merge.objects.get().undone_at is not None
    assert client.post(f"/people/{known.other.pk}/unmerge/").status_code == 404
    names = list(
        OutboxFact.objects.filter(name__in=["people_merged", "merge_undone"]).values_list("name", flat=True)
    )
    assert sorted(names) == ["merge_undone", "people_merged"]


def test_memberships_go_along_and_come_back_also_those_that_both_had(known):
    from bihuan.capture.identity.actions import merge_by_hand, undo_merge
    from bihuan.know.accounts.actions import start_membership

    same_day = known.lin.memberships.get().starts_on
    start_membership(person=known.other, account=known.yunshan, starts_on=same_day, by=SYSTEM, at=NOW)
    start_membership(person=known.other, account=known.songtao, starts_on=date(2025, 7, 1), by=SYSTEM, at=NOW)
    merge = merge_by_hand(gone=known.other, stays=known.lin, by=SYSTEM, at=NOW)
    assert Membership.objects.filter(person=known.lin).count() == 2
    undo_merge(merge=merge, by=SYSTEM, at=NOW)
    undo_merge(merge=merge, by=SYSTEM, at=NOW)
    assert Membership.objects.filter(person=known.lin).count() == 1
    held = Membership.objects.filter(person=known.other).values_list("account__key", "starts_on")
    assert set(held) == {("yunshan", same_day), ("songtao", date(2025, 7, 1))}


def test_a_person_without_an_account_is_attached_as_the_e_mail_suggests_and_history_follows(known):
    client = known.client("oli")
    page = client.get("/people/unattached/").content.decode()
    assert "云杉仪器" in page and "1 member has yunshan.example" in page
    client.post("/people/unattached/", {"do": "batch", "action": "confirm", "ids": [known.other.pk]})
    held = Membership.objects.get(person=known.other)
    assert (held.account, held.starts_on) == (known.yunshan, (NOW - timedelta(days=3)).date())
    drain(at=held.person.created_at + timedelta(days=9999))
    assert {row["account_id"] for row in rows()} == {known.yunshan.pk}
    assert "林云（旧）" not in client.get("/people/unattached/").content.decode()


def test_a_refused_suggestion_does_not_come_back(known):
    client = known.client("oli")
    nothing = {"do": "batch", "action": "confirm", "ids": [known.he.pk]}
    assert client.post("/people/unattached/", nothing).status_code < 400
    client.post("/people/unattached/", {"do": "batch", "action": "refuse", "ids": [known.other.pk]})
    page = client.get("/people/unattached/").content.decode()
    assert "林云（旧）" in page and "yunshan.example</td>" not in page.replace(
        "lin.yun@yunshan.example</td>", ""
    )
    assert "1 member has" not in page
    assert OutboxFact.objects.filter(name="suggestion_refused").count() == 1


def test_an_end_in_the_past_takes_the_events_after_it_away_again(known):
    from bihuan.know.accounts.actions import start_membership

    held = start_membership(
        person=known.other, account=known.songtao, starts_on=date(2025, 1, 1), by=SYSTEM, at=NOW
    )
    drain(at=NOW)
    assert [row["account_id"] for row in rows()][1:] == [known.songtao.pk] * 2
    end_membership(membership=held, ends_on=(NOW - timedelta(days=1)).date(), by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert [row["account_id"] for row in rows()] == [known.yunshan.pk, known.songtao.pk, None]


def test_an_unknown_key_is_assigned_and_its_events_follow(known):
    store_events(happened("d", ts=NOW, product_id=known.product.pk, company="ys-01"))
    unknown = UnknownAccount.objects.create(
        product=known.product, key="ys-01", events=1, first_seen_at=NOW, last_seen_at=NOW
    )
    client = known.client("oli")
    assert "ys-01" in client.get("/unknown-accounts/").content.decode()
    wrong = client.post(f"/unknown-accounts/{unknown.pk}/", {"account_key": "nowhere"}).content.decode()
    assert "No account has this key or name" in wrong
    client.post(f"/unknown-accounts/{unknown.pk}/", {"account_key": "云杉仪器"})
    assert rows()[-1]["account_id"] == known.yunshan.pk
    assert AccountAlias.objects.get().account == known.yunshan
    assert not UnknownAccount.objects.exists()


def test_those_who_do_not_see_every_customer_see_no_stray_people_or_keys(known):
    UnknownAccount.objects.create(
        product=known.product, key="ys-01", events=1, first_seen_at=NOW, last_seen_at=NOW
    )
    known.oli.reach = "region"
    known.oli.save()
    client = known.client("oli")
    assert "林云（旧）" not in client.get("/people/unattached/").content.decode()
    assert "ys-01" not in client.get("/unknown-accounts/").content.decode()
    assert Person.objects.themselves().count() == 3


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a@x.cn", "b@X.cn", "c@y.com", "d@qq.com", "", "broken", "e@z"]),
            st.integers(1, 3),
        )
    )
)
def test_a_domain_points_to_an_account_only_when_it_tells_them_apart(members):
    found = accounts_by_domain(members)
    for domain, (account, number) in found.items():
        theirs = [one for email, one in members if domain_of(email) == domain]
        assert set(theirs) == {account} and len(theirs) == number
        assert domain not in PUBLIC_MAIL
    for email, account in members:
        if (domain := domain_of(email)) and domain not in found:
            assert len({one for other, one in members if domain_of(other) == domain}) > 1, account
