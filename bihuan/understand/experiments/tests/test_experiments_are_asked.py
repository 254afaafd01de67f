"""An experiment that runs here is asked by its key, as a question like every other, within the territory."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from events import happened, store_events

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.experiments.actions import add_experiment, start_experiment
from bihuan.understand.experiments.queries import EXPOSED
from bihuan.understand.explore.queries import ask

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def running(cast, event_home):
    """Ten days of an experiment by person: 60 of Yunshan in each variant, one of Songtao; the new form sells better."""
    row = add_experiment(
        key="new-form", name="新表单", unit="person", by=SYSTEM, at=NOW - 10 * DAY,
        variants=[{"name": "control", "weight": 1}, {"name": "new", "weight": 1}],
        metrics=[{"name": "subscribed", "event": "subscribe", "within": "7d"}],
    )  # fmt: skip
    row = start_experiment(experiment=row, by=SYSTEM, at=NOW - 10 * DAY)
    rows = []
    for person in range(120):
        variant, at = ("new" if person % 2 else "control"), NOW - 9 * DAY
        props = {"experiment": "new-form", "variant": variant}
        rows.append(happened(EXPOSED, ts=at, account=cast.yunshan, person=1000 + person, props=props))
        if person % 12 < 6 and (variant == "new" or person % 12 < 2):
            rows.append(happened("subscribe", ts=at + DAY, account=cast.yunshan, person=1000 + person))
    other = {"experiment": "another", "variant": "new"}
    rows.append(happened(EXPOSED, ts=NOW - DAY, account=cast.yunshan, person=5000, props=other))
    mine = {"experiment": "new-form", "variant": "new"}
    rows.append(happened(EXPOSED, ts=NOW - DAY, account=cast.songtao, person=5001, props=mine))
    store_events(*rows)
    return row


def test_its_key_is_enough(running, cast) -> None:
    answer = ask(question={"kind": "experiment", "experiment": "new-form"}, actor=cast.actor("an"), at=NOW)
    assert answer.summary["units"] == {"control": 60, "new": 61}
    values = {row[2]: row[4] for row in answer.rows}
    assert values == {"control": 10 / 60, "new": 30 / 61}
    assert answer.summary["verdicts"]["new"]["code"] == "better"
    assert "metric_1" in answer.sql and answer.question == {"kind": "experiment", "experiment": "new-form"}


def test_what_is_said_beside_the_key_counts_more(running, cast) -> None:
    question = {"kind": "experiment", "experiment": "new-form", "method": "bayesian"}
    assert "chance_to_beat" in {
        c.name for c in ask(question=question, actor=cast.actor("an"), at=NOW).columns
    }
    question |= {"segment": 'account.tier == "S"'}
    assert ask(question=question, actor=cast.actor("an"), at=NOW).summary["units"] == {
        "control": 60,
        "new": 60,
    }


def test_only_the_territory_is_counted(running, cast) -> None:
    answer = ask(question={"kind": "experiment", "experiment": "new-form"}, actor=cast.actor("bei"), at=NOW)
    assert answer.summary["units"] == {"control": 0, "new": 1}
    assert answer.summary["verdicts"]["new"]["code"] == "too_few"


def test_one_that_does_not_run_here_needs_its_exposure(running, cast) -> None:
    with pytest.raises(QuestionError, match="no experiment 'other'"):
        ask(question={"kind": "experiment", "experiment": "other"}, actor=cast.actor("an"), at=NOW)
    with pytest.raises(QuestionError, match="which event shows the variant"):
        ask(question={"kind": "experiment", "variants": {"a": 1, "b": 1}}, actor=cast.actor("an"), at=NOW)
