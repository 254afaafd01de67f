"""The examples load to the figures that their data has, say what is wrong with it, and load once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.db.models import Sum

from bihuan.act.mining.queries import studied_events
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.base.access import system_actor
from bihuan.capture.imports.actions import Report, run_import
from bihuan.capture.store import get_store
from bihuan.earn.contracts.models import ContractLine
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.queries import ask
from tests.cast import NOW

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
BY = system_actor("importer")

pytestmark = pytest.mark.django_db


def load(example: str, **options: object) -> Report:
    return run_import(mapping_path=EXAMPLES / example / "mapping.yaml", by=BY, at=NOW, **options)  # type: ignore[arg-type]


def suspicious(report: Report, table: str) -> dict[str, int]:
    return {suspect.reason: suspect.count for suspect in report.of(table).suspicious if suspect.count}


def revenue(day: date) -> tuple[int, Decimal, int]:
    lines = ContractLine.objects.active_on(day)
    paid = lines.filter(trial=False).aggregate(total=Sum("mrr"))["total"]
    return lines.count(), paid, lines.values("contract__account").distinct().count()


def test_ravenstack_loads_to_its_published_figures_once(event_home: Path) -> None:
    report = load("ravenstack")
    assert {table.id: (table.read, table.stored) for table in report.tables} == {
        "accounts": (500, 500),
        "subscriptions": (5_000, 5_000),
        "usage": (25_000, 24_979),
        "tickets": (2_000, 2_000),
        "churn": (600, 600),
    }
    assert report.rejected == 0
    usage = report.of("usage")
    assert (usage.duplicates, usage.duplicates_same) == (21, 0)
    assert len({duplicate.value for duplicate in usage.duplicate_rows}) == 21
    assert suspicious(report, "usage") == {
        "usage before its subscription's start": 19_142,
        "usage after its subscription's end": 290,
    }
    assert suspicious(report, "tickets") == {"ticket before its account's signup": 1_077}
    assert suspicious(report, "churn") == {
        "churn recorded for an account that is not flagged as churned": 465
    }

    assert revenue(date(2023, 12, 31)) == (648, Decimal(1_262_113), 190)
    assert revenue(date(2024, 6, 30)) == (1_742, Decimal(3_833_405), 337)
    assert revenue(date(2024, 12, 31)) == (4_514, Decimal(10_159_608), 500)

    store = get_store()
    assert store.log.rows() == 25_579
    names = store.execute("SELECT count(DISTINCT name) AS n FROM events WHERE name LIKE 'feature_%'")
    assert names["n"][0].as_py() == 40
    nobody = store.execute("SELECT count(person_id) AS people, count(account_id) AS accounts FROM events")
    assert (nobody["people"][0].as_py(), nobody["accounts"][0].as_py()) == (0, 25_579)
    known = store.execute(
        "SELECT count(*) AS n FROM events WHERE received_at = ts AND day <= DATE '2024-12-31'"
    )
    assert known["n"][0].as_py() == 25_579

    def asked(file: str) -> Answer:
        question = yaml.safe_load((EXAMPLES / "ravenstack" / "ask" / f"{file}.yaml").read_text())
        return ask(question=question, actor=BY, at=NOW)

    told = asked("mrr").summary
    assert (told["subscriptions"], told["mrr"], told["accounts"]) == (648, 1_262_113, 190)
    months = asked("mrr_by_month")
    closing = {row[0]: row[7] for row in months.rows}
    assert len(closing) == 24
    assert (closing[date(2023, 12, 1)], closing[date(2024, 6, 1)]) == (1_262_113, 3_833_405)
    assert (months.summary["mrr"], months.summary["subscriptions"]) == (10_159_608, 4_514)
    for row in months.rows:
        opening, new, expansion, contraction, churned, reactivated, ends = row[1:8]
        assert opening + new + expansion - contraction - churned + reactivated == ends
    hangs = asked("mrr_pareto")
    assert hangs.rows[-1][6] == pytest.approx(1)
    assert hangs.summary["mrr"] == 10_159_608
    churn = {row[0]: (row[1], row[2], round(100 * row[3], 2)) for row in asked("churn_by_industry").rows}
    assert churn["DevTools"] == (35, 113, 30.97)
    assert {name: share for name, (_size, _of, share) in churn.items()} == {
        "DevTools": 30.97, "FinTech": 22.32, "HealthTech": 21.88, "EdTech": 16.46, "Cybersecurity": 16.00,
    }  # fmt: skip
    tickets = asked("resolution").summary
    assert {name: tickets[name] for name in ("tickets", "escalated", "rated", "resolution_p50")} == {
        "tickets": 2_000, "escalated": 95, "rated": 1_175, "resolution_p50": 35,
    }  # fmt: skip
    means = ("resolution_mean", "first_response_mean", "satisfaction_mean")
    assert [round(tickets[name], 3) for name in means] == [35.861, pytest.approx(88.48, abs=0.005), 3.981]

    again = load("ravenstack")
    assert [(table.created, table.updated, table.stored) for table in again.tables] == [(0, 0, 0)] * 5
    assert store.log.rows() == 25_579


def test_a_check_counts_the_same_and_writes_nothing(event_home: Path) -> None:
    checked = load("maven_crm", check=True)
    assert (checked.of("staff").created, checked.of("accounts").created) == (35, 85)
    assert not Account.objects.exists()
    assert not Staff.objects.filter(key__isnull=False).exists()
    assert load("maven_crm").as_json()["tables"] == checked.as_json()["tables"]


def test_maven_crm_loads_accounts_and_agents_and_reports_the_misspelt_sector(event_home: Path) -> None:
    report = load("maven_crm")
    assert report.of("accounts").stored == 85
    assert report.of("accounts").mapped == {("industry", "technolgy", "technology"): 12}
    assert Account.objects.filter(industry="technology").count() == 12
    assert Account.objects.exclude(parent=None).count() == 15
    assert Account.objects.get(key="Codehow").parent == Account.objects.get(key="Acme Corporation")
    agents = Staff.objects.filter(key__isnull=False)
    assert agents.count() == 35
    assert {agent.team.name for agent in agents.select_related("team") if agent.team} == {
        "Dustin Brinkmann", "Melvin Marxen", "Cara Losch", "Rocco Neubert", "Celia Rouche", "Summer Sewald",
    }  # fmt: skip
    assert {region.code for agent in agents for region in agent.regions.all()} == {"Central", "East", "West"}
    assert not any(agent.has_usable_password() for agent in agents)
    again = load("maven_crm")
    assert (again.created, again.updated, again.rejected) == (0, 0, 0)


def test_the_help_desks_log_is_told_to_its_published_figures(event_home: Path) -> None:
    report = load("process_helpdesk")
    assert [(table.read, table.stored, table.rejected) for table in report.tables] == [(21_348, 21_348, 0)]
    assert [(table.created, table.unchanged) for table in load("process_helpdesk").tables] == [(0, 21_348)]

    def asked(file: str) -> Answer:
        question = yaml.safe_load((EXAMPLES / "process_helpdesk" / file).read_text())
        return ask(question=question, actor=BY, at=NOW)

    variants = asked("ask_variants.yaml")
    assert {name: round(value, 3) for name, value in variants.summary.items()} == {
        "cases": 4_580, "events": 21_348, "activities": 14, "variants": 226, "directly_follows": 16_768, "pairs": 55,
        "rework_cases": 1_240, "rework_events": 1_905, "length_mean": 4.661, "length_max": 15,
        "duration_mean_days": 40.858, "duration_p50_days": 39.859, "duration_p90_days": 53.006, "duration_max_days": 59.995,
    }  # fmt: skip
    assert variants.rows[0][1] == 2_366
    assert sum(row[2] for row in asked("ask_follows.yaml").rows) == 16_768
    assert asked("ask_follows.yaml").rows[0][:3] == ("Resolve ticket", "Closed", 4_558)


def test_the_help_desks_log_is_laid_along_its_main_path(cast, event_home: Path) -> None:
    """The published figures on a diagram that was drawn by hand, and each case that does not follow it."""
    load("process_helpdesk")
    xml = (EXAMPLES / "process_helpdesk" / "main_path.bpmn").read_text()
    process = create_process(
        key="helpdesk_ticket", kind="process", name="Help desk ticket", xml=xml, by=BY, at=NOW
    )
    publish_draft(process=process, by=BY, at=NOW)
    question = {"unit": "props.case", "period": {"from": "2010-01-01", "to": "2014-12-31"}}
    study = studied_events(process, question=question, version=None, actor=BY, at=NOW)
    found = study.whole
    assert (found.cases, found.steps, found.variants, found.pairs) == (4_580, 21_348, 226, 16_768)
    assert (found.rework_cases, found.rework_steps) == (1_240, 1_905)
    assert (round(found.days.p50, 3), round(found.days.p90, 3)) == (39.859, 53.006)
    assert study.steps["closed"].steps == 4_574
    fits = ("Assign seriousness", "Take in charge ticket", "Resolve ticket", "Closed")
    assert (study.conformance.judged, study.conformance.fitting) == (4_580, 2_366)
    body = {"question": question}
    answer = (
        cast.rest("mei")
        .post(
            "/api/v1/processes/helpdesk_ticket/conformance?limit=10000", body, content_type="application/json"
        )
        .json()
    )
    assert answer["deviating"] == len(answer["cases"]) == 4_580 - 2_366
    assert len({one["case"] for one in answer["cases"]}) == 2_214
    asked = ask(
        question=yaml.safe_load((EXAMPLES / "process_helpdesk" / "ask_variants.yaml").read_text()),
        actor=BY,
        at=NOW,
    )
    assert asked.rows[0][:2] == (" → ".join(fits), 2_366), "the only variant that follows it"
    assert answer["unknown"]["Wait"] == 1_463
