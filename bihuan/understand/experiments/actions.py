"""Writes about experiments: each is one transaction and one fact."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.bus.facts import kept
from bihuan.capture.store import INTERNAL_SOURCE, events_table
from bihuan.know.products.models import Product
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.experiment import plans_of_experiment, read_experiment
from bihuan.understand.experiments.events import (
    ExperimentAdded,
    ExperimentChanged,
    ExperimentResumed,
    ExperimentStarted,
    ExperimentStopped,
    ExperimentWithdrawn,
)
from bihuan.understand.experiments.models import Experiment, State
from bihuan.understand.experiments.queries import question_of, was_shown
from bihuan.understand.explore.said import in_words

#: What may be changed always, and what only in a draft: once units are assigned, the plan is the plan.
WORDS = ("name", "hypothesis")
PLAN = ("product", "unit", "variants", "metrics", "method", "planned", "cuped_days", "matters")
MOST_WEIGHT = 1_000_000


@transaction.atomic
def add_experiment(
    *, key: str, name: str, variants: Sequence[Mapping[str, Any]], metrics: Sequence[Mapping[str, Any]], by: Actor,
    at: datetime, product: Product | None = None, **fields: Any,
) -> Experiment:  # fmt: skip
    """Draft one; ValidationError names the field that is wrong. Other fields: hypothesis, unit, method, planned,
    cuped_days, matters."""
    row = Experiment(
        key=key,
        name=name,
        variants=list(variants),
        metrics=list(metrics),
        product=product,
        created_at=at,
        **fields,
    )
    _check(row, at=at)
    row.save()
    publish(ExperimentAdded(experiment_id=row.pk, key=row.key), by=by, at=at)
    return row


@transaction.atomic
def change_experiment(*, experiment: Experiment, by: Actor, at: datetime, **fields: Any) -> Experiment:
    """Set the given fields of WORDS, in a draft also of PLAN; nothing happens when nothing differs."""
    row: Experiment = Experiment.objects.select_for_update().get(pk=experiment.pk)
    changed = [name for name in (*WORDS, *PLAN) if name in fields and getattr(row, name) != fields[name]]
    if not changed:
        return row
    fixed = [name for name in changed if name in PLAN]
    if fixed and row.state != State.DRAFT:
        told = _("It has been started; its plan no longer changes. Stop it and add another.")
        raise ValidationError(dict.fromkeys(fixed, told))
    before = {name: kept(getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, fields[name])
    _check(row, at=at)
    row.save()
    after = {name: kept(getattr(row, name)) for name in changed}
    publish(ExperimentChanged(experiment_id=row.pk, key=row.key, before=before, after=after), by=by, at=at)
    return row


@transaction.atomic
def start_experiment(*, experiment: Experiment, by: Actor, at: datetime) -> Experiment:
    """From now on products are told variants; ValidationError unless it is a draft."""
    row: Experiment = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.state != State.DRAFT:
        raise ValidationError({"state": _("Only a draft can be started.")})
    row.state, row.started_at = State.RUNNING, at
    row.save()
    fact = ExperimentStarted(
        experiment_id=row.pk, key=row.key, variants=row.variants, metrics=row.metrics, method=row.method
    )
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def stop_experiment(*, experiment: Experiment, by: Actor, at: datetime, chosen: str = "") -> Experiment:
    """From now on everybody gets the chosen variant, or the control; ValidationError unless it runs."""
    row: Experiment = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.state != State.RUNNING:
        raise ValidationError({"state": _("Only a running experiment can be stopped.")})
    if chosen and chosen not in dict(row.weights):
        raise ValidationError({"chosen": _("It has no such variant.")})
    row.state, row.stopped_at, row.chosen = State.STOPPED, at, chosen
    row.save()
    publish(ExperimentStopped(experiment_id=row.pk, key=row.key, chosen=chosen), by=by, at=at)
    return row


@transaction.atomic
def withdraw_experiment(*, experiment: Experiment, by: Actor, at: datetime) -> Experiment:
    """A draft again, as if it had not been started; ValidationError unless it runs and nobody has seen a variant."""
    row: Experiment = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.state != State.RUNNING:
        raise ValidationError({"state": _("Only a running experiment can be withdrawn.")})
    if was_shown(row, at=at):
        raise ValidationError({"state": _("Somebody has seen a variant already; stop it instead.")})
    row.state, row.started_at = State.DRAFT, None
    row.save()
    publish(ExperimentWithdrawn(experiment_id=row.pk, key=row.key), by=by, at=at)
    return row


@transaction.atomic
def resume_experiment(*, experiment: Experiment, by: Actor, at: datetime) -> Experiment:
    """Run on after a stop by mistake, with everybody in the variant that they had; ValidationError unless it is stopped."""
    row: Experiment = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.state != State.STOPPED:
        raise ValidationError({"state": _("Only a stopped experiment can be resumed.")})
    row.state, row.stopped_at, row.chosen = State.RUNNING, None, ""
    row.save()
    publish(ExperimentResumed(experiment_id=row.pk, key=row.key), by=by, at=at)
    return row


def _check(row: Experiment, *, at: datetime) -> None:
    """The fields, and that the experiment can be asked as a question."""
    row.full_clean()
    _check_variants(row.variants)
    try:
        asked = read_experiment(question_of(row, at=at), today=at.date())
        plans_of_experiment(asked, events=events_table(), reach={}, internal_source=INTERNAL_SOURCE)
    except QuestionError as error:
        name = error.field.split(".")[0].split("[")[0]
        field = {"cuped": "cuped_days"}.get(name, name)
        field = field if field in PLAN else "metrics"
        raise ValidationError({field: f"{error.field}: {in_words(error.message)}"}) from None


def _check_variants(variants: Any) -> None:
    """Names of their own with whole weights above 0."""
    if not isinstance(variants, list) or not all(
        isinstance(v, dict) and set(v) == {"name", "weight"} for v in variants
    ):
        raise ValidationError({"variants": _('Write a list of {"name", "weight"}, the control first.')})
    names = [variant["name"] for variant in variants]
    if not all(isinstance(name, str) and 0 < len(name) <= 60 for name in names) or len(set(names)) < len(
        names
    ):
        raise ValidationError(
            {"variants": _("Each variant needs a name of its own, of at most 60 characters.")}
        )
    for variant in variants:
        weight = variant["weight"]
        if isinstance(weight, bool) or not isinstance(weight, int) or not 1 <= weight <= MOST_WEIGHT:
            raise ValidationError({"variants": _("A weight is a whole number from 1 to 1,000,000.")})
