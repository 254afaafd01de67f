"""An experiment is drafted, started and stopped; what was planned stays, and products are told what to show."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bihuan.base.bus.models import OutboxFact
from bihuan.understand.engine.experiment import read_experiment
from bihuan.understand.experiments.actions import (
    add_experiment,
    change_experiment,
    start_experiment,
    stop_experiment,
)
from bihuan.understand.experiments.models import Experiment
from bihuan.understand.experiments.queries import assignment_of, question_of
from bihuan.understand.experiments.rules import variant_of

pytestmark = pytest.mark.django_db
VARIANTS = [{"name": "control", "weight": 1}, {"name": "new", "weight": 3}]
METRICS = [
    {"name": "subscribed", "kind": "conversion", "event": "subscribe", "within": "14d", "by": "person"},
    {"name": "tickets", "kind": "mean", "event": "ticket_opened", "guard": True, "higher_is_better": False},
]


def add(**fields) -> Experiment:
    return add_experiment(**{"key": "new-form", "name": "新表单", "variants": VARIANTS, "metrics": METRICS, "by": SYSTEM,
                             "at": NOW, **fields})  # fmt: skip


def facts(name: str) -> list[dict]:
    return [fact.payload for fact in OutboxFact.objects.filter(name=name)]


def test_an_experiment_runs_from_draft_to_decision() -> None:
    row = add()
    assert assignment_of(row, unit="A-1").variant == "control" and not assignment_of(row, unit="A-1").running
    row = start_experiment(experiment=row, by=SYSTEM, at=NOW)
    shown = {
        unit: assignment_of(row, unit=unit).variant for unit in ("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")
    }
    assert shown == {
        u: variant_of(key="new-form", unit=u, variants=[("control", 1), ("new", 3)]) for u in shown
    }
    assert set(shown.values()) == {"control", "new"}
    row = stop_experiment(experiment=row, chosen="new", by=SYSTEM, at=NOW + timedelta(days=14))
    assert {assignment_of(row, unit=unit).variant for unit in shown} == {"new"}
    assert facts("experiment_started")[0]["metrics"] == METRICS, "what was planned is kept"
    assert facts("experiment_stopped") == [{"experiment_id": row.pk, "key": "new-form", "chosen": "new"}]
    assert facts("experiment_added") == [{"experiment_id": row.pk, "key": "new-form"}]


def test_without_a_choice_everybody_is_back_at_the_control() -> None:
    row = stop_experiment(experiment=start_experiment(experiment=add(), by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    assert {assignment_of(row, unit=f"A-{n}").variant for n in range(20)} == {"control"}


def test_a_started_experiment_keeps_its_plan_and_may_be_described_better() -> None:
    row = change_experiment(experiment=add(), method="sequential", planned=500, by=SYSTEM, at=NOW)
    assert facts("experiment_changed")[0]["after"] == {"method": "sequential", "planned": 500}
    row = start_experiment(experiment=row, by=SYSTEM, at=NOW)
    for change in (
        {"method": "fixed"},
        {"variants": VARIANTS[::-1]},
        {"metrics": METRICS[:1]},
        {"planned": 10_000},
    ):
        with pytest.raises(ValidationError) as refused:
            change_experiment(experiment=row, by=SYSTEM, at=NOW, **change)
        assert set(refused.value.message_dict) == set(change)
    row = change_experiment(
        experiment=row, hypothesis="更短的表单带来更多订阅", method="sequential", by=SYSTEM, at=NOW
    )
    assert row.hypothesis.startswith("更短") and row.method == "sequential"
    assert len(facts("experiment_changed")) == 2
    change_experiment(experiment=row, hypothesis=row.hypothesis, by=SYSTEM, at=NOW)
    assert len(facts("experiment_changed")) == 2, "nothing differs, nothing is told"


def test_steps_out_of_order_are_refused() -> None:
    row = add()
    with pytest.raises(ValidationError, match="running"):
        stop_experiment(experiment=row, by=SYSTEM, at=NOW)
    row = start_experiment(experiment=row, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="draft"):
        start_experiment(experiment=row, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="no such variant"):
        stop_experiment(experiment=row, chosen="other", by=SYSTEM, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.filter(pk=row.pk).update(started_at=None)


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"key": "New Form"}, "key", "small letters"),
        ({"key": "a\n"}, "key", "small letters"),
        ({"name": ""}, "name", "blank"),
        ({"variants": VARIANTS[:1]}, "variants", "2 to 10"),
        ({"variants": [VARIANTS[0], VARIANTS[0]]}, "variants", "name of its own"),
        ({"variants": [VARIANTS[0], {"name": "new"}]}, "variants", "Write a list"),
        ({"variants": [VARIANTS[0], {"name": "new", "weight": 0.5}]}, "variants", "whole number"),
        ({"metrics": [{"name": "x", "kind": "median", "event": "y"}]}, "metrics", "metrics[1].kind"),
        ({"metrics": [{"name": "x"}]}, "metrics", "name an event"),
        ({"unit": "person"}, "metrics", "when accounts are assigned"),
        ({"planned": 3}, "planned", "greater than or equal to 20"),
        ({"matters": -1.0}, "matters", "write a number"),
        ({"method": "peeking"}, "method", "not a valid choice"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(fields: dict, field: str, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        add(**fields)
    assert told in " ".join(refused.value.message_dict[field])
    assert not Experiment.objects.exists() and not facts("experiment_added")


def test_a_key_is_used_once() -> None:
    add()
    with pytest.raises(ValidationError, match="already exists"):
        add(name="another")


def test_an_experiment_is_a_question_about_what_was_really_shown() -> None:
    row = start_experiment(
        experiment=add(cuped_days=28, matters=0.02), by=SYSTEM, at=NOW - timedelta(days=10)
    )
    question = question_of(row, at=NOW)
    asked = read_experiment(question, today=NOW.date())
    assert (
        asked.key == "new-form"
        and asked.control == "control"
        and asked.exposure.events == ("experiment_exposed",)
    )
    assert asked.exposure.where == 'props.experiment == "new-form"' and asked.variant == "props.variant"
    assert (question["period"], question["cuped"]) == ({"from": "2026-11-08", "to": "2026-11-18"}, "28d")
    assert [metric.guard for metric in asked.metrics] == [False, True] and asked.matters == 0.02
    stopped = stop_experiment(experiment=row, by=SYSTEM, at=NOW - timedelta(days=3))
    assert question_of(stopped, at=NOW)["period"]["to"] == "2026-11-15"


def test_a_product_asks_with_a_token_that_may_do_nothing_else(cast) -> None:
    from django.test import Client

    from bihuan.base.access.actions import create_token

    made = cast.rest("an").post(
        "/api/v1/experiments", {"key": "new-form", "name": "新表单", "variants": VARIANTS, "metrics": METRICS},
        content_type="application/json",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    assert cast.rest("an").post("/api/v1/experiments/new-form/start").json()["state"] == "running"
    _row, secret = create_token(
        staff=cast.oli, name="product", scopes=["experiments.assign"], by=SYSTEM, at=NOW
    )
    product = Client(headers={"Authorization": f"Bearer {secret}"})
    found = product.get("/api/v1/experiments/new-form/assignment", {"unit": "A-1"}).json()
    variant = variant_of(key="new-form", unit="A-1", variants=[("control", 1), ("new", 3)])
    assert found == {
        "experiment": "new-form",
        "unit": "A-1",
        "variant": variant,
        "running": True,
        "event": "experiment_exposed",
    }
    assert product.get("/api/v1/experiments/new-form").status_code == 403
    assert product.get("/api/v1/experiments/other/assignment", {"unit": "A-1"}).status_code == 404
    assert product.get("/api/v1/experiments/new-form/assignment").status_code == 422
    assert cast.rest("pan").get("/api/v1/experiments/new-form/assignment", {"unit": "A-1"}).status_code == 403


def test_it_is_read_changed_and_stopped_over_rest(cast) -> None:
    add()
    client = cast.rest("mei")
    assert client.get("/api/v1/experiments").json()["items"][0]["key"] == "new-form"
    address = "/api/v1/experiments/new-form"
    changed = client.patch(
        address, {"name": "短表单", "matters": 0.05}, content_type="application/json"
    ).json()
    assert (changed["name"], changed["matters"], changed["metrics"]) == ("短表单", 0.05, METRICS)
    assert client.get(f"{address}/question").json()["matters"] == 0.05
    assert client.patch(address, {"matters": None}, content_type="application/json").json()["matters"] is None
    client.post(f"{address}/start")
    refused = client.patch(address, {"method": "bayesian"}, content_type="application/json")
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "method"
    stopped = client.post(f"{address}/stop", {"chosen": "new"}, content_type="application/json").json()
    assert (stopped["state"], stopped["chosen"]) == ("stopped", "new")
