"""Behind every number of revenue, health, tickets, survival, clusters, trees and experiments stand as many accounts, people or
tickets as it says, and with the same sum; within the territory, as a page, over REST and as a segment."""

import random
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import yaml
from cast import NOW, SYSTEM
from events import happened, store_events

from bihuan.earn.contracts.actions import add_contract
from bihuan.foresee.health.models import HealthModel, HealthScore
from bihuan.know.accounts.actions import add_account, add_person
from bihuan.serve.tickets.models import Ticket
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask, units_listed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TIERS = ("S", "A", "B", "")


def answered(question, actor=SYSTEM):
    return ask(question=question, actor=actor, at=NOW)


def numbers_of(answer):
    """(name, number, what `list` says) of every number that tells who is behind it."""
    places = {column.name: place for place, column in enumerate(answer.columns)}
    assert len(answer.behind) in (0, len(answer.rows))
    in_rows = [(name, row[places[name]], cell) for row, cells in zip(answer.rows, answer.behind, strict=False)
               for name, cell in cells.items() if name in places]  # fmt: skip
    return [
        *in_rows,
        *((name, answer.summary[name], cell) for name, cell in answer.behind_summary.items() if name in answer.summary),
    ]  # fmt: skip


@pytest.fixture
def customers(cast):
    """Twelve accounts of both regions."""
    regions = [cast.yunshan.region, cast.songtao.region]
    made = [
        add_account(key=f"a{n}", name=f"A{n}", region=regions[n % 2], tier=TIERS[n % 4], size=10 * n, by=SYSTEM, at=NOW)
        for n in range(12)
    ]  # fmt: skip
    return SimpleNamespace(cast=cast, accounts=made)


def contracts_at_random(accounts, seed):
    """Contracts that begin, end, overlap, renew and lapse in three years; some are trials."""
    # One renews with less, one goes on with a part, one comes back: no draw is without them.
    for key, account, mrr, start, end in (
        ("F1", 0, 500, date(2024, 5, 1), date(2025, 5, 1)), ("F2", 0, 400, date(2025, 5, 1), None),
        ("F3", 4, 300, date(2024, 5, 1), None), ("F4", 4, 200, date(2024, 5, 1), date(2025, 8, 1)),
        ("F5", 8, 100, date(2024, 5, 1), date(2024, 11, 1)), ("F6", 8, 100, date(2025, 6, 1), None),
    ):  # fmt: skip
        add_contract(account=accounts[account], key=key, starts_on=start, ends_on=end, by=SYSTEM, at=NOW,
                     lines=[{"name": "Pro", "mrr": Decimal(mrr)}])  # fmt: skip
    drawn = random.Random(seed)
    for n in range(30):
        start = date(2024, 1, 1) + DAY * drawn.randrange(0, 900)
        end = start + DAY * drawn.choice([20, 90, 180, 365]) if drawn.random() < 0.7 else None
        lines = [
            {
                "name": "Pro",
                "mrr": Decimal(drawn.randrange(0, 900)) + Decimal("0.25"),
                "trial": drawn.random() < 0.15,
            }
        ]
        add_contract(
            account=drawn.choice(accounts),
            key=f"R{n}",
            starts_on=start,
            ends_on=end,
            lines=lines,
            by=SYSTEM,
            at=NOW,
        )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("more", [{}, {"by": "account.tier"}, {"segment": "account.size < 90"}])
def test_movements_of_revenue_are_made_of_the_accounts_behind_them(customers, seed, more):
    contracts_at_random(customers.accounts, seed)
    question = {
        "kind": "revenue",
        "every": "quarter",
        "period": {"from": "2024-04-01", "to": "2026-03-31"},
    } | more
    answer = answered(question)
    checked = set()
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        counted = found.summary
        assert len(found.rows) == counted["units"] and all(any(row[1:]) for row in found.rows)
        of = cell["of"]
        if of == "ltv":
            paying = answered(question | {"list": {"of": "closing"}}).summary["units"]
            lost = counted["contraction"] + counted["churned"]
            told = float(counted["closing"] / paying / (lost / counted["opening"]))
        elif of == "renewal_rate":
            told = float(counted["renewed"] / counted["due"]) if counted["due"] else None
        elif of.endswith("_retention"):
            kept = (
                counted["opening"] - counted["contraction"] - counted["churned"] + counted.get("expansion", 0)
            )
            told = float(kept / counted["opening"]) if counted["opening"] else None
        elif name == "accounts" or name.endswith("_accounts"):
            told = counted["units"]
        else:
            told = counted[of] * (12 if name == "arr" else 1)
        assert told == (pytest.approx(number) if isinstance(number, float) else number), (name, cell)
        checked |= {name} if number else set()
    assert {"ltv", "subscriptions", "new", "churned", "expansion", "contraction", "reactivated", "renewal_rate", "net_retention", "new_accounts",
            "closing_accounts", "mrr", "arr", "accounts"} <= checked  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"by": "account.tier"}, {"pareto": True}])
def test_revenue_of_a_day_is_made_of_the_accounts_behind_it(customers, more):
    contracts_at_random(customers.accounts, 9)
    question = {"kind": "revenue", "as_of": "2025-06-30"} | more
    answer = answered(question)
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        counted, whole = found.summary, answer.summary
        assert found.columns[0].name == "account" and len(found.rows) == counted["units"]
        told = {
            "mrr": counted["mrr"], "arr": 12 * counted["mrr"], "subscriptions": counted["subscriptions"],
            "customers": counted["units"] / whole.get("paying_accounts", 1),
            "revenue": float(counted["mrr"] / whole["mrr"]), "share_of_top_fifth": float(counted["mrr"] / whole["mrr"]),
        }.get(name, counted["units"])  # fmt: skip
        assert told == (pytest.approx(number) if isinstance(number, float) else number), (name, cell)
    assert {"mrr", "arr", "accounts"} <= {name for name, number, _cell in numbers_of(answer) if number}
    amounts = [row[1] for row in answered(question | {"list": {}}).rows]
    assert amounts == sorted(amounts, reverse=True)


def health_of(accounts):
    """Scores 0, 9, 18 … of the day before, in the bands red, amber and green; the last one unknown."""
    model = HealthModel.objects.filter(active=True).first() or HealthModel.objects.create(
        version=1, active=True, document={}, created_at=NOW
    )
    for n, account in enumerate(accounts):
        score = None if n == len(accounts) - 1 else 9.0 * n
        band = "unknown" if score is None else "red" if score < 40 else "amber" if score < 70 else "green"
        HealthScore.objects.create(account=account, day=NOW.date() - DAY, model=model, score=score, raw=score, band=band,
                                   coverage=100, parts={}, computed_at=NOW)  # fmt: skip


def test_bands_of_health_are_made_of_the_accounts_behind_them(customers):
    health_of(customers.accounts)
    question = {"kind": "health"}
    answer = answered(question)
    told = {name: number for name, number, _cell in numbers_of(answer)}
    assert told.pop("mean") == 45.0
    assert told == {"accounts": 12, "red": 5, "amber": 3, "green": 3, "unknown": 1}
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        if name == "mean":
            assert sum(row[1] for row in found.rows) / len(found.rows) == number
            continue
        assert len(found.rows) == found.summary["units"] == number
        assert name == "accounts" or {row[2] for row in found.rows} == {name}
    range_of = answered(question | {"list": {"at_least": 36, "below": 45}})
    assert [row[1] for row in range_of.rows] == [36.0], "from the one, below the other"
    assert answered(question | {"list": {"at_least": 90, "below": 101}}).summary["units"] == 1
    assert answered(question | {"list": {"band": "red"}}, customers.cast.actor("song")).summary["units"] < 5


@pytest.fixture
def tickets(customers):
    """Forty tickets of the twelve: some solved, answered, rated, escalated."""
    drawn = random.Random(3)
    for n in range(40):
        opened = NOW - timedelta(hours=drawn.randrange(1, 600))
        answered_at = opened + timedelta(minutes=drawn.randrange(1, 200)) if drawn.random() < 0.7 else None
        Ticket.objects.create(
            key=f"T-{n}", account=drawn.choice(customers.accounts), subject=f"s{n}", opened_at=opened,
            priority=drawn.choice(["low", "high"]), escalated=drawn.random() < 0.3, first_response_at=answered_at,
            resolved_at=answered_at and opened + timedelta(hours=5), satisfaction=answered_at and drawn.choice([None, 3, 5]),
        )  # fmt: skip
    return customers


@pytest.mark.parametrize("more", [{}, {"by": "priority"}, {"by": "account.tier"}])
def test_numbers_of_tickets_are_made_of_the_tickets_behind_them(tickets, more):
    question = {"kind": "tickets"} | more
    for name, number, cell in numbers_of(answered(question)):
        found = answered(question | {"list": cell})
        assert [column.name for column in found.columns[:2]] == ["ticket", "account"]
        assert len(found.rows) == found.summary["units"]
        if name in ("tickets", "solved", "escalated", "rated"):
            assert found.summary["units"] == number, (name, cell)
        else:
            place = {
                "resolution_mean": 6,
                "resolution_p50": 6,
                "first_response_mean": 7,
                "satisfaction_mean": 8,
            }[name] - 1
            values = [row[place] for row in found.rows]
            assert None not in values and (
                not name.endswith("_mean") or sum(values) / len(values) == pytest.approx(number)
            )
        accounts = answered(question | {"list": {**cell, "unit": "account"}})
        assert accounts.summary["tickets"] == found.summary["units"]
        assert {row[0] for row in accounts.rows} == {row[1] for row in found.rows}
        assert units_listed(found) == ("account", list(dict.fromkeys(row[1] for row in found.rows)))
    solved, unsolved = (
        answered({"kind": "tickets", "list": {"of": of}}).summary["units"] for of in ("solved", "unsolved")
    )
    assert solved and unsolved and solved + unsolved == 40
    other = {
        row[1]
        for row in answered({"kind": "tickets", "list": {"of": "tickets"}}, tickets.cast.actor("bei")).rows
    }
    assert other and other < {one.pk for one in tickets.accounts}, "the territory is the limit"


@pytest.fixture
def lives(customers):
    """Sixty more accounts: how long they lasted, whether they left, whether they pay late; some say nothing of it."""
    drawn = random.Random(5)
    made = []
    for n in range(60):
        months = drawn.randrange(1, 13)
        props = {
            "months": str(months),
            "left": drawn.choice(["yes", "no"]),
            "late": "yes" if months < 6 else "no",
        }
        if n % 15 == 0:
            props.pop("left")
        made.append(add_account(key=f"l{n}", name=f"L{n}", region=customers.accounts[n % 2].region, tier=TIERS[n % 4], size=n,
                                props=props, by=SYSTEM, at=NOW))  # fmt: skip
    return SimpleNamespace(cast=customers.cast, accounts=made)


@pytest.mark.parametrize("more", [{}, {"by": "account.tier"}, {"every": "week"}])
def test_a_curve_is_made_of_those_who_ended_and_those_at_risk(lives, event_home, more):
    question = {"kind": "survival", "duration": "account.months", "event": "account.left"} | more
    answer = answered(question)
    told = numbers_of(answer)
    shares = {"survival", *(f"S({time})" for time in (1, 3, 6, 12))}
    assert {name for name, number, _cell in told if number} == {"at_risk", "events", "units", *shares}
    for name, number, cell in told:
        found = answered(question | {"list": cell})
        if name in shares:  # a share, behind which those stand that are still there
            there, ended = (
                answered(question | {"list": cell | {"of": of}}).summary["units"]
                for of in ("at_risk", "ended")
            )
            number = there - ended
        assert len(found.rows) == found.summary["units"] == number, (name, cell)
        assert name != "events" or {row[2] for row in found.rows} <= {"yes"}
    own = answered(question | {"list": {"of": "at_risk"}}, lives.cast.actor("bei"))
    assert 0 < own.summary["units"] < answer.summary["units"]


def test_a_life_between_days_is_listed_at_times_that_are_no_whole_numbers(cast, contracts, event_home):
    question = {"kind": "survival", "start": "account.signed_up_on", "end": "contract", "as_of": "2027-03-01"}
    told = numbers_of(answered(question))
    assert any(number and cell.get("time", 0) % 1 for _name, number, cell in told)
    for name, number, cell in told:
        if name in ("units", "events", "at_risk"):
            assert answered(question | {"list": cell}).summary["units"] == number


@pytest.mark.parametrize("more", [{"clusters": 3}, {"method": "density"}])
def test_clusters_are_made_of_their_members(lives, event_home, more):
    question = {"kind": "cluster", "measures": ["account.months", "account.size"]} | more
    answer = answered(question)
    everybody = []
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        assert found.summary["units"] == number == len(found.rows), (name, cell)
        assert "cluster" not in cell or {row[1] for row in found.rows} <= {cell["cluster"]}
    for cluster in {row[0] for row in answer.rows} | {0}:
        everybody += [row[0] for row in answered(question | {"list": {"cluster": cluster}}).rows]
    assert len(everybody) == len(set(everybody)) == answer.summary["units"], "everybody once"


def test_leaves_of_a_tree_are_made_of_their_members(lives, event_home):
    question = {"kind": "tree", "did": "account.late", "columns": ["account.months", "account.tier"]}
    answer = answered(question)
    assert len(answer.rows) > 1
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        if name == "rate":
            number *= answered(question | {"list": {"rule": cell["rule"]}}).summary["units"]
        assert found.summary["units"] == len(found.rows) == pytest.approx(number), (name, cell)
        assert not cell.get("did") or {row[1] for row in found.rows} <= {"yes"}
    with pytest.raises(QuestionError) as error:
        answered(question | {"list": {"rule": "account.size > 3.0"}})
    assert error.value.field == "list.rule"


@pytest.fixture
def shown(lives):
    """Two variants over the sixty: who saw which, who bought how often for how much; one saw both."""
    drawn = random.Random(11)
    events = []
    for n, account in enumerate(lives.accounts):
        people = [add_person(account=account, starts_on=date(2026, 1, 1), key=f"p{n}{k}", name=f"P{n}{k}", by=SYSTEM, at=NOW)
                  for k in range(2)]  # fmt: skip
        for person in people[: 1 + n % 2]:
            events.append(
                happened(
                    "shown",
                    ts=NOW - 9 * DAY,
                    account=account,
                    person=person,
                    props={"group": "ab"[n // 2 % 2]},
                )
            )
        for person in people:
            for _time in range(drawn.choice([0, 0, 1, 3])):
                ts = NOW - drawn.choice([5, 12]) * DAY
                events.append(
                    happened(
                        "buy", ts=ts, account=account, person=person, props={"amount": drawn.randrange(1, 9)}
                    )
                )
    both = lives.accounts[0]
    events.append(happened("shown", ts=NOW - 8 * DAY, account=both, props={"group": "b"}))
    store_events(*events)
    return lives


METRICS = [
    {"name": "bought", "event": "buy"}, {"name": "spent", "kind": "mean", "event": "buy", "measure": "sum(props.amount)"},
    {"name": "each", "kind": "ratio", "event": "buy", "measure": "sum(props.amount)", "per": "buy"},
    {"name": "back", "kind": "retention", "event": "buy", "after": "1d", "within": "6d"},
]  # fmt: skip


@pytest.mark.parametrize("unit", ["account", "person", "account by person"])
def test_variants_are_made_of_those_in_them_and_metrics_of_those_who_did(event_home, shown, unit):
    by = {"by": "person"} if unit.endswith("by person") else {}
    metrics = [one | by if one["name"] != "each" else one for one in METRICS]
    question = {"kind": "experiment", "unit": unit.split()[0], "exposure": {"event": "shown", "variant": "props.group"},
                "variants": {"a": 1, "b": 1}, "metrics": metrics}  # fmt: skip
    answer = answered(question)
    assert answer.left_out.get("in two variants", 0) == (unit != "person")
    told = {(row[0], row[2]): row for row in answer.rows}
    for name, number, cell in numbers_of(answer):
        found = answered(question | {"list": cell})
        counted = found.summary
        assert len(found.rows) == counted["units"]
        if name in ("units", "units_exposed_again"):
            assert counted["units"] == number
        if "variant" not in cell or name == "units":
            continue
        inside = answered(question | {"list": {"variant": cell["variant"]}}).summary
        assert inside["units"] == told[cell["metric"], cell["variant"]][3]
        if cell["metric"] == "each":
            assert counted["value"] / counted["per"] == pytest.approx(number)
        else:
            whole = inside["people"] if by else inside["units"]
            assert counted["value"] / whole == pytest.approx(number)
        if not by and cell["metric"] in ("bought", "back"):
            assert counted["value"] == counted["units"], "each that did it counts once"
    listed = {"list": {"variant": "b"}}
    own = answered(question | listed, shown.cast.actor("bei")).summary["units"]
    assert 0 <= own < answered(question | listed).summary["units"], "the territory is the limit"
    assert answered(question | {"list": {"variant": "a"}}, shown.cast.actor("bei")).summary["units"] + own > 0


def test_a_list_is_a_page_a_file_an_answer_over_rest_and_a_segment(tickets, event_home):
    client = tickets.cast.client("root")
    period = {"from": "2026-10-01", "to": "2026-11-30"}
    question = {"kind": "tickets", "by": "priority", "period": period}
    assert "list%3A" in client.get("/explore/", {"q": yaml.safe_dump(question)}).content.decode()
    listed = question | {"list": {"of": "escalated", "series": "high"}}
    page = client.get("/explore/", {"q": yaml.safe_dump(listed)}).content.decode()
    expected = answered(listed)
    ticket = Ticket.objects.get(key=expected.rows[0][0])
    assert f'href="/tickets/{ticket.pk}/">{ticket.key}<' in page
    assert f'href="/accounts/{ticket.account_id}/"' in page
    rest = tickets.cast.rest("root")
    told = rest.post("/api/v1/ask", listed, content_type="application/json").json()
    assert told["summary"]["units"] == len(told["rows"]) == expected.summary["units"]
    kept = rest.post(
        "/api/v1/ask/segment",
        {"question": listed, "key": "upset", "title": "Upset"},
        content_type="application/json",
    )
    assert kept.status_code == 201
    size = answered({"kind": "segment", "segment": "@upset"}).summary["size"]
    assert size == len({row[1] for row in expected.rows})
