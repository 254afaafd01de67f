"""The simulated company's operator has a dashboard whose questions are answered, segments that hold somebody, notes on charts."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from cast import NOW

from bihuan.base.access import system_actor
from bihuan.capture.store import get_store
from bihuan.config.first_look import NOTES, QUESTIONS, SEGMENTS, lay_out
from bihuan.config.simulation import simulate
from bihuan.config.simulation.load import load_company
from bihuan.foresee.health.actions import compute_health
from bihuan.understand.annotations.models import Annotation
from bihuan.understand.explore.models import Dashboard, SavedQuestion
from bihuan.understand.explore.queries import ask
from bihuan.understand.segments.models import Segment

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 11, 18)


def answer(text: str) -> dict:
    return ask(question=yaml.safe_load(text), actor=system_actor("simulate"), at=NOW).document()


def test_every_tile_has_an_answer_and_it_is_laid_out_once(event_home: Path) -> None:
    by = system_actor("simulate")
    load_company(simulate(accounts=60, days=140, seed=7, until=UNTIL), by=by, at=NOW)
    get_store().wait_applied(get_store().log.head())
    compute_health(day=UNTIL, by=by, at=NOW)
    assert lay_out(until=UNTIL, at=NOW) == len(QUESTIONS) and lay_out(until=UNTIL, at=NOW) == 0
    assert Dashboard.objects.get().tiles.count() == SavedQuestion.objects.count() == len(QUESTIONS)
    for saved in SavedQuestion.objects.all():
        assert saved.shared and answer(saved.text)["rows"], saved.title
    assert all(Segment.objects.order_by("pk").values_list("size", flat=True))
    assert Segment.objects.count() == len(SEGMENTS) and Annotation.objects.count() == len(NOTES)


def test_an_installation_without_the_demo_staff_is_left_alone() -> None:
    assert lay_out(until=UNTIL, at=NOW) == 0
    assert not Dashboard.objects.exists()
