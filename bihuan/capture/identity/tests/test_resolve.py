"""Ids become people and accounts while events arrive."""

from datetime import UTC, date, datetime

from bihuan.capture.identity.actions import Sighting, adopt_keyed_people
from bihuan.capture.identity.models import Identity, UnknownAccount
from bihuan.capture.identity.queries import ids_of, unknown_accounts
from bihuan.capture.identity.tests.conftest import LATER
from bihuan.capture.store import get_store
from bihuan.know.accounts.actions import add_person, end_membership
from bihuan.know.accounts.models import Person
from tests.cast import NOW, SYSTEM


def test_it_works(scene) -> None:
    first, again = scene.see("u1"), scene.see("u1")
    assert first == again
    assert Person.objects.get().anonymous
    assert ids_of(person_id=first.person_id) == ["u1"]


def test_an_id_that_is_a_persons_key_is_that_person_in_every_product(scene, cast) -> None:
    assert scene.see("lin").person_id == cast.lin.pk


def test_ids_of_two_products_are_two_people(scene, cast) -> None:
    from bihuan.know.products.actions import add_product

    other = add_product(name="Other", by=SYSTEM, at=NOW)
    mine = scene.see("u1").person_id
    [theirs] = scene.resolver.people(product_id=other.pk, ids=["u1"], said={}, at=NOW)
    assert mine != theirs


def test_identify_merges_the_anonymous_person_into_the_known_one(scene) -> None:
    anonymous, known = scene.see("anon-1"), scene.see("u1", identified=True)
    merged = scene.see("u1", same_as="anon-1", identified=True)
    assert merged == known
    assert scene.see("anon-1").person_id == known.person_id
    assert not Person.objects.filter(pk=anonymous.person_id).exists()
    assert get_store().log.head() == 1, "the correction is in the event log"


def test_identify_makes_the_anonymous_person_known_when_the_id_is_new(scene) -> None:
    anonymous = scene.see("anon-1")
    assert scene.see("u1", same_as="anon-1", identified=True).person_id == anonymous.person_id
    person = Person.objects.get()
    assert (person.anonymous, person.key) == (False, "u1")


def test_identify_with_an_anonymous_id_never_seen_links_it(scene) -> None:
    known = scene.see("u1", same_as="anon-9", identified=True)
    assert scene.see("anon-9") == known


def test_two_known_people_stay_two(scene) -> None:
    first, second = scene.see("u1", identified=True), scene.see("u2", identified=True)
    assert scene.see("u1", same_as="u2", identified=True) == first
    assert scene.see("u2") == second
    assert Person.objects.count() == 2


def test_a_second_sign_in_at_one_browser_is_another_person(scene) -> None:
    scene.see("anon-1")
    first = scene.see("u1", same_as="anon-1", identified=True)
    second = scene.see("u2", same_as="anon-1", identified=True)
    assert first.person_id != second.person_id


def test_a_whole_story_in_one_batch_ends_the_same(scene) -> None:
    def said(distinct_id, **more):
        return Sighting(distinct_id=distinct_id, **more)

    found = scene.all(said("a1"), said("u1", same_as="a1", identified=True), said("a2"),
                      said("u1", same_as="a2", identified=True), said("a1"), said(None))  # fmt: skip
    people = {answer.person_id for answer in found}
    assert people == {Person.objects.get().pk, None}
    assert Identity.objects.count() == 3


def test_traits_name_the_person_and_are_written_once(scene, django_assert_num_queries) -> None:
    traits = {"name": "Anna", "email": "anna@example.org", "plan": "pro"}
    scene.see("u1", set=traits)
    person = Person.objects.get()
    assert (person.name, person.email, person.props["plan"], person.anonymous) == (
        "Anna", "anna@example.org", "pro", True)  # fmt: skip
    with django_assert_num_queries(0):
        scene.see("u1", set=traits)


def test_what_is_remembered_asks_no_database(scene, django_assert_num_queries) -> None:
    scene.all(*(Sighting(distinct_id=f"u{n}") for n in range(1200)))
    with django_assert_num_queries(0):
        scene.all(*(Sighting(distinct_id=f"u{n}") for n in range(1200)))


def test_the_account_named_on_the_event_counts_before_the_membership(scene, cast) -> None:
    assert scene.see("lin", company="songtao").account_id == cast.songtao.pk
    assert scene.see("lin").account_id == cast.yunshan.pk
    assert scene.see("stranger").account_id is None


def test_the_membership_at_the_time_of_the_event_counts(scene, cast) -> None:
    end_membership(membership=cast.lin.memberships.get(), ends_on=date(2026, 5, 5), by=SYSTEM, at=NOW)
    last_minute = datetime(2026, 5, 4, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert scene.see("lin", ts=last_minute).account_id == cast.yunshan.pk
    assert scene.see("lin", ts=last_minute.replace(hour=16, minute=0)).account_id is None
    assert scene.see("lin", ts=datetime(2024, 1, 1, tzinfo=UTC)).account_id is None


def test_an_unknown_account_is_counted_and_never_made(scene, cast) -> None:
    for at in (NOW, NOW, LATER):
        assert scene.see("lin", company="nowhere", at=at).account_id is None
    scene.resolver.finish()
    unknown = UnknownAccount.objects.get()
    assert (unknown.key, unknown.events, unknown.first_seen_at, unknown.last_seen_at) == (
        "nowhere",
        3,
        NOW,
        LATER,
    )
    assert [row.key for row in unknown_accounts(actor=cast.actor("mei"))] == ["nowhere"]
    assert unknown_accounts(actor=cast.actor("pan")) == []


def test_an_account_added_later_is_found_at_once(scene, cast) -> None:
    from bihuan.know.accounts.actions import add_account

    assert scene.see("u1", company="new").account_id is None
    account = add_account(key="new", name="New", by=SYSTEM, at=NOW)
    assert scene.see("u1", company="new").account_id == account.pk


def test_a_person_imported_later_takes_the_waiting_events(scene) -> None:
    waiting = scene.see("wang")
    person = add_person(key="wang", name="王", by=SYSTEM, at=NOW)
    assert adopt_keyed_people() == 1
    scene.resolver.forget()
    assert scene.see("wang").person_id == person.pk
    assert not Person.objects.filter(pk=waiting.person_id).exists()
    assert adopt_keyed_people() == 0
