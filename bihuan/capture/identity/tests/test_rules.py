"""Who is who, as pure decisions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.identity.rules import (
    Belongs,
    Known,
    Verdict,
    account_on,
    changed_traits,
    identify,
    why_refused,
)

people = st.none() | st.builds(Known, person_id=st.integers(1, 5), anonymous=st.booleans())
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


NOBODYS = (
    "",
    "  ",
    "null",
    "NULL",
    "undefined",
    "guest",
    "0",
    "None",
    "'null'",
    "[object Object]",
    "x" * 256,
)
NOBODYS += ("a\x00b", "00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("distinct_id", NOBODYS)
def test_ids_that_everybody_has_are_refused_with_a_reason(distinct_id: str) -> None:
    assert why_refused(distinct_id)


@pytest.mark.parametrize(
    "distinct_id", ["u1", "42", "00", "null-island", "guest42", "anna@example.org", "林云"]
)
def test_ids_of_somebody_are_taken(distinct_id: str) -> None:
    assert why_refused(distinct_id) is None


@given(people, people)
def test_two_known_people_never_merge(main: Known | None, other: Known | None) -> None:
    verdict = identify(main=main, other=other)
    if verdict == Verdict.MERGE:
        assert main is not None
        assert other is not None
        assert other.anonymous
        assert main.person_id != other.person_id
    if main and other and not main.anonymous and not other.anonymous and main.person_id != other.person_id:
        assert verdict == Verdict.KEEP_APART


def test_a_known_person_is_not_taken_over_by_a_new_id() -> None:
    """Two people at one browser: the second sign-in must not become the first person."""
    assert identify(main=None, other=Known(person_id=1, anonymous=False)) == Verdict.KEEP_APART


@given(st.lists(st.tuples(st.integers(1, 4), days, st.none() | st.integers(1, 900)), max_size=6), days)
def test_the_account_is_one_whose_membership_holds_the_day(spans, day: date) -> None:
    belongs = [
        Belongs(
            account_id=a, starts_on=start, ends_on=None if length is None else start + timedelta(days=length)
        )
        for a, start, length in spans
    ]
    found = account_on(belongs, day)
    valid = {m.account_id for m in belongs if m.starts_on <= day and (m.ends_on is None or day < m.ends_on)}
    assert found in valid if valid else found is None


def test_the_end_of_a_membership_does_not_belong_to_it() -> None:
    belongs = [Belongs(account_id=1, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))]
    assert account_on(belongs, date(2026, 1, 31)) == 1
    assert account_on(belongs, date(2026, 2, 1)) is None


NOBODY = {"name": "", "email": "", "phone": "", "title": "", "props": {}}


def test_traits_become_fields_and_properties() -> None:
    changed = changed_traits(now=NOBODY, set_={"name": "Anna", "$email": "a@b.c", "plan": "pro"}, set_once={})
    assert changed == {
        "name": "Anna",
        "email": "a@b.c",
        "props": {"name": "Anna", "$email": "a@b.c", "plan": "pro"},
    }


def test_set_once_fills_only_what_is_empty() -> None:
    now = NOBODY | {"name": "Anna", "props": {"first": "ad"}}
    assert changed_traits(now=now, set_={}, set_once={"name": "Bo", "first": "mail"}) == {
        "props": {"first": "ad", "name": "Bo"}
    }


def test_a_trait_that_is_no_name_or_address_stays_a_property() -> None:
    changed = changed_traits(
        now=NOBODY, set_={"email": "not one", "name": 7, "title": "x" * 500}, set_once={}
    )
    assert set(changed) == {"props"}
