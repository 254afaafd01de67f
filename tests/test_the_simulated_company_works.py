"""The simulated company has run its processes: ended, waiting, late and skipped, the same from the same seed."""

import pytest
from cast import NOW
from django.db import transaction

from bihuan.act.processes.queries import forget
from bihuan.act.work.models import Comment, Deviation, Instance, WorkItem
from bihuan.config.work_history import play
from bihuan.know.absences.models import Absence
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

pytestmark = pytest.mark.django_db


def story(seed: int) -> dict:
    """What a play leaves behind, and nothing of it stays."""
    forget()
    with transaction.atomic():
        started = play(instances=14, seed=seed, at=NOW)
        found = {
            "started": started,
            "instances": list(Instance.objects.order_by("pk").values_list("process__key", "account__key", "state", "outcome")),
            "items": list(WorkItem.objects.order_by("pk").values_list("element", "state", "opened_at", "done_at", "done_by_name")),
            "deviations": Deviation.objects.count(), "comments": Comment.objects.count(), "absences": Absence.objects.count(),
            "latest": max(WorkItem.objects.values_list("opened_at", flat=True)),
        }  # fmt: skip
        transaction.set_rollback(True)
    forget()
    return found


@pytest.fixture
def simulated(cast) -> None:
    Account.objects.update(simulated=True)
    Staff.objects.filter(username="song").update(reach="all")


def test_it_works_and_is_the_same_from_the_same_seed(simulated) -> None:
    first = story(3)
    assert first["started"] >= 12
    assert {state for _process, _account, state, _outcome in first["instances"]} >= {"running", "ended"}
    assert len({process for process, *_rest in first["instances"]}) >= 4
    assert first["latest"] <= NOW and first["absences"] == 1
    assert story(3) == first
    assert story(4)["items"] != first["items"]


def test_it_is_played_once_and_only_for_a_simulated_company(cast) -> None:
    assert play(instances=3, seed=1, at=NOW) == 0
    Account.objects.update(simulated=True)
    assert play(instances=3, seed=1, at=NOW) > 0
    assert play(instances=3, seed=1, at=NOW) == 0
