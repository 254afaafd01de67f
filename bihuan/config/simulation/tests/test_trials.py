"""The experiments of the simulated company: what is found covers what was planted, and nothing is found where nothing was."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from bihuan.base.access import system_actor
from bihuan.config.simulation import simulate
from bihuan.config.simulation.calendar import midnights
from bihuan.config.simulation.events import EventChunk
from bihuan.config.simulation.load import load_company
from bihuan.config.simulation.trials import DAY_US, NAMES, TRIALS, assign
from bihuan.understand.engine.experiment import read_experiment, shape_experiment
from bihuan.understand.experiments.models import Experiment, State
from bihuan.understand.experiments.queries import assignment_of, find

BY = system_actor("simulate")
UNTIL, DAYS = date(2026, 11, 22), 120
GUIDED, REPORT = TRIALS


@pytest.mark.django_db
def test_what_the_platform_finds_covers_what_was_planted(event_home) -> None:
    company = simulate(accounts=150, days=DAYS, seed=7, until=UNTIL, events=120_000)
    at = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    load_company(company, by=BY, at=at)
    running, stopped = (Experiment.objects.get(key=one.key) for one in TRIALS)
    assert (running.state, stopped.state, stopped.chosen) == (State.RUNNING, State.STOPPED, "long")
    for row, trial in ((running, GUIDED), (stopped, REPORT)):
        found = find(row, actor=BY, at=at)
        assert not found.ratio_flagged and found.doubled == found.strangers == 0 and found.units > 100
        for one in found.metrics:
            if one.role == "primary" and not one.is_control:
                assert one.low < trial.effect(one.variant) < one.high, (trial.key, one)
                assert one.better is (None if trial.effect(one.variant) == 0 else True), (trial.key, one)
    rail = find(running, actor=BY, at=at).of_metric("打开帮助", variant="guided")
    assert rail.low < 0 < rail.high and rail.value == pytest.approx(GUIDED.extras, abs=0.1)
    someone = next(iter(company.tables["people"]["key"].to_pylist()))
    assert assignment_of(running, unit=someone).running


def of_one_company(seed: int, *, accounts: int = 120, people: int = 6) -> dict[str, list[tuple[str, bool]]]:
    """(variant, whether the interval held the truth) by experiment; everybody signs in each day while they run."""
    first = UNTIL - timedelta(days=DAYS)
    midnight = midnights(first=first, days=DAYS, zone="Asia/Shanghai")
    days, size = np.arange(20, DAYS, 9), accounts * people
    person = np.tile(np.arange(size), len(days))
    nothing = np.zeros(len(person), dtype=np.int64)
    ts = np.repeat(midnight[days] + 9 * 3_600_000_000, size)
    chunk = EventChunk(number=0, first_event=0, account=person // people, person=person, name=nothing, product=nothing, ts=ts,
                       received=ts, props=nothing)  # fmt: skip
    found = {}
    keys = [f"A{n}" for n in range(accounts)], [f"P{n}" for n in range(size)]
    for made in assign(seed=seed, midnight=midnight, account_keys=keys[0], person_keys=keys[1]):
        rows = made.rows(chunk)
        units = rows.person if made.trial.unit == "person" else rows.account
        seen, did = rows.name == 0, rows.name == NAMES.index(made.trial.outcome)
        at = np.unique(units[seen], return_counts=True)
        names = np.array(list(made.trial.rates), dtype=object)
        exposed = pa.table(
            {"unit": at[0], "variant": names[made.variant[at[0]]], "exposures": at[1], "people": at[1]}
        )
        counted = np.unique(units[did], return_counts=True)
        answer = shape_experiment(
            read_experiment({
                "kind": "experiment", "unit": made.trial.unit, "variants": dict.fromkeys(made.trial.rates, 1),
                "exposure": {"event": "x", "variant": "props.variant"}, "metrics": list(made.trial.metrics[:1]),
            }, today=UNTIL),
            exposed=exposed, values={made.trial.metrics[0]["name"]: pa.table({"unit": counted[0], "y": counted[1]})}, zone="UTC",
        )  # fmt: skip
        cells = [dict(zip([c.name for c in answer.columns], row, strict=True)) for row in answer.rows][1:]
        found[made.trial.key] = [
            (row["variant"], row["low"] <= made.trial.effect(row["variant"]) <= row["high"]) for row in cells
        ]
    return found


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    companies = [of_one_company(seed) for seed in range(60)]
    for trial in TRIALS:
        held = [all(inside for _variant, inside in company[trial.key]) for company in companies]
        assert np.mean(held) >= 0.87, trial.key  # 95 %, less what 60 companies may miss by chance
    both = [inside for company in companies for one in company.values() for _variant, inside in one]
    assert 0.9 <= np.mean(both) < 1, "an interval that always holds the truth says nothing"


def test_nothing_happens_outside_the_days_of_an_experiment() -> None:
    company = simulate(accounts=20, days=90, seed=3, until=UNTIL, events=8_000)
    keys = [f"P{n}" for n in range(company.people)]
    for made in assign(
        seed=3, midnight=company.world.midnight, account_keys=company.account_keys, person_keys=keys
    ):
        for chunk in company.events():
            rows = made.rows(chunk)
            assert len(rows) and rows.ts.min() >= made.first_us and rows.ts.max() < made.end_us
            again = made.rows(chunk)
            assert (again.ts == rows.ts).all() and again.props == rows.props, "one seed, one company"
        assert made.end_us <= int(company.world.midnight[-1]) + DAY_US
