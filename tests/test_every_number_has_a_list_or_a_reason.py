"""Whatever kind of question is asked and in whatever form: behind each number of the answer, and behind each count of what was
left out, stands a list of accounts or persons that can be opened, or a reason why there is none. A number that is new and has
neither fails here."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
import yaml
from cast import NOW, SYSTEM
from events import happened, store_events
from test_who_is_behind_a_number_of_accounts import answered, customers, lives, tickets  # noqa: F401 – fixtures

from bihuan.earn.contracts.actions import add_contract
from bihuan.foresee.health.models import HealthModel, HealthScore
from bihuan.know.accounts.actions import add_person
from bihuan.understand.engine import listing
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.registry import kinds
from bihuan.understand.explore.said import in_words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PERIOD = {"from": "2026-10-01", "to": "2026-11-30"}
STEPS = {"steps": ["visit", "buy"], "within": "20d", "period": PERIOD}
TOUCH = {"touch": "visit", "conversion": "buy", "within": "3d", "period": PERIOD}
SHOWN = {"unit": "account", "exposure": {"event": "shown", "variant": "props.group"}, "variants": {"a": 1, "b": 1},
         "period": PERIOD, "metrics": [{"name": "bought", "event": "buy"}, {"name": "spent", "kind": "mean", "event": "buy",
                                                                          "measure": "sum(props.amount)"}]}  # fmt: skip
CASES = {"unit": "props.order", "period": PERIOD}
LIFE = {"duration": "account.months", "event": "account.left"}
#: Every kind in its forms; what a kind has not yet in a form here is not asked of it.
QUESTIONS = [
    *({"kind": "trend", "period": PERIOD} | more for more in (
        {}, {"measure": "people", "every": "week", "compare": "previous"}, {"measure": "accounts", "by": "event"},
        {"measure": "sum(props.amount)", "event": "buy", "by": "props.order", "every": "month"},
        {"every": "all"},
        {"measure": "people", "by": "props.order", "every": "month", "event": "buy"},
        {"series": [{"event": "buy"}, {"event": "visit"}], "formula": "A / B", "every": "week", "smooth": 2},
        {"series": [{"event": "buy"}, {"event": "visit"}], "every": "month", "cumulative": True},
        {"list": {}}, {"list": {"unit": "person"}},
    )),
    *({"kind": "funnel", **STEPS} | more for more in (
        {}, {"unit": "account"}, {"unit": "account", "by": "account.tier"}, {"every": "week"}, {"hold": "props.order"},
        {"unit": "props.order"}, {"by": "props.order"}, {"list": {"reached": 1}},
    )),
    *({"kind": "retention", "period": PERIOD} | more for more in (
        {"every": "week"}, {"every": "week", "unit": "account", "cohorts": "recurring"},
        {"every": "month", "by": "props.order", "returned": "on_or_after"},
    )),
    *({"kind": "stickiness", "period": PERIOD} | more for more in (
        {"every": "week"}, {"every": "week", "unit": "account", "by": "event"}, {"every": "month", "by": "props.order"},
    )),
    *({"kind": "lifecycle", "period": PERIOD} | more for more in (
        {"every": "week"}, {"every": "month", "unit": "account", "by": "props.order"},
    )),
    *({"kind": "process", **CASES} | more for more in (
        {}, {"show": "follows"}, {"show": "activities", "calendar": "09:00-18:00"}, {"show": "cases", "by": "account.tier"},
        {"unit": "account", "activity": "props.order"}, {"transition": "props.stage"}, {"transition": "props.stage", "show": "follows"},
    )),
    *({"kind": "path", "period": PERIOD} | more for more in ({}, {"unit": "account", "to": "buy"}, {"by": "props.order"})),
    *({"kind": "attribution", **TOUCH} | more for more in ({}, {"unit": "account", "value": "props.amount", "by": "source"})),
    *({"kind": "experiment", **SHOWN} | more for more in (
        {}, {"unit": "person"}, {"method": "bayesian"}, {"list": {"variant": "a"}},
        {"variants": {"a": 1, "b": 1, "c": 1}, "cuped": "7d"},
    )),
    *({"kind": "survival", **LIFE} | more for more in (
        {}, {"by": "account.tier"}, {"by": "account.name"}, {"columns": ["account.size"]},
    )),
    {"kind": "survival", "start": "contract", "end": "contract", "at": [1, 3]},
    *({"kind": "cluster", "measures": ["account.months", "account.size"]} | more for more in ({}, {"method": "density"})),
    {"kind": "tree", "did": "account.left", "columns": ["account.months", "account.size"]},
    *({"kind": "segment", "segment": 'account.left == "yes"'} | more for more in (
        {}, {"top": 5}, {"by": "account.tier"}, {"by": "account.name"}, {"every": "week", "period": {"last": "21d"}},
        {"compare": "rest", "measures": ["mrr", "active_people"]}, {"compare": 'account.tier == "S"', "measures": ["mrr"]},
    )),
    *({"kind": "revenue"} | more for more in (
        {}, {"by": "account.tier"}, {"by": "account.name"}, {"pareto": True},
        {"every": "quarter", "period": {"from": "2026-01-01", "to": "2026-11-30"}},
        {"every": "quarter", "by": "account.name", "period": {"from": "2026-01-01", "to": "2026-11-30"}},
    )),
    *({"kind": "tickets", "period": PERIOD} | more for more in ({}, {"by": "priority"}, {"by": "account.name"})),
    {"kind": "health"},
    {"kind": "warning"},
    *({"kind": "plan"} | more for more in ({}, {"by": "person"})),
]  # fmt: skip
#: Columns that say what a row is about, though they are numbers.
ABOUT = {"day", "week", "month", "days", "weeks", "months", "time", "step", "cluster", "rank"}


def is_number(value):
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and value == value


def holds_numbers(value):
    """Whether a part of a summary is a number, or has some in it."""
    if isinstance(value, Mapping):
        return any(map(holds_numbers, value.values()))
    return any(map(holds_numbers, value)) if isinstance(value, (list, tuple)) else is_number(value)


def names_units(answer):
    """Whether each row is about one account or person anyway."""
    return answer.question.get("list") is not None or {"account_key", "account_id"} & {
        c.name for c in answer.columns
    }


def numbers(answer):
    """(where it stands, its name, the number, what `list` says, why there is none)."""
    if not names_units(answer):
        for place, row in enumerate(answer.rows):
            for column, value in zip(answer.columns, row, strict=True):
                if (
                    column.type not in ("text", "date", "time")
                    and column.name not in ABOUT
                    and is_number(value)
                    and value
                ):
                    yield (
                        "rows",
                        column.name,
                        value,
                        answer.cell_of(place, column.name),
                        answer.nobody.get(column.name),
                    )
    for name, value in answer.summary.items():
        if holds_numbers(value) and not (answer.question.get("list") is not None and is_number(value)):
            yield "summary", name, value, answer.cell_of_summary(name), answer.nobody.get(name)
    for reason, n in answer.left_out.items():
        yield "left_out", reason, n, answer.behind_left_out.get(reason), answer.nobody.get(reason)


def laid_out(rows):
    """What each number has, to be read by whoever it fails for."""
    return "\n".join(f"{where:9}{name:32}{'list ' + str(dict(cell)) if cell is not None else why or 'NOTHING'}"
                     for where, name, _value, cell, why in rows)  # fmt: skip


@pytest.fixture
def everything(event_home, tickets, lives):  # noqa: F811 – a fixture's name
    """Accounts that say of themselves how long they were there, their tickets, scores, contracts in two currencies, and events
    of which some have no person, no account or neither."""
    drawn, events = random.Random(2), []
    for n, account in enumerate(lives.accounts):
        person = add_person(
            account=account, starts_on=date(2026, 1, 1), key=f"e{n}", name=f"E{n}", by=SYSTEM, at=NOW
        )
        if n % 3 == 0:
            start, end = date(2026, 1, 1) + DAY * drawn.randrange(200), date(2026, 11, 1) if n % 2 else None
            add_contract(account=account, key=f"K{n}", starts_on=start, ends_on=end, by=SYSTEM, at=NOW,
                         currency="EUR" if n % 9 == 0 else "CNY", lines=[{"name": "Pro", "mrr": Decimal(100 + n)}])  # fmt: skip
        order = {"order": f"o{n % 17}", "amount": n}
        for name, chance in (("visit", 0.9), ("buy", 0.6), ("visit", 0.5), ("buy", 0.3)):
            if drawn.random() < chance:
                who = drawn.choice(
                    [{"account": account, "person": person}] * 4
                    + [{"account": account}, {"person": person}, {}]
                )
                props = {} if drawn.random() < 0.1 else order
                stage = {"stage": drawn.choice(["start", "complete"])} if props else {}
                events.append(
                    happened(name, ts=NOW - drawn.randrange(1, 50) * DAY, props=props | stage, **who)
                )
        for group in drawn.choice([["a"], ["a"], ["b"], ["b"], ["a", "b"], ["z"]]):
            events.append(
                happened("shown", ts=NOW - 30 * DAY, account=account, person=person, props={"group": group})
            )
        events.append(
            happened("started", ts=NOW - DAY, account=account, props={"order": f"only{n}", "stage": "start"})
        )
    events += [happened("shown", ts=NOW - 20 * DAY, props={"group": "a"}, person=None) for _n in range(3)]
    store_events(*events)
    model = HealthModel.objects.filter(active=True).first() or HealthModel.objects.create(
        version=1, active=True, document={}, created_at=NOW
    )
    HealthScore.objects.bulk_create(
        HealthScore(account=account, day=NOW.date() - DAY, model=model, score=n, raw=n, band="red" if n < 40 else "amber",
                    coverage=100, parts={}, computed_at=NOW)
        for n, account in enumerate(lives.accounts[:50])
    )  # fmt: skip
    return lives.cast


def test_every_kind_is_asked_here():
    assert {question["kind"] for question in QUESTIONS} == set(kinds())


def test_every_number_has_a_list_that_opens_or_a_reason(everything):
    seen: dict[str, dict[str, str]] = {}
    for question in QUESTIONS:
        told = answered(question)
        rows = list(numbers(told))
        assert rows or told.question.get("list") is not None, question
        without = [row for row in rows if row[3] is None and not row[4]]
        assert not without, f"{question}\n{laid_out(without)}"
        once = {(where, name): row for row in rows for where, name, *_more in [row]}
        for (where, name), (_where, _name, value, cell, _why) in once.items():
            if cell is None:
                continue
            found = answered(question | {"list": dict(cell)})
            assert (
                found.columns[0].name in ("account", "person", "ticket") or "props" in found.columns[0].name
            ), question
            assert found.summary["units"] > 0 or not value or where == "summary", (
                f"{question} {name} {dict(cell)}"
            )
            if where == "left_out":
                assert found.summary["units"] > 0, (question, name, cell)
                assert len(found.rows) > 0, (question, name, cell)
                seen.setdefault(question["kind"], {})[name] = "list"
        for name, why in (
            (name, why) for where, name, _n, cell, why in rows if where == "left_out" and cell is None
        ):
            seen.setdefault(question["kind"], {})[name] = why
    # nothing of this passes for want of data
    assert {"no person", "no account", "no props.order"} <= {name for told in seen.values() for name in told}
    assert {"in two variants", "exposures with another variant"} <= set(seen["experiment"])
    assert {"conversions without a touch"} <= set(seen["attribution"])
    assert {"accounts without a score by that day"} <= set(seen["health"])
    assert {"lines in another currency", "smaller series, not shown"} <= set(seen["revenue"])
    assert {"no duration", "in smaller groups, not shown", "the event is neither yes nor no"} <= set(
        seen["survival"]
    )
    assert {"unknown whether they did"} <= set(seen["tree"])
    assert {"unknown", "members, not shown"} <= set(seen["segment"])
    assert {"cases that were started and completed nothing", "no props.order"} <= set(seen["process"])


@pytest.mark.parametrize(("question", "reason"), [
    ({"kind": "stickiness", "unit": "account", "period": PERIOD}, "no account"),
    ({"kind": "stickiness", "unit": "person", "period": PERIOD}, "no person"),
    ({"kind": "funnel", "unit": "props.order", **STEPS}, "no props.order"),
])  # fmt: skip
def test_events_without_a_unit_are_those_of_the_people_and_accounts_behind_them(everything, question, reason):
    answer = answered(question)
    cell = answer.behind_left_out[reason]
    for unit in ("account", "person"):
        if unit not in reason:
            found = answered(question | {"list": {"left_out": reason, "unit": unit}})
            nobody = found.left_out.get("of nobody who is known", 0)
            assert found.summary["events"] + nobody == answer.left_out[reason]
            assert found.columns[0].name == unit and nobody > 0
            assert found.nobody["of nobody who is known"]
    assert cell["left_out"] == reason


def test_where_events_name_nobody_the_page_says_so_in_words(event_home, cast):
    store_events(*[happened("visit", ts=NOW - DAY) for _n in range(3)])
    question = {"kind": "stickiness", "unit": "account", "period": PERIOD}
    answer = answered(question)
    assert (answer.left_out, dict(answer.behind_left_out)) == ({"no account": 3}, {})
    page = cast.client("root").get("/explore/", {"q": yaml.safe_dump(question)}).content.decode()
    assert "neither an account nor a person" in page or in_words(answer.nobody["no account"]) in page


def test_the_count_of_what_was_left_out_leads_to_the_list(everything):
    page = (
        everything.client("root").get("/explore/", {"q": yaml.safe_dump({"kind": "health"})}).content.decode()
    )
    assert "left_out%3A" in page
    listed = {"kind": "health", "list": {"left_out": "accounts without a score by that day"}}
    mine = answered(listed, everything.actor("bei"))
    assert 0 < mine.summary["units"] < answered(listed).summary["units"], "the territory is the limit"
    rest = everything.rest("root").post("/api/v1/ask", listed, content_type="application/json")
    assert rest.status_code == 200 and rest.json()["summary"]["units"] == answered(listed).summary["units"]


@pytest.mark.parametrize(("question", "field"), [
    ({"kind": "revenue", "list": {"of": "new"}}, "list.of"), ({"kind": "revenue", "every": "month", "list": {}}, "list.of"),
    ({"kind": "revenue", "every": "month", "list": {"of": "x"}}, "list.of"), ({"kind": "revenue", "list": 7}, "list"),
    ({"kind": "revenue", "every": "month", "list": {"of": "new", "bucket": "2020-01-01"}}, "list.bucket"),
    ({"kind": "revenue", "list": {"series": "S"}}, "list.series"), ({"kind": "revenue", "pareto": True, "list": {"top": 0}}, "list.top"),
    ({"kind": "health", "list": {"band": "blue"}}, "list.band"), ({"kind": "health", "list": {"at_least": "x"}}, "list.at_least"),
    ({"kind": "tickets", "list": {}}, "list.of"), ({"kind": "tickets", "list": {"of": "open"}}, "list.of"),
    ({"kind": "tickets", "list": {"of": "solved", "series": "high"}}, "list.series"),
])  # fmt: skip
def test_a_number_that_there_is_not_names_the_field(cast, event_home, question, field):
    with pytest.raises(QuestionError) as error:
        answered(question)
    assert error.value.field == field


def test_what_lies_beyond_is_counted(tickets, monkeypatch):  # noqa: F811 – a fixture's name
    monkeypatch.setattr(listing, "MOST", 7)
    found = answered({"kind": "tickets", "list": {"of": "tickets"}})
    assert (len(found.rows), found.summary["units"], list(found.left_out.values()), len(found.nobody)) == (
        7,
        40,
        [33],
        1,
    )
