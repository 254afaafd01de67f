"""The early warning on the examples: where there is no signal it says so, and where there is one it finds it."""

from datetime import date
from pathlib import Path

import pytest
from cast import NOW, SYSTEM

from bihuan.capture.imports.actions import run_import
from bihuan.foresee.health.actions import compute_health
from bihuan.foresee.warning.actions import change_settings, score_accounts, train_model
from bihuan.foresee.warning.models import Risk, Standing
from bihuan.foresee.warning.queries import risk_of, verdict, verdict_in_words
from bihuan.know.accounts.models import Account
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.queries import ask
from bihuan.understand.stats.snapshot import told_by

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
END = date(2024, 12, 31)

pytestmark = pytest.mark.django_db


def load(example: str) -> None:
    run_import(mapping_path=EXAMPLES / example / "mapping.yaml", by=SYSTEM, at=NOW)


@pytest.mark.parametrize(("horizon", "contraction"), [(90, 30), (90, 10)])
def test_ravenstack_has_too_little_signal_and_health_stands_in(
    cast, event_home, settings, horizon: int, contraction: int
) -> None:
    settings.CURRENCY = "USD"
    load("ravenstack")
    change_settings(capacity=5, horizon=horizon, contraction=contraction, by=SYSTEM, at=NOW)
    model = train_model(day=END, by=SYSTEM, at=NOW)
    assert model.verdict in ("few", "weak", "none")
    assert model.standing == Standing.RETIRED
    assert model.document == {}, "nothing that could give a probability is kept"
    assert model.card["rows"] > 3_000
    # An end is written down when somebody cancels. Seen from before, it is not there: else the AUC would be near 1.
    assert model.card["left_out"]["days_to_renewal"] == "empty"
    assert model.backtest["candidates"]["trees"]["auc"] < 0.8
    assert "Too little signal" in verdict_in_words(model)

    assert score_accounts(day=END, by=SYSTEM, at=NOW) == 0
    assert not Risk.objects.exists()
    compute_health(day=END, by=SYSTEM, at=NOW)
    now = verdict()
    assert (now.source, now.usable, now.code) == ("health", False, model.verdict)
    told = risk_of(Account.objects.values_list("pk", flat=True))
    assert len(told) > 490
    assert {one.source for one in told.values()} == {"health"}
    assert {one.probability for one in told.values()} == {None}
    ranked = sorted((one for one in told.values() if one.rank is not None), key=lambda one: one.rank)
    assert [one.health for one in ranked] == sorted(one.health for one in ranked)
    assert any(one.reasons for one in ranked[:10])
    asked: Answer = ask(question={"kind": "warning"}, actor=SYSTEM, at=NOW)
    assert (asked.summary["source"], asked.rows) == ("health", ())
    assert "too little signal" in " ".join(asked.definition)


def test_pysurvival_is_told_from_one_snapshot(event_home) -> None:
    load("pysurvival_b2b_saas_churn")
    rows = list(Account.objects.values_list("props", flat=True))
    names = sorted(set(rows[0]) - {"churned", "months_active"})
    did = [float(row["churned"]) == 1 for row in rows]
    columns = {name: [row.get(name) for row in rows] for name in names}
    assert (len(rows), sum(did)) == (2_000, 932)
    told = told_by(columns=columns, did=did)
    assert told.area.value >= 0.90
    assert told.verdict == "usable"

    mixed = [did[(7 * place + 3) % len(did)] for place in range(len(did))]
    assert told_by(columns=columns, did=mixed).verdict == "weak", (
        "the same columns say nothing of other customers"
    )

    tree = ask(
        question={"kind": "tree", "did": "account.churned == 1.0", "columns": [f"account.{name}" for name in names]},
        actor=SYSTEM, at=NOW,
    )  # fmt: skip
    assert tree.rows, "rules that say who leaves"
