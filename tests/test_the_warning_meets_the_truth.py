"""The early warning on the simulated company, whose reasons for leaving are known: near the best that anyone could do, calibrated,
early; and it neither uses nor is fooled by what was not known on the day."""

import logging
from datetime import date
from typing import Any

import numpy as np
import pytest
from cast import NOW, SYSTEM, TODAY

from bihuan.config.simulation import Company, simulate
from bihuan.config.simulation.load import load_company
from bihuan.foresee.signals.models import Signal
from bihuan.foresee.warning.actions import score_accounts, train_model
from bihuan.foresee.warning.models import Risk, RiskModel, Standing, Verdict
from bihuan.foresee.warning.queries import risk_of, verdict, verdict_in_words
from bihuan.foresee.warning.queries.dataset import Dataset, cleaned, dataset_of, learnable
from bihuan.foresee.warning.queries.words import LEAK
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.queries import values_as_of, values_over
from bihuan.understand.stats.auc import auc_of
from bihuan.understand.stats.backtest import Backtest, backtest

pytestmark = pytest.mark.django_db

#: Many accounts with few people and few events each: enough who leave, and quick to load.
SIZE = {"accounts": 800, "days": 730, "people": 6_400, "events": 500_000, "seed": 7}
HORIZON, CONTRACTION, CAPACITY = 90, 30, 21
YESTERDAY = date.fromordinal(TODAY.toordinal() - 1)


def best_possible(company: Company, tested: Backtest) -> np.ndarray[Any, Any]:
    """The simulator's own chance that an account ends within the horizon of a row."""
    ids = dict(Account.objects.values_list("key", "pk"))
    ends: dict[int, list[tuple[int, float]]] = {}
    for row in company.truth.to_pylist():
        if row["due_on"] is not None and row["hazard"] > 0:
            ends.setdefault(ids[row["account_key"]], []).append((row["due_on"].toordinal(), row["hazard"]))
    return np.array([
        1 - np.prod([1 - hazard for day, hazard in ends.get(account, ()) if begins < day <= begins + HORIZON])
        for account, begins in zip(tested.panel.account.tolist(), tested.panel.day.tolist(), strict=True)
    ])  # fmt: skip


def with_planted_column(data: Dataset) -> Dataset:
    """The same rows with one more column, which tells what will be."""
    panel = data.panel
    matrix = np.column_stack([panel.matrix, np.where(panel.did, 1.0, 0.0)])
    more = type(panel)(features=(*panel.features, "planted"), matrix=matrix, account=panel.account, day=panel.day,
                       did=panel.did, event=panel.event, naive=panel.naive)  # fmt: skip
    return Dataset(panel=more, snapshots=data.snapshots, left_out={})


def test_the_warning_comes_near_the_best_possible_and_never_looks_ahead(event_home) -> None:
    company = simulate(until=TODAY, **SIZE)
    load_company(company, by=SYSTEM, at=NOW)
    data = dataset_of(last=YESTERDAY, horizon=HORIZON, contraction=CONTRACTION)
    tested = backtest(panel=data.panel, horizon=HORIZON, capacity=CAPACITY)
    best = auc_of(labels=tested.panel.did, scores=best_possible(company, tested), groups=tested.panel.account)
    figures = (f"AUC {tested.area.value:.3f}, best possible {best.value:.3f}, ECE {tested.calibration.error:.4f}, "
               f"losses {tested.area.positives}, lead time {tested.lead.median} days")  # fmt: skip
    logging.getLogger("bihuan").info(figures)
    assert tested.verdict == "usable"
    assert tested.area.value > best.value - 0.03, figures
    assert tested.calibration.error < 0.05, figures
    assert tested.candidates["naive"].area.high < tested.area.low, "days without use alone say far less"
    assert tested.lead.median is not None
    assert 20 <= tested.lead.median <= HORIZON

    # What nobody could know is not used: the end of a contract without a term is a fact only once notice was given.
    assert "days_to_renewal" in data.left_out
    assert set(data.panel.features).isdisjoint({"risk", "days_to_renewal"})
    blind, seeing = values_over(days=[data.snapshots[0]], names=["days_to_renewal"])[0], values_as_of(
        day=data.snapshots[0], names=["days_to_renewal"]
    )  # fmt: skip
    assert np.isnan(blind.by_measure["days_to_renewal"]).all()
    assert not np.isnan(seeing.by_measure["days_to_renewal"]).all()
    planted = with_planted_column(data)
    honest = cleaned(planted.panel, snapshots=planted.snapshots)
    assert honest.left_out["planted"] == LEAK
    assert honest.panel.features == data.panel.features

    # Nor is who was in touch: the company's chains came by one import, after all of these days.
    late = ("champion_silent_days", "people_in_touch")
    for values in values_over(days=data.snapshots, names=late):
        assert all(np.isnan(values.by_measure[name]).all() for name in late)

    # Everything else is as it was measured alone, on each day.
    day = data.snapshots[-1]
    names = [name for name in learnable() if name not in ("days_to_renewal", *late)]
    together, alone = values_over(days=data.snapshots, names=names)[-1], values_as_of(day=day, names=names)
    for name in names:
        np.testing.assert_allclose(together.by_measure[name], alone.by_measure[name], err_msg=name)

    # In force, it scores, says why, and warns of no more than the team can help.
    model = train_model(day=YESTERDAY, by=SYSTEM, at=NOW)
    assert (model.verdict, model.standing, model.number) == (Verdict.USABLE, Standing.CHAMPION, 1)
    assert "AUC" in verdict_in_words(model)
    number = score_accounts(day=TODAY, by=SYSTEM, at=NOW)
    assert number == Risk.objects.count() > 500
    top = Risk.objects.order_by("rank").first()
    assert top is not None
    assert top.reasons
    assert Signal.objects.filter(kind="risk_high").count() == 5 == Risk.objects.filter(band="list").count()
    assert score_accounts(day=TODAY, by=SYSTEM, at=NOW) == number
    assert Signal.objects.filter(kind="risk_high").count() == 5, "scoring again tells nothing twice"
    said = values_as_of(day=TODAY, names=["risk"], account_ids=[top.account_id]).by_measure["risk"]
    assert said[0] == pytest.approx(top.probability)
    (one,) = risk_of([top.account_id]).values()
    assert (one.source, one.rank, one.band) == ("model", 1, "list")
    assert one.reasons
    for _name, _now, _then, risk in top.changes:
        assert risk < top.probability

    # A second one on the same days is no better than the first: it waits.
    second = train_model(day=YESTERDAY, by=SYSTEM, at=NOW)
    assert (second.standing, verdict().model_id) == (Standing.CHALLENGER, model.pk)
    assert RiskModel.objects.filter(standing=Standing.CHAMPION).count() == 1
