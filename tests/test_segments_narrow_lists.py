"""The members of a segment stand in the list of customers, or of people, within the territory."""

import pytest
from cast import NOW, SYSTEM

from bihuan.site.cards import refresh_cards
from bihuan.understand.segments.actions import add_segment

pytestmark = pytest.mark.django_db


def test_members_stand_in_the_list_of_accounts_or_of_people(cast, event_home):
    big = add_segment(key="big", title="大客户", rule="account.size > 100", by=SYSTEM, at=NOW)
    people = add_segment(key="p", title="x", unit="person", rule="person.name == '何松'", by=SYSTEM, at=NOW)
    refresh_cards(at=NOW)
    client = cast.client("oli")
    listed = client.get(f"/accounts/?segment={big.pk}").content.decode()
    assert "云杉仪器" in listed
    assert "松涛软件" not in listed
    assert "大客户" in listed
    for name, shown in (("oli", True), ("bei", True), ("song", False)):
        listed = cast.client(name).get(f"/segments/people/?segment={people.pk}").content.decode()
        assert ("何松" in listed) == shown
        assert "林云" not in listed
