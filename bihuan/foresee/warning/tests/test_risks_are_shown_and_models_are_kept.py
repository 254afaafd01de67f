"""Pages and REST of the early warning: who sees what, which model is in force, and never a number that cannot be believed."""

import numpy as np
import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.models import Job
from bihuan.foresee.warning.actions import change_settings, keep_champion, put_in_force, score_accounts
from bihuan.foresee.warning.models import Risk, RiskModel
from bihuan.foresee.warning.queries import risk_of, verdict
from bihuan.understand.stats.backtest import Panel, backtest
from bihuan.understand.stats.scorers import fit_logistic

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def report() -> dict:
    """Of a real backtest on made-up rows."""
    from bihuan.foresee.warning.queries.reported import report_of

    rng = np.random.default_rng(1)
    day, account = np.repeat(np.arange(739_000, 739_360, 30), 200), np.tile(np.arange(200), 12)
    quality = rng.normal(size=len(day))
    did = rng.random(len(day)) < 1 / (1 + np.exp(3 - 2 * quality))
    panel = Panel(features=("days_silent", "usage_trend"), matrix=np.column_stack([rng.normal(size=len(day)), quality]),
                  account=account, day=day, did=did, event=np.where(did, 40.0, np.nan), naive="days_silent")  # fmt: skip
    return report_of(backtest(panel=panel, horizon=90, capacity=21), weekly=5, horizon=90)


def model(number: int, standing: str = "champion", verdict: str = "usable", **more) -> RiskModel:
    rng = np.random.default_rng(number)
    matrix = rng.normal(size=(200, 2))
    scorer = fit_logistic(matrix=matrix, did=matrix[:, 0] > 0.5, features=("days_silent", "usage_trend"))
    document = {"scorer": dict(scorer.document), "scale": {"slope": 1.0, "shift": -1.0}, "targets": {}}
    card = {"contraction": 30, "step": 30, "check": 10, "rows": 2_400, "positives": 300, "accounts": 200, "snapshots": [],
            "features": ["days_silent", "usage_trend"], "left_out": {"days_to_renewal": "empty"},
            "weights": [["days_silent", 0.5], ["usage_trend", 0.2]]}  # fmt: skip
    fields = {"kind": "logistic", "horizon": 90, "as_of": TODAY, "document": document, "backtest": report(), "card": card,
              "note": ["first"], "trained_at": NOW, "trained_by": "test"} | more  # fmt: skip
    return RiskModel.objects.create(number=number, standing=standing, verdict=verdict, **fields)


@pytest.fixture
def risks(cast) -> RiskModel:
    """Both customers have a risk; the southern one is on the list."""
    row = model(1)
    for rank, (account, probability, band) in enumerate(
        [(cast.yunshan, 0.41, "list"), (cast.songtao, 0.02, "rest")], start=1
    ):
        Risk.objects.create(
            account=account, day=TODAY, model=row, probability=probability, rank=rank, band=band, value=12_000,
            reasons=[["days_silent", 34.0, 0.9], ["active_people.past", -0.4, 0.3]], changes=[["open_tickets", 7.0, 1.0, 0.2]],
        )  # fmt: skip
    return row


def test_the_list_says_why_and_what_would_change_it_within_the_territory(cast, risks):
    page = cast.client("mei").get("/warning/").content.decode()
    assert "云杉" in page
    assert "松涛" in page
    south = cast.client("song").get("/warning/").content.decode()
    assert "云杉" in south
    assert "松涛" not in south
    assert cast.client("pan").get("/warning/").status_code == 403
    found = cast.rest("song").get("/api/v1/warning").json()["items"]
    assert [(one["account_id"], one["probability"], one["place"]) for one in found] == [
        (cast.yunshan.pk, 0.41, 1)
    ]
    assert len(found[0]["reasons"]) == 2
    assert "34" in found[0]["reasons"][0]
    assert "20.0%" in found[0]["changes"][0]
    assert cast.rest("mei").get("/api/v1/warning?band=rest").json()["count"] == 1
    assert cast.rest("mei").get("/api/v1/warning?at_least=0.4").json()["count"] == 1


def test_an_account_has_its_risk_on_its_page_and_over_rest(cast, risks):
    panel = cast.client("song").get(f"/accounts/{cast.yunshan.pk}/panels/risk/").content.decode()
    assert "41.0%" in panel
    one = cast.rest("song").get(f"/api/v1/accounts/{cast.yunshan.pk}/risk").json()
    assert (one["source"], one["probability"], one["band"], one["health"]) == ("model", 0.41, "list", None)
    assert cast.rest("song").get(f"/api/v1/accounts/{cast.songtao.pk}/risk").status_code == 404


def test_without_a_usable_model_there_is_no_probability_anywhere(cast, risks):
    RiskModel.objects.update(standing="retired", verdict="weak")
    assert verdict().source == "health"
    assert cast.rest("mei").get("/api/v1/warning").json()["count"] == 0
    assert risk_of([cast.yunshan.pk]) == {}, "not even a health is known"
    for address in ("/warning/", f"/accounts/{cast.yunshan.pk}/panels/risk/"):
        page = cast.client("mei").get(address).content.decode()
        assert "41%" not in page
        assert "41.0%" not in page
    assert cast.rest("mei").get("/api/v1/warning/verdict").json()["source"] == "health"


def test_backtest_and_card_say_it_in_words_with_numbers(cast, risks):
    client = cast.client("an")
    for address in (
        "/warning/backtest/",
        "/warning/models/1/backtest/",
        "/warning/models/",
        "/warning/models/1/",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "AUC" in response.content.decode()
    listed = cast.rest("an").get("/api/v1/warning/models").json()["items"]
    assert listed[0]["backtest"]["capacity"]["weekly"] == 5
    assert cast.rest("an").get("/api/v1/warning/models/1").json()["number"] == 1


def test_pages_open_before_the_first_training(cast):
    for address in ("/warning/", "/warning/backtest/", "/warning/models/"):
        assert cast.client("mei").get(address).status_code == 200


def test_a_challenger_is_declined_or_put_in_force_and_back(cast, risks):
    second = model(2, standing="challenger", note=["not_better", 0.001])
    assert cast.client("song").post("/warning/models/2/in-force/").status_code == 403
    cast.client("an").post("/warning/models/2/in-force/")
    assert dict(RiskModel.objects.values_list("number", "standing")) == {1: "retired", 2: "champion"}
    assert Job.objects.filter(name="warning.score").exists()
    put_in_force(model=risks, by=cast.actor("mei"), at=NOW)
    second.refresh_from_db()
    assert (second.standing, second.note, verdict().model_id) == ("retired", ["replaced", 1], risks.pk)
    third = model(3, standing="challenger")
    cast.client("mei").post("/warning/models/3/decline/")
    third.refresh_from_db()
    assert (third.standing, third.decided_by) == ("retired", cast.people["mei"].actor().name)
    assert OutboxFact.objects.filter(name="risk_model_put_in_force").count() == 3
    with pytest.raises(ValidationError):
        keep_champion(model=third, by=SYSTEM, at=NOW)


def test_too_little_signal_and_a_document_that_was_tampered_with_cannot_be_put_in_force(cast, risks):
    weak = model(2, standing="retired", verdict="weak", document={})
    with pytest.raises(ValidationError, match="too little signal|信号"):
        put_in_force(model=weak, by=SYSTEM, at=NOW)
    broken = model(
        3,
        standing="retired",
        document={"scorer": {"kind": "pickle", "features": ["a"]}, "scale": {}, "targets": {}},
    )
    assert cast.rest("mei").post("/api/v1/warning/models/3/in-force").status_code == 422
    broken.refresh_from_db()
    assert broken.standing == "retired"


def test_settings_are_checked_and_queue_one_training(cast, risks):
    body = {"capacity": 8, "horizon": 60, "contraction": 50}
    assert cast.rest("song").put("/api/v1/warning/settings", body, **JSON).status_code == 403
    assert cast.rest("an").put("/api/v1/warning/settings", body, **JSON).json() == body
    assert cast.rest("an").put("/api/v1/warning/settings", body | {"horizon": 45}, **JSON).status_code == 422
    assert cast.client("mei").post("/warning/models/settings/", body | {"capacity": 9}).status_code in (
        200,
        302,
        204,
    )
    assert cast.rest("an").get("/api/v1/warning/settings").json()["capacity"] == 9
    assert Job.objects.filter(name="warning.train").count() == 1
    with pytest.raises(ValidationError):
        change_settings(capacity=0, horizon=60, contraction=50, by=SYSTEM, at=NOW)


def test_asking_gives_the_same_and_the_list_behind_a_number(cast, risks):
    asked = cast.rest("mei").post("/api/v1/ask", {"kind": "warning"}, **JSON).json()
    assert (asked["summary"]["accounts"], asked["summary"]["list"], asked["summary"]["verdict"]) == (
        2,
        1,
        "usable",
    )
    behind = (
        cast.rest("mei").post("/api/v1/ask", {"kind": "warning", "list": {"band": "list"}}, **JSON).json()
    )
    assert len(behind["rows"]) == 1
    south = cast.rest("song").post("/api/v1/ask", {"kind": "warning"}, **JSON).json()
    assert south["summary"]["accounts"] == 1


def test_nobody_who_pays_nothing_is_scored(cast, event_home, risks):
    assert score_accounts(day=TODAY, by=SYSTEM, at=NOW) == 0
    assert not Risk.objects.filter(day=TODAY).exists()
