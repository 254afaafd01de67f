"""Survival, clusters and trees through the one door: whose rows, which fields, and the known set at its known numbers."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from cast import NOW, SYSTEM
from events import happened, store_events

from bihuan.capture.imports.actions import run_import
from bihuan.know.accounts.actions import add_account
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "pysurvival_b2b_saas_churn"
DAY = timedelta(days=1)


def test_the_known_set_is_imported_and_asked(event_home) -> None:
    report = run_import(mapping_path=EXAMPLE / "mapping.yaml", by=SYSTEM, at=NOW)
    assert (report.tables[0].read, report.tables[0].stored, report.rejected) == (2000, 2000, 0)
    question = yaml.safe_load((EXAMPLE / "survival.yaml").read_text(encoding="utf-8"))
    s = ask(question=question, actor=SYSTEM, at=NOW).summary
    assert (s["units"], s["events"], s["median"]) == (2000, 932, 6)
    assert [round(s[f"S({t})"], 4) for t in (1, 3, 6, 12)] == [0.9285, 0.6133, 0.4778, 0.2436]
    assert s["log_rank_p"] < 1e-50
    tree = {
        "kind": "tree",
        "did": "account.churned == 1.0",
        "columns": ["account.product_payroll", "account.csat_score"],
    }
    found = ask(question=tree, actor=SYSTEM, at=NOW)
    assert found.summary["did"] == 932 and found.summary["verdict"] == "signal"
    cluster = {
        "kind": "cluster",
        "measures": ["account.csat_score", "account.articles_viewed"],
        "clusters": 3,
    }
    assert ask(question=cluster, actor=SYSTEM, at=NOW).summary["units"] == 2000


def test_lives_run_between_contracts_events_silence_and_days(cast, contracts, event_home) -> None:
    at = NOW - 100 * DAY
    store_events(
        happened("login", ts=at, account=cast.yunshan, person=cast.lin), happened("left", ts=at - DAY, account=cast.yunshan),
        happened("left", ts=at + 40 * DAY, account=cast.yunshan), happened("login", ts=NOW - DAY, account=cast.songtao),
    )  # fmt: skip

    def events(**question) -> dict:
        answer = ask(
            question={"kind": "survival", "every": "day", "at": [1], **question}, actor=SYSTEM, at=NOW
        )
        return {"units": answer.summary["units"], "events": answer.summary["events"], "rows": answer.rows[1:],
                "left_out": answer.left_out}  # fmt: skip

    found = events(start={"event": "login"}, end={"event": "left"})
    assert (found["units"], found["events"]) == (2, 1) and found["rows"][0][0] == 40, (
        "what lies before the start is no end"
    )
    found = events(start="first_event", end={"silence": 30})
    assert (found["units"], found["events"]) == (2, 1) and found["rows"][0][0] == 41
    found = events(start="account.signed_up_on", end={"silence": 365})
    assert (found["units"], found["events"]) == (2, 0)
    assert events()["units"] == 2, "from the first contract to the last one's end"
    person = events(unit="person", start={"event": "login"}, end={"silence": 30})
    assert (person["units"], person["events"], person["left_out"]) == (1, 1, {"no start": 1})
    early = events(start={"event": "login"}, end={"event": "left"}, as_of=str((at + 10 * DAY).date()))
    assert (early["units"], early["events"], early["left_out"]) == (1, 0, {"no start": 1})


def test_only_the_territory_and_the_segment_are_asked(cast, event_home) -> None:
    cluster = {"kind": "cluster", "measures": ["account.size"]}
    assert ask(question=cluster, actor=cast.actor("an"), at=NOW).summary["units"] == 2
    assert ask(question=cluster, actor=cast.actor("song"), at=NOW).summary["units"] == 1
    small = {**cluster, "segment": 'account.tier == "B"'}
    assert ask(question=small, actor=cast.actor("an"), at=NOW).summary["units"] == 1
    people = {**cluster, "unit": "person"}
    assert ask(question=people, actor=cast.actor("bei"), at=NOW).summary["units"] == 1


def test_measures_and_rules_are_read_of_accounts(cast, event_home) -> None:
    for number in range(40):
        account = add_account(
            key=f"k{number}", name=f"k{number}", size=number, signed_up_on=date(2026, 1, 1), by=SYSTEM, at=NOW
        )
        store_events(happened("login", ts=NOW - (1 if number < 20 else 30) * DAY, account=account))
    tree = {
        "kind": "tree",
        "did": 'm.days_silent < 7.0 && account.name != "account.x"',
        "columns": ["account.size"],
    }
    answer = ask(question=tree, actor=SYSTEM, at=NOW)
    assert answer.summary["did"] == 20 and answer.left_out == {"unknown whether they did": 2}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"kind": "cluster", "measures": ["m.magic"]}, "no measure is called"),
        ({"kind": "cluster", "measures": ["account.magic"]}, "no account has"),
        ({"kind": "cluster", "measures": ["person.title"]}, "unit: person"),
        ({"kind": "survival", "unit": "person"}, "a person has no contract"),
        ({"kind": "tree", "did": "magic == 1", "columns": ["account.size"]}, "Unknown name"),
    ],
)
def test_what_there_is_not_is_refused_with_a_remedy(cast, event_home, question: dict, told: str) -> None:
    with pytest.raises(QuestionError, match=told):
        ask(question=question, actor=SYSTEM, at=NOW)
