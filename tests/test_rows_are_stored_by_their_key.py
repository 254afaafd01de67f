"""Storing many rows by key: created, updated, left alone, or refused with the field and the reason."""

from datetime import date

import pytest
from cast import NOW, SYSTEM

from bihuan.base.importing import Field, ImportCount, Noun, noun, nouns, register_noun
from bihuan.know.accounts.actions import (
    import_account_team,
    import_accounts,
    import_memberships,
    import_people,
)
from bihuan.know.accounts.models import Account, Membership, Person

pytestmark = pytest.mark.django_db


def load(rows):
    return import_accounts(rows=rows, by=SYSTEM, at=NOW)


def counts(result: ImportCount):
    return result.created, result.updated, result.unchanged, len(result.rejected)


def test_a_second_load_of_the_same_rows_changes_nothing():
    rows = [{"key": f"a{n}", "name": f"客户 {n}", "size": n, "tier": "A"} for n in range(1200)]
    assert counts(load(rows)) == (1200, 0, 0, 0)
    assert counts(load(rows)) == (0, 0, 1200, 0)
    rows[7]["name"] = "改名"
    assert counts(load(rows)) == (0, 1, 1199, 0)
    assert Account.objects.get(key="a7").name == "改名"


def test_columns_that_a_row_lacks_stay_as_they_are():
    load([{"key": "a", "name": "甲", "industry": "制造"}])
    load([{"key": "a", "name": "甲公司"}])
    assert Account.objects.get(key="a").industry == "制造"


def test_a_parent_may_stand_later_in_the_same_file_and_a_missing_one_is_reported():
    result = load([{"key": "child", "name": "子", "parent_key": "top"}, {"key": "top", "name": "母"},
                   {"key": "lone", "name": "独", "parent_key": "nowhere"}])  # fmt: skip
    assert Account.objects.get(key="child").parent.key == "top"
    assert [(r.index, r.field, r.value) for r in result.rejected] == [(2, "parent_key", "nowhere")]
    assert Account.objects.filter(key="lone").exists()


def test_wrong_values_are_refused_by_field_and_the_others_are_stored():
    result = load([{"key": "ok", "name": "好"}, {"key": "bad", "name": "坏", "tier": "Z"}, {"key": "", "name": "无"},
                   {"key": "region", "name": "区", "region_code": "mars"}])  # fmt: skip
    assert [(r.index, r.field) for r in result.rejected] == [(2, "key"), (3, "region_code"), (1, "tier")]
    assert list(Account.objects.values_list("key", flat=True)) == ["ok"]


def test_memberships_are_matched_on_person_account_and_first_day(cast):
    import_people(rows=[{"key": "p1", "name": "张三"}], by=SYSTEM, at=NOW)
    row = {"person_key": "p1", "account_key": "yunshan", "starts_on": date(2025, 1, 1)}
    assert counts(import_memberships(rows=[row], by=SYSTEM, at=NOW)) == (1, 0, 0, 0)
    assert counts(import_memberships(rows=[row | {"ends_on": date(2025, 6, 1)}], by=SYSTEM, at=NOW)) == (
        0,
        1,
        0,
        0,
    )
    bad = import_memberships(rows=[row | {"ends_on": date(2024, 6, 1)}], by=SYSTEM, at=NOW)
    assert [r.field for r in bad.rejected] == ["ends_on"]
    assert Membership.objects.get(person=Person.objects.get(key="p1")).ends_on == date(2025, 6, 1)


def test_staff_teams_are_matched_on_account_staff_and_role(cast):
    cast.mei.key = "mei"
    cast.mei.save()
    row = {"account_key": "yunshan", "staff_key": "mei", "role": "analyst"}
    assert counts(import_account_team(rows=[row], by=SYSTEM, at=NOW)) == (1, 0, 0, 0)
    assert counts(import_account_team(rows=[row], by=SYSTEM, at=NOW)) == (0, 0, 1, 0)


def test_an_unknown_noun_lists_what_there_is():
    with pytest.raises(LookupError, match="accounts"):
        noun("customers")
    assert "tickets" in nouns()
    with pytest.raises(ValueError, match="twice"):
        register_noun(
            Noun(name="tickets", fields=(Field(name="key"),), load=lambda **_: ImportCount(), permission="x")
        )
