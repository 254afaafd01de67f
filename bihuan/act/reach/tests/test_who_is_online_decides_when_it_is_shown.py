"""A message to people who are online is decided when it is shown: being online, belonging to whom it is for, limits, consent."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bihuan.act.reach.actions import (
    change_limits,
    opt_out,
    queue_pieces,
    retry_message,
    send_due,
    send_message,
    show_waiting,
)
from bihuan.act.reach.models import Message, State, Why
from bihuan.act.reach.queries import audience_of, inbox_of
from bihuan.act.reach.queries.showing import forget_segments
from bihuan.capture.presence.queries import forget
from bihuan.capture.store import StoreNotReady, get_store
from bihuan.know.accounts.models import Account, Membership
from bihuan.know.products.actions import add_product
from bihuan.know.staff.models import Region
from bihuan.understand.segments.actions import add_segment
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def fresh(event_home):
    forget()
    forget_segments()
    yield
    forget()
    forget_segments()


@pytest.fixture
def inside(channel):
    return channel("in_app", product=add_product(name="Web", by=SYSTEM, at=NOW))


@pytest.fixture
def text(template):
    return template(body_zh="{{ account.name }} 你好。")


@pytest.fixture
def mailing(cast, inside, text):
    """`mailing(online=True, stage=…)`: to everybody whom Mei reaches, as the form sends it."""

    def send(key="k", at=NOW, **more):
        found = audience_of(actor=cast.mei.actor(), channel=inside, template=text, at=at, **more)
        pairs = [(one.account.pk, one.person.pk) for one in found.chosen]
        queue_pieces(pairs=pairs, key=key, channel=inside, template=text, by=cast.actor("mei"), at=at, data={},
                     only=found.only)  # fmt: skip
        send_due(at=at)
        return found

    return send


def comes_online(cast, at):
    store_events(
        happened("open", ts=at - timedelta(minutes=1), account=cast.yunshan, person=cast.lin, props={})
    )
    get_store().wait_applied(get_store().log.head())
    forget()


def asks(cast, inside, at, who="lin"):
    """What the reader finds in the product at that moment."""
    person = getattr(cast, who).pk
    show_waiting(channel=inside, person_id=person, at=at)
    return inbox_of(channel=inside, person_id=person, at=at)


def of_lin(cast):
    return Message.objects.get(person=cast.lin)


def test_who_was_offline_when_it_was_sent_sees_it_once_online(cast, inside, mailing):
    found = mailing(online=True)
    assert {one.person for one in found.chosen} == {cast.lin, cast.he} and found.online_now == 0
    row = of_lin(cast)
    assert (row.state, row.reason, row.sent_at) == (State.HELD, Why.AWAITS_READER, None)
    assert asks(cast, inside, NOW + timedelta(minutes=1)) == []
    comes_online(cast, LATER)
    assert [one["id"] for one in asks(cast, inside, LATER)] == [row.uid.hex]
    row.refresh_from_db()
    assert (row.state, row.sent_at) == (State.SENT, LATER)
    assert asks(cast, inside, LATER, who="he") == [], "he is not online"


def test_who_was_online_when_it_was_sent_and_has_gone_does_not_see_it(cast, inside, mailing):
    comes_online(cast, NOW)
    assert mailing(online=True).online_now == 1
    forget()
    assert asks(cast, inside, NOW + timedelta(hours=1)) == []
    assert of_lin(cast).state == State.HELD


def test_what_was_shown_is_hidden_while_its_reader_is_offline_until_it_was_opened(cast, inside, mailing):
    mailing(online=True)
    comes_online(cast, LATER)
    assert len(asks(cast, inside, LATER)) == 1
    gone = LATER + timedelta(hours=1)
    forget()
    assert asks(cast, inside, gone) == []
    Message.objects.update(opened_at=LATER)
    assert len(asks(cast, inside, gone)) == 1, "what they read stays theirs"


def _left_stage(cast):
    Account.objects.filter(pk=cast.yunshan.pk).update(stage="renewal")


def _left_region(cast):
    Account.objects.filter(pk=cast.yunshan.pk).update(region=Region.objects.create(name="South"))


def _left_segment(cast):
    Account.objects.filter(pk=cast.yunshan.pk).update(size=1)
    forget_segments()


def _left_account(cast):
    Membership.objects.filter(person=cast.lin).update(ends_on=NOW.date())


@pytest.mark.parametrize(
    ("for_whom", "leave"),
    [
        ("stage", _left_stage),
        ("region_id", _left_region),
        ("segment", _left_segment),
        ("stage", _left_account),
    ],
)
@pytest.mark.parametrize("online", [True, False])
def test_who_is_no_longer_among_those_it_is_for_does_not_see_it(
    cast, inside, mailing, for_whom, leave, online
):
    Account.objects.filter(pk=cast.yunshan.pk).update(size=900)
    add_segment(key="large", title="大客户", rule="account.size > 500", by=SYSTEM, at=NOW)
    cast.yunshan.refresh_from_db()
    value = {"stage": cast.yunshan.stage, "region_id": cast.yunshan.region_id, "segment": "@large"}[for_whom]
    assert value
    mailing(online=online, **{for_whom: value})
    comes_online(cast, LATER)
    leave(cast)
    assert asks(cast, inside, LATER) == []


def test_whoever_still_belongs_sees_what_is_for_a_segment(cast, inside, mailing):
    add_segment(key="all", title="全部", rule="account.stage != 'lost'", by=SYSTEM, at=NOW)
    mailing(online=True, segment="@all", stage=cast.yunshan.stage, region_id=cast.yunshan.region_id)
    comes_online(cast, LATER)
    assert len(asks(cast, inside, LATER)) == 1


def test_a_segment_that_is_gone_shows_it_to_nobody(cast, inside, mailing):
    segment = add_segment(key="all", title="全部", rule="account.stage != 'lost'", by=SYSTEM, at=NOW)
    mailing(segment="@all")
    assert len(asks(cast, inside, LATER)) == 1
    segment.delete()
    forget_segments()
    assert asks(cast, inside, LATER) == []


def test_limits_hold_when_it_is_shown(cast, inside, text, mailing):
    change_limits(person_week=1, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)
    mailing(online=True)
    send_message(key="other", channel=inside, template=text, account=cast.yunshan, person=cast.lin,
                 by=cast.actor("mei"), at=NOW)  # fmt: skip
    send_due(at=NOW)
    comes_online(cast, LATER)
    assert [one["at"] for one in asks(cast, inside, LATER)] == [NOW.isoformat()], "one a week, and it had one"
    change_limits(person_week=2, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)
    assert len(asks(cast, inside, LATER)) == 2


def test_two_that_wait_do_not_pass_the_limit_together(cast, inside, mailing):
    change_limits(person_week=1, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)
    mailing(key="one", online=True)
    mailing(key="two", online=True)
    comes_online(cast, LATER)
    assert len(asks(cast, inside, LATER)) == 1


@pytest.mark.parametrize("online", [True, False])
def test_who_declined_meanwhile_sees_nothing_new(cast, inside, mailing, online):
    mailing(online=online)
    comes_online(cast, LATER)
    opt_out(person=cast.lin, kind="in_app", how="staff", by=SYSTEM, at=NOW)
    assert asks(cast, inside, LATER) == []


def test_nobody_sees_it_while_it_cannot_be_told_who_is_online(cast, inside, mailing, monkeypatch):
    mailing(online=True)
    comes_online(cast, LATER)

    def refuse():
        raise StoreNotReady("not now")

    with monkeypatch.context() as broken:
        broken.setattr("bihuan.capture.presence.queries.get_store", refuse)
        assert asks(cast, inside, LATER) == [] and of_lin(cast).state == State.HELD
    assert len(asks(cast, inside, LATER)) == 1


def test_an_inbox_is_read_while_it_cannot_be_told_who_is_in_a_segment(cast, inside, mailing, monkeypatch):
    add_segment(key="openers", title="打开过", rule="behaviour.opened >= 1",
                behaviour={"opened": {"event": "open", "last": "28d"}}, by=SYSTEM, at=NOW)  # fmt: skip
    comes_online(cast, NOW)
    mailing(segment="@openers")
    assert len(asks(cast, inside, LATER)) == 1
    forget_segments()

    def refuse():
        raise StoreNotReady("not now")

    with monkeypatch.context() as broken:
        broken.setattr("bihuan.understand.segments.queries.units.get_store", refuse)
        assert asks(cast, inside, LATER) == []
    assert len(asks(cast, inside, LATER)) == 1


def test_an_inbox_asks_once_to_which_accounts_its_reader_belongs(
    cast, inside, mailing, django_assert_num_queries
):
    change_limits(person_week=0, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)
    mailing(key="one", stage=cast.yunshan.stage)
    assert len(asks(cast, inside, LATER)) == 1
    with CaptureQueriesContext(connection) as of_one:
        asks(cast, inside, LATER)
    for key in ("two", "three", "four"):
        mailing(key=key, stage=cast.yunshan.stage)
    with django_assert_num_queries(len(of_one)):
        assert len(asks(cast, inside, LATER)) == 4


def test_it_waits_seven_days_and_says_that_nobody_came(cast, inside, mailing):
    mailing(online=True)
    send_due(at=NOW + timedelta(days=6, hours=23))
    assert of_lin(cast).state == State.HELD
    over = NOW + timedelta(days=7)
    comes_online(cast, over)
    assert asks(cast, inside, over) == []
    send_due(at=over)
    row = of_lin(cast)
    assert (row.state, row.reason) == (State.SKIPPED, Why.NOT_SEEN)
    retry_message(message=row, by=SYSTEM, at=over)
    send_due(at=over)
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.HELD, Why.AWAITS_READER)


def test_a_letter_to_those_online_is_decided_when_it_is_sent(cast, box, channel, text):
    letters = channel("email")
    comes_online(cast, NOW)
    found = audience_of(actor=cast.mei.actor(), channel=letters, template=text, at=NOW, online=True)
    assert [one.person for one in found.chosen] == [cast.lin] and not found.only


def test_form_page_and_programs_say_that_it_waits(cast, inside, text):
    mei, said = cast.client("mei"), {"channel": inside.pk, "template": text.pk, "online": "on"}
    page = mei.post("/reach/new/", said | {"do": "preview"})
    assert "0 of them are online now" in page.content.decode()
    mei.post("/reach/new/", said | {"do": "send", "key": "0" * 32})
    send_due(at=timezone.now())
    log = mei.get(f"/reach/{of_lin(cast).pk}/").content.decode()
    assert "Shown once its reader is online" in log and "people who are online" in log
