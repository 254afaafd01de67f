"""The simulated company is the same each time, looks alive, and does what docs/SIMULATION.md says."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bihuan.config.simulation import EVENT_NAMES, Company, simulate
from bihuan.config.simulation.arrays import sigmoid
from bihuan.config.simulation.calendar import HOLIDAY, MAKE_UP, activity_by_day
from bihuan.config.simulation.churn import BASE, COEFFICIENTS

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate(accounts=300, days=365, seed=7, until=UNTIL)


def fingerprint(company: Company) -> str:
    digest = hashlib.sha256()
    for table in [*company.tables.values(), company.truth]:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        digest.update(sink.getvalue())
    for chunk in company.events():
        for column in (chunk.account, chunk.person, chunk.name, chunk.ts, chunk.received, chunk.props):
            digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def test_one_seed_gives_one_company_to_the_byte() -> None:
    first, second = (simulate(accounts=25, days=120, seed=3, until=UNTIL) for _ in range(2))
    other = simulate(accounts=25, days=120, seed=4, until=UNTIL)
    assert fingerprint(first) == fingerprint(second) == fingerprint(first)
    assert fingerprint(first) != fingerprint(other)


def test_it_has_the_size_that_was_asked_for(company: Company) -> None:
    assert company.tables["accounts"].num_rows == 300
    assert 7_600 <= company.tables["people"].num_rows <= 8_600
    assert sum(len(chunk) for chunk in company.events()) > 1_000_000
    asked = simulate(accounts=40, days=90, until=UNTIL, events=50_000, people=600)
    assert sum(len(chunk) for chunk in asked.events()) == pytest.approx(50_000, rel=0.03)
    assert asked.people == pytest.approx(600, rel=0.1)


def test_a_company_too_small_to_simulate_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 account and 60 days"):
        simulate(accounts=0, until=UNTIL)


def test_there_is_someone_to_sign_in_for_every_role(company: Company) -> None:
    roles = {role for roles in company.tables["staff"]["roles"].to_pylist() for role in roles.split(",")}
    assert roles == {"admin", "manager", "operator", "sales", "service", "marketer", "analyst", "partner"}
    south = next(row for row in company.tables["staff"].to_pylist() if row["key"] == "sales")
    assert (south["reach"], south["region_codes"]) == ("region", "south")


def test_names_are_marked_as_simulated_and_keys_are_unique(company: Company) -> None:
    accounts = company.tables["accounts"]
    assert all(name.endswith("（模拟）") for name in accounts["name"].to_pylist())
    assert pc.all(accounts["simulated"]).as_py()
    assert pc.all(company.tables["people"]["simulated"]).as_py()
    assert pc.count_distinct(accounts["name"]).as_py() == 300
    for noun in ("accounts", "people", "contract_lines", "tickets"):
        keys = company.tables[noun]["key"]
        assert pc.count_distinct(keys).as_py() == len(keys)


def test_references_hold(company: Company) -> None:
    accounts = set(company.tables["accounts"]["key"].to_pylist())
    people = set(company.tables["people"]["key"].to_pylist())
    for noun in ("account_team", "memberships", "chain", "contract_lines", "tickets"):
        assert set(company.tables[noun]["account_key"].to_pylist()) <= accounts
    for noun in ("memberships", "chain", "tickets"):
        assert set(company.tables[noun]["person_key"].to_pylist()) <= people
    for row in company.tables["memberships"].to_pylist():
        assert row["ends_on"] is None or row["ends_on"] > row["starts_on"]


def test_the_customers_lie_in_a_hierarchy_and_revenue_is_unequal(company: Company) -> None:
    parents = [key for key in company.tables["accounts"]["parent_key"].to_pylist() if key]
    assert len(parents) > 10
    lines = company.tables["contract_lines"].to_pylist()
    mrr: dict[str, float] = {}
    for line in lines:
        if line["starts_on"] <= UNTIL and (line["ends_on"] is None or line["ends_on"] > UNTIL):
            mrr[line["account_key"]] = mrr.get(line["account_key"], 0) + float(line["mrr"])
    ordered = sorted(mrr.values(), reverse=True)
    assert sum(ordered[: len(ordered) // 5]) > 0.5 * sum(ordered)
    assert set(company.tables["accounts"]["tier"].to_pylist()) == {"S", "A", "B", "C"}


def test_it_looks_alive_on_the_last_day(company: Company) -> None:
    lines = company.tables["contract_lines"].to_pylist()
    soon = {
        line["account_key"]
        for line in lines
        if line["ends_on"] and UNTIL < line["ends_on"] <= UNTIL + timedelta(days=90)
    }
    assert len(soon) >= 20
    tickets = company.tables["tickets"].to_pylist()
    waiting = [ticket for ticket in tickets if ticket["state"] in ("open", "pending")]
    assert len(waiting) >= 10
    assert any(ticket["first_response_at"] is None for ticket in waiting)
    assert sum(ticket["satisfaction"] is not None for ticket in tickets) > 300
    end = datetime.combine(UNTIL, datetime.min.time(), ZoneInfo("Asia/Shanghai"))
    for ticket in tickets:
        moments = [ticket["opened_at"], ticket["first_response_at"], ticket["resolved_at"]]
        known = [moment for moment in moments if moment]
        assert known == sorted(known)
        assert known[-1] < end
    falling = [row for row in company.truth.to_pylist() if row["ended"] and row["due_on"] > UNTIL]
    stages = set(company.tables["accounts"]["stage"].to_pylist())
    assert falling
    assert stages == {"onboarding", "adoption", "value", "renewal", "at_risk", "lost"}


def test_people_come_leave_and_move(company: Company) -> None:
    memberships = company.tables["memberships"].to_pylist()
    assert sum(row["ends_on"] is not None for row in memberships) > 200
    per_person: dict[str, set[str]] = {}
    for row in memberships:
        per_person.setdefault(row["person_key"], set()).add(row["account_key"])
    assert sum(len(accounts) == 2 for accounts in per_person.values()) > 40


def test_events_follow_the_working_week_the_holidays_and_the_membership(company: Company) -> None:
    spells = company.world.spells
    begins = {(a, p): s for a, p, s in zip(spells.account, spells.person, spells.start, strict=True)}
    midnight = company.world.midnight
    per_day = np.zeros(company.days, dtype=np.int64)
    hours = np.zeros(24, dtype=np.int64)
    names = np.zeros(len(EVENT_NAMES), dtype=np.int64)
    for chunk in company.events():
        day = np.searchsorted(midnight, chunk.ts, side="right") - 1
        per_day += np.bincount(day, minlength=company.days)
        hours += np.bincount((chunk.ts - midnight[day]) // 3_600_000_000, minlength=24)
        names += np.bincount(chunk.name, minlength=len(EVENT_NAMES))
        assert (np.diff(chunk.account) >= 0).all()
        for i in range(0, len(chunk), 997):
            assert day[i] >= begins[chunk.account[i], chunk.person[i]]
    last = datetime.combine(UNTIL, datetime.min.time(), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assert int(max(chunk.ts.max() for chunk in company.events())) < last.timestamp() * 1e6
    busy = company.world.busy
    assert per_day[busy <= HOLIDAY].mean() < 0.1 * per_day[busy > 0.9].mean()
    assert hours[10] > 3 * hours[20]
    assert hours[15] > 2 * hours[12]
    assert (names > 0).all()


def test_make_up_workdays_are_worked_and_holidays_are_not() -> None:
    factor = activity_by_day(first=date(2026, 1, 1), days=365)
    assert factor[(date(2026, 2, 14) - date(2026, 1, 1)).days] == MAKE_UP  # a Saturday
    assert factor[(date(2026, 2, 17) - date(2026, 1, 1)).days] == HOLIDAY


def test_the_truth_is_the_formula_of_the_document(company: Company) -> None:
    asked = [row for row in company.truth.to_pylist() if row["due_on"]]
    assert 30 <= sum(row["ended"] for row in asked) <= 70
    monthly = {
        row["account_key"]
        for row in company.tables["contract_lines"].to_pylist()
        if row["billing"] == "monthly" and not row["trial"]
    }
    for row in asked:
        if row["account_key"] in monthly and row["due_on"].day <= 2:
            continue  # two ends in one month: the hazard holds both
        score = (
            BASE[0 if row["account_key"] in monthly else 1]
            + COEFFICIENTS["fit"] * row["fit"]
            + COEFFICIENTS["distress"] * row["distress"]
            + COEFFICIENTS["champion_gone"] * row["champion_gone"]
            + COEFFICIENTS["price_up"] * row["price_up"]
        )
        assert row["score"] == pytest.approx(score)
        assert row["hazard"] >= float(sigmoid(np.array([score]))[0]) - 1e-12


def test_usage_falls_weeks_before_an_account_leaves(company: Company) -> None:
    left = {
        row["account_key"]: row["due_on"]
        for row in company.truth.to_pylist()
        if row["ended"] and row["due_on"] < UNTIL and row["due_on"] > company.first + timedelta(days=200)
    }
    index = {key: n for n, key in enumerate(company.account_keys)}
    before, near = [], []
    for key, day in left.items():
        end = (day - company.first).days
        usage = company.world.usage[index[key]]
        before.append(usage[end - 180 : end - 120].mean())
        near.append(usage[end - 28 : end].mean())
    assert len(left) >= 10
    assert np.mean(near) < 0.7 * np.mean(before)
    for key, day in left.items():
        assert company.world.usage[index[key], (day - company.first).days :].sum() == 0
