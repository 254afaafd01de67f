"""Movements of revenue: opening and movements give the closing, whatever was agreed; retention, renewal, LTV, Pareto."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.earn.contracts.actions import add_contract
from bihuan.earn.contracts.rules import Line, Movements, lifetime_value, movements, renewals
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask

DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))
LINES = st.lists(
    st.builds(
        lambda account, mrr, start, length, trial, group: Line(
            account=account, mrr=Decimal(mrr), starts_on=start, trial=trial, group=group,
            ends_on=None if length is None else start + timedelta(days=length),
        ),
        account=st.integers(1, 4), mrr=st.integers(0, 500), start=DAYS, length=st.one_of(st.none(), st.integers(0, 400)),
        trial=st.booleans(), group=st.sampled_from(["a", "b"]),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=300, deadline=None, database=None)
@given(lines=LINES, first=DAYS, length=st.integers(0, 120))
def test_opening_and_movements_give_the_closing(lines, first, length):
    last = first + timedelta(days=length)
    for group, one in movements(lines, first=first, last=last).items():
        own = [line for line in lines if line.group == group]
        eve = first - timedelta(days=1)
        assert one.opening == sum((line.on(eve) for line in own), Decimal(0))
        assert one.closing == sum((line.on(last) for line in own), Decimal(0))
        moved = one.new + one.expansion - one.contraction - one.churned + one.reactivated
        assert one.opening + moved == one.closing
        logos = one.new_accounts - one.churned_accounts + one.reactivated_accounts
        assert one.opening_accounts + logos == one.closing_accounts
        assert min(one.new, one.expansion, one.contraction, one.churned, one.reactivated) >= 0
        assert 0 <= one.renewed <= one.due
        if one.opening:
            assert 0 <= one.gross_retention <= 1
            assert one.gross_retention <= one.net_retention
        else:
            assert one.gross_retention is one.net_retention is None


@settings(max_examples=200, deadline=None, database=None)
@given(lines=LINES, first=DAYS, length=st.integers(2, 120), cut=st.integers(1, 100))
def test_two_periods_in_a_row_meet_and_what_is_due_adds_up(lines, first, length, cut):
    last = first + timedelta(days=length)
    middle = first + timedelta(days=min(cut, length - 1))
    one = sum(movements(lines, first=first, last=middle).values(), Movements())
    two = sum(movements(lines, first=middle + timedelta(days=1), last=last).values(), Movements())
    both = sum(movements(lines, first=first, last=last).values(), Movements())
    assert (one.opening, one.closing, two.closing) == (both.opening, two.opening, both.closing)
    assert (one.due + two.due, one.renewed + two.renewed) == (both.due, both.renewed)


def line(mrr, start, end=None, account=1, **more):
    return Line(account=account, mrr=Decimal(mrr), starts_on=start, ends_on=end, **more)


def test_each_movement_is_what_its_name_says():
    lines = [
        line(100, date(2024, 1, 1), account=1), line(50, date(2024, 6, 10), account=1),
        line(80, date(2024, 1, 1), date(2024, 6, 15), account=2), line(60, date(2024, 6, 15), account=2),
        line(70, date(2024, 1, 1), date(2024, 6, 1), account=3),
        line(40, date(2023, 1, 1), date(2023, 5, 1), account=4), line(45, date(2024, 6, 30), account=4),
        line(30, date(2024, 6, 2), account=5), line(999, date(2024, 6, 2), account=6, trial=True),
    ]  # fmt: skip
    found = movements(lines, first=date(2024, 6, 1), last=date(2024, 6, 30))[""]
    assert found == Movements(
        opening=Decimal(250), new=Decimal(30), expansion=Decimal(50), contraction=Decimal(20), churned=Decimal(70),
        reactivated=Decimal(45), closing=Decimal(285), due=Decimal(150), renewed=Decimal(60),
        opening_accounts=3, new_accounts=1, churned_accounts=1, reactivated_accounts=1, closing_accounts=4,
    )  # fmt: skip
    assert found.gross_retention == pytest.approx(160 / 250)
    assert found.net_retention == pytest.approx(210 / 250)
    assert found.renewal_rate == pytest.approx(60 / 150)
    assert lifetime_value([found]) == pytest.approx(285 / 4 / (90 / 250))
    assert lifetime_value([]) is lifetime_value([Movements(opening=Decimal(5))]) is None


def test_a_line_renews_once_and_only_near_the_end():
    ended = [line(100, date(2024, 1, 1), date(2024, 6, 15)), line(100, date(2024, 1, 2), date(2024, 6, 20))]
    june = {"first": date(2024, 6, 1), "last": date(2024, 6, 30)}
    assert renewals([*ended, line(150, date(2024, 6, 25))], **june) == {"": (200, 150)}
    assert renewals([*ended, line(500, date(2024, 7, 15))], **june) == {"": (200, 200)}
    assert renewals([*ended, line(500, date(2024, 7, 16))], **june) == {"": (200, 100)}
    assert renewals([*ended, line(500, date(2024, 9, 1)), line(9, date(2024, 6, 15), account=2)], **june) == {
        "": (200, 0)
    }


@pytest.fixture
def sold(cast, contracts):
    """Beside the contracts of the cast: Songtao in dollars, and Yunshan's growth in 2026."""
    add_contract(account=cast.songtao, key="C-3", currency="USD", starts_on=date(2026, 1, 1), by=SYSTEM, at=NOW,
                 lines=[{"name": "Pro", "mrr": Decimal("700")}])  # fmt: skip
    add_contract(account=cast.yunshan, key="C-4", starts_on=date(2026, 2, 10), ends_on=date(2026, 5, 10), by=SYSTEM, at=NOW,
                 lines=[{"name": "More", "mrr": Decimal("10000")}])  # fmt: skip
    return cast


def asked(actor=SYSTEM, **more):
    return ask(question={"kind": "revenue"} | more, actor=actor, at=NOW)


@pytest.mark.django_db
def test_movements_are_asked_by_month_or_quarter_and_by_what_is_known(sold):
    year = {"from": "2026-01-01", "to": "2026-06-30"}
    months = asked(every="month", period=year)
    assert [row[0] for row in months.rows] == [date(2026, n, 1) for n in range(1, 7)]
    assert [(row[3], row[4]) for row in months.rows] == [
        (0, 0),
        (10000, 0),
        (0, 0),
        (0, 0),
        (0, 10000),
        (0, 0),
    ]
    assert months.summary["mrr"] == 45000
    assert (months.summary["expansion"], months.summary["contraction"], months.summary["net_retention"]) == (
        10000,
        10000,
        1,
    )
    assert months.summary["ltv"] == pytest.approx(45000 / 2 / (10000 / (45000 * 3 + 55000 * 3)))
    assert months.left_out == {"lines in another currency": 1}
    quarters = asked(every="quarter", period=year, by="account.tier")
    assert [row[:2] for row in quarters.rows] == [
        (date(2026, m, 1), tier) for m in (1, 4) for tier in ("S", "B")
    ]
    assert asked(every="quarter", period=year, actor=sold.actor("bei")).summary["mrr"] == 5000
    assert asked(every="quarter", period=year, segment="account.tier == 'S'").summary["mrr"] == 40000
    assert asked(every="month", period=year, currency="USD").summary["mrr"] == 700
    assert asked(by="account.tier").rows == (
        ("S", 1, 1, 40000, pytest.approx(8 / 9)),
        ("B", 2, 1, 5000, pytest.approx(1 / 9)),
    )


@pytest.mark.django_db
def test_how_much_hangs_on_how_few(sold):
    found = asked(pareto=True)
    assert [row[:4] for row in found.rows] == [
        (1, "yunshan", "云杉仪器", 40000),
        (2, "songtao", "松涛软件", 5000),
    ]
    assert found.rows[0][4:] == (0.5, pytest.approx(8 / 9), pytest.approx(8 / 9))
    assert (found.summary["share_of_top_fifth"], found.summary["accounts_for_80_percent"]) == (
        pytest.approx(8 / 9),
        1,
    )
    assert asked(pareto=True, as_of="2020-01-01").rows == ()


@pytest.mark.django_db
@pytest.mark.parametrize(("more", "field"), [
    ({"every": "week"}, "every"), ({"period": {"last": "9d"}}, "period"), ({"by": "person.name"}, "by"), ({"by": "event"}, "by"),
    ({"pareto": "yes"}, "pareto"), ({"pareto": True, "by": "account.tier"}, "pareto"), ({"every": "month", "as_of": "2026-01-01"}, "as_of"),
    ({"every": "month", "period": {"from": "2030-01-01", "to": "2030-02-01"}}, "period"), ({"segment": "person.name == 'x'"}, "segment"),
    ({"by": "account.colour"}, "by"),
])  # fmt: skip
def test_a_question_that_is_wrong_names_the_field(sold, more, field):
    with pytest.raises(QuestionError) as error:
        asked(**more)
    assert error.value.field == field
