"""`kind: tickets`: numbers of those opened in a period, by what they are or whose, within the territory."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM

from bihuan.serve.tickets.models import Ticket
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets(cast, event_home):
    """Yunshan: solved in 2 h and in 4 h, rated 5 and not at all; Songtao: one open and escalated; one of last year."""
    told = [
        (cast.yunshan, "high", 1, 2, 30, 5, False), (cast.yunshan, "low", 2, 4, 90, None, False),
        (cast.songtao, "high", 3, None, None, None, True), (cast.yunshan, "low", 400, 1, 1, 1, False),
    ]  # fmt: skip
    for n, (account, priority, days, hours, minutes, rated, escalated) in enumerate(told):
        opened = NOW - timedelta(days=days)
        Ticket.objects.create(
            key=f"t{n}", account=account, subject="x", priority=priority, opened_at=opened, satisfaction=rated, escalated=escalated,
            first_response_at=minutes and opened + timedelta(minutes=minutes),
            resolved_at=hours and opened + timedelta(hours=hours),
        )  # fmt: skip
    return cast


def asked(actor=SYSTEM, **more):
    return ask(question={"kind": "tickets", "period": {"last": "28d"}} | more, actor=actor, at=NOW)


def test_how_many_how_fast_how_well(tickets):
    answer = asked()
    assert answer.rows == ((3, 2, 1, 3, 3, 60, 5, 1),)
    assert answer.summary["resolution_mean"] == 3
    assert asked(period={"last": "500d"}).summary["tickets"] == 4
    assert {row[0]: row[1] for row in asked(by="priority").rows} == {"high": 2, "low": 1}
    assert asked(by="account.tier").rows[0][:2] == ("S", 2)
    nothing = asked(period={"from": "2020-01-01", "to": "2020-01-31"})
    assert nothing.rows == ((0, 0, 0, None, None, None, None, 0),)


def test_the_territory_and_the_segment_are_the_limit(tickets):
    assert asked(actor=tickets.actor("bei")).summary["tickets"] == 1
    assert asked(segment="account.tier == 'S'").summary["tickets"] == 2
    assert asked(segment="account.tier == 'S'", actor=tickets.actor("bei")).summary["tickets"] == 0


@pytest.mark.parametrize(("more", "field"), [
    ({"by": "event"}, "by"), ({"by": "person.name"}, "by"), ({"by": "account.colour"}, "by"), ({"segment": "person.name == 'x'"}, "segment"),
    ({"every": "day"}, "every"),
])  # fmt: skip
def test_what_cannot_be_asked_names_the_field(tickets, more, field):
    with pytest.raises(QuestionError) as error:
        asked(**more)
    assert error.value.field == field
