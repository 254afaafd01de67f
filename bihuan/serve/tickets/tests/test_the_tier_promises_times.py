"""The service policy of a tier promises times to tickets; the shorter of it and the priority counts."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain
from bihuan.foresee.tiers.actions import change_policy
from bihuan.foresee.tiers.queries import policy_of
from bihuan.know.accounts.actions import change_account
from bihuan.serve.tickets import actions
from bihuan.serve.tickets.rules import Limits, nearer

HOUR = timedelta(hours=1)
minutes = st.integers(1, 100_000)
limits = st.builds(Limits, response=minutes, resolution=minutes)


@given(one=limits, other=limits)
def test_of_each_time_the_shorter_counts_whichever_way_round(one, other):
    both = nearer(one, other)
    assert both == nearer(other, one)
    assert both.response in (one.response, other.response) and both.response <= min(
        one.response, other.response
    )
    assert both.resolution <= one.resolution and both.resolution <= other.resolution
    assert nearer(one, None) == one


@pytest.mark.django_db
def test_a_ticket_of_a_higher_tier_is_due_earlier_and_an_urgent_one_by_its_priority(cast):
    def opened(account, priority):
        return actions.open_ticket(account=account, subject="x", priority=priority, by=SYSTEM, at=NOW)

    assert opened(cast.yunshan, "low").response_due_at == NOW + HOUR, "S is promised an hour"
    assert opened(cast.yunshan, "urgent").response_due_at == NOW + HOUR / 2, "thirty minutes are shorter"
    assert opened(cast.songtao, "low").response_due_at == NOW + 5 * HOUR, "four of service time, and lunch"


@pytest.mark.django_db
def test_who_has_no_tier_is_promised_nothing_more(cast):
    change_account(account=cast.songtao, by=SYSTEM, at=NOW, tier="")
    row = actions.open_ticket(account=cast.songtao, subject="x", priority="medium", by=SYSTEM, at=NOW)
    assert row.response_due_at == NOW + 5 * HOUR


@pytest.mark.django_db
def test_another_tier_or_another_policy_moves_open_tickets(cast, event_home):
    row = actions.open_ticket(account=cast.songtao, subject="x", priority="low", by=SYSTEM, at=NOW)
    change_account(account=cast.songtao, by=SYSTEM, at=NOW, tier="S")
    drain(at=timezone.now() + timedelta(seconds=5))
    row.refresh_from_db()
    assert row.response_due_at == NOW + HOUR
    standard = policy_of("S")
    change_policy(tier="S", roles=list(standard.roles), touch_days=7, touch_minutes=60, first_answer_hours=2,
                  solved_hours=8, by=SYSTEM, at=NOW)  # fmt: skip
    drain(at=timezone.now() + timedelta(seconds=5))
    row.refresh_from_db()
    assert row.response_due_at == NOW + 3 * HOUR, "of two hours the second begins after lunch"
    assert not Job.objects.filter(name="tickets.measure", state="failed").exists()
