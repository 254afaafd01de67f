"""Scoring every hour tells a change of band once."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM, TODAY

from bihuan.base.bus.models import OutboxFact
from bihuan.foresee.health.actions import compute_health
from bihuan.foresee.health.models import HealthScore

pytestmark = pytest.mark.django_db


def test_scoring_the_same_day_again_tells_no_band_twice(cast, contracts, event_home):
    def told():
        return OutboxFact.objects.filter(name="health_band_changed").count()

    compute_health(day=TODAY - timedelta(days=1), by=SYSTEM, at=NOW)
    HealthScore.objects.update(band="green")
    before = told()
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    once = told()
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    assert once > before
    assert told() == once
