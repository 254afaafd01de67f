"""Training: learn from past days, judge on days that were not learnt from, and decide what is in force."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.warning import rules
from bihuan.foresee.warning.events import RiskModelTrained
from bihuan.foresee.warning.models import Risk, RiskModel, Standing, Verdict
from bihuan.foresee.warning.queries.dataset import Dataset, dataset_of, learnable
from bihuan.foresee.warning.queries.reported import card_of, report_of
from bihuan.foresee.warning.queries.settings import champion, ready, settings_now
from bihuan.understand.stats.auc import auc_gain
from bihuan.understand.stats.backtest import Backtest, TooLittle, backtest, fit, scores_of
from bihuan.understand.stats.scorers import UnreadableScorer, read_scorer

LEAST_TO_COMPARE = 10
KEPT = 36
LOOK_BACK = timedelta(days=8)


def train_model(
    *, day: date, by: Actor, at: datetime, progress: Callable[[int, int], None] | None = None
) -> RiskModel:
    """Learn from every snapshot whose horizon ended by `day`. A usable model is put in force when there is none, or when it is
    better than the one in force by more than noise; else it waits as the challenger. Too little signal retires the one in
    force: from then on health stands in."""
    settings = settings_now()
    data = dataset_of(last=day, horizon=settings.horizon, contraction=settings.contraction, progress=progress)
    weekly = rules.capacity_of_a_step(weekly=settings.capacity)
    try:
        tested = (
            backtest(panel=data.panel, horizon=settings.horizon, capacity=weekly) if data.snapshots else None
        )
    except TooLittle:
        tested = None
    verdict = Verdict(tested.verdict) if tested is not None else Verdict.NONE
    card = card_of(data, settings=settings, tested=tested)
    document: dict[str, Any] = {}
    if tested is not None and verdict == Verdict.USABLE:
        document = _document(data, tested)
        card |= {"weights": _weights(document, data)}
    row = RiskModel(
        verdict=verdict, kind=tested.chosen if tested else "", horizon=settings.horizon, as_of=day, document=document,
        backtest=report_of(tested, weekly=settings.capacity, horizon=settings.horizon) if tested else {}, card=card,
        trained_at=at, trained_by=by.name,
    )  # fmt: skip
    return _keep(row, tested=tested, by=by, at=at)


def _document(data: Dataset, tested: Backtest) -> dict[str, Any]:
    """The chosen candidate, learnt from every row."""
    scorer = fit(tested.chosen, data.panel)
    targets = rules.targets_of(features=data.panel.features, matrix=data.panel.matrix, did=data.panel.did)
    return {
        "scorer": dict(scorer.document), "scale": {"slope": tested.scale.slope, "shift": tested.scale.shift},
        "targets": targets,
    }  # fmt: skip


def _weights(document: dict[str, Any], data: Dataset) -> list[list[Any]]:
    """What moves the risk most, over a bounded number of rows: [feature, mean size of what it adds]."""
    scorer = read_scorer(document["scorer"])
    step = max(1, len(data.panel.did) // 4000)
    places = [data.panel.features.index(name) for name in scorer.features]
    parts = abs(scorer.contributions(data.panel.matrix[::step][:, places])).mean(axis=0)
    order = (-parts).argsort(kind="stable")
    return [[scorer.features[place], round(float(parts[place]), 4)] for place in order.tolist()]


@transaction.atomic
def _keep(row: RiskModel, *, tested: Backtest | None, by: Actor, at: datetime) -> RiskModel:
    """Give it its place, and those before theirs."""
    row.number = (RiskModel.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    before = champion()
    RiskModel.objects.filter(standing=Standing.CHALLENGER).update(
        standing=Standing.RETIRED, note=["replaced", row.number]
    )
    row.standing, row.note = _standing(row, before=before, tested=tested)
    if before is not None and row.standing != Standing.CHALLENGER:
        before.standing = Standing.RETIRED
        before.note = ["replaced", row.number] if row.standing == Standing.CHAMPION else ["too_little"]
        before.save(update_fields=["standing", "note"])
    row.save()
    if row.verdict != Verdict.USABLE:
        # What cannot be believed any more is not shown as if it could: the last days' numbers go.
        Risk.objects.filter(day__gt=row.as_of - LOOK_BACK).delete()
    old = RiskModel.objects.filter(standing=Standing.RETIRED).exclude(pk__in=Risk.objects.values("model_id"))
    for gone in old.order_by("-number")[KEPT:]:
        gone.delete()
    publish(
        RiskModelTrained(number=row.number, verdict=str(row.verdict), standing=str(row.standing)),
        by=by,
        at=at,
    )
    return row


def _standing(
    row: RiskModel, *, before: RiskModel | None, tested: Backtest | None
) -> tuple[Standing, list[Any]]:
    if row.verdict != Verdict.USABLE or tested is None:
        return Standing.RETIRED, ["too_little"]
    if before is None:
        return Standing.CHAMPION, ["first"]
    if before.horizon != row.horizon or before.card.get("contraction") != row.card.get("contraction"):
        return Standing.CHAMPION, ["other_question"]
    try:
        scorer = ready(before).scorer
    except UnreadableScorer:
        return Standing.CHAMPION, ["other_question"]
    known = set(rules.feature_names(learnable()))
    if not set(scorer.features) <= known:
        return Standing.CHAMPION, ["other_question"]
    unseen = tested.panel.day > before.as_of.toordinal() - before.horizon
    panel = tested.panel.rows(unseen)
    if (
        not set(scorer.features) <= set(panel.features)
        or panel.did.sum() < LEAST_TO_COMPARE
        or panel.did.all()
    ):
        return Standing.CHALLENGER, ["not_comparable"]
    gain = auc_gain(
        labels=panel.did, scores=tested.log_odds[tested.chosen][unseen], over=scores_of(scorer, panel), groups=panel.account
    )  # fmt: skip
    if gain.low > 0:
        return Standing.CHAMPION, ["better", round(gain.value, 4)]
    return Standing.CHALLENGER, ["not_better", round(gain.value, 4)]
