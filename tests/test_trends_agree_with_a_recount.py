"""Trends over time: every measure and bucket agrees with a recount in plain Python."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.access import Actor
from bihuan.capture.sources.actions import add_source
from bihuan.know.products.actions import add_product
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask, names_of
from bihuan.understand.explore.registry import Kind, kinds, register_kind
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 1, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def used(cast, event_home):
    """Three days of November: Lin of Yunshan exports, He of Songtao looks in, somebody unknown passes."""
    yunshan, songtao, lin, he = cast.yunshan, cast.songtao, cast.lin, cast.he
    rows = [
        happened(
            "export",
            ts=MIDNIGHT + timedelta(hours=1),
            account=yunshan,
            person=lin,
            props={"rows": 10, "to": "csv"},
        ),
        happened(
            "export",
            ts=MIDNIGHT + timedelta(hours=2),
            account=yunshan,
            person=lin,
            props={"rows": 30, "to": "xlsx"},
        ),
        happened("look", ts=MIDNIGHT + timedelta(hours=3), account=yunshan, person=lin),
        happened(
            "look", ts=MIDNIGHT + timedelta(days=2, hours=23), account=songtao, person=he, props={"rows": 2}
        ),
        happened("look", ts=MIDNIGHT + timedelta(days=2), props={"to": "csv"}),
        happened("look", ts=MIDNIGHT - timedelta(seconds=1), account=yunshan, person=lin),
        happened("ticket_opened", ts=MIDNIGHT + timedelta(days=1), account=yunshan, source_id=0),
    ]
    store_events(*rows)
    return cast


def asked(actor=SYSTEM, **question):
    document = {"kind": "trend", "period": {"from": "2026-11-01", "to": "2026-11-03"}} | question
    return ask(question=document, actor=actor, at=NOW)


def values(answer):
    """Rows with days as texts and without the nought of floats."""
    return [tuple(str(v) if isinstance(v, date) else v for v in row) for row in answer.rows]


def test_a_quiet_day_is_a_zero_and_our_own_actions_are_not_use(used):
    assert values(asked()) == [("2026-11-01", 3), ("2026-11-02", 0), ("2026-11-03", 2)]
    assert asked().summary == {"series": 1, "buckets": 3, "total": 5}
    assert values(asked(event="ticket_opened")) == [("2026-11-01", 0), ("2026-11-02", 1), ("2026-11-03", 0)]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("count", [3, 0, 2]), ("people", [1, 0, 1]), ("accounts", [1, 0, 1]), ("sum(props.rows)", [40, 0, 2]),
        ("avg(props.rows)", [20, None, 2]), ("min(props.rows)", [10, None, 2]), ("max(props.rows)", [30, None, 2]),
        ("p50(props.rows)", [20, None, 2]), ("p95(props.rows)", [29, None, 2]),
    ],
)  # fmt: skip
def test_each_measure_of_a_day(used, measure, expected):
    assert [row[1] for row in asked(measure=measure).rows] == pytest.approx(expected)


def test_weeks_begin_on_monday_months_on_the_first_and_all_is_one(used):
    period = {"from": "2026-10-30", "to": "2026-11-03"}
    assert values(asked(every="week", period=period)) == [("2026-10-26", 4), ("2026-11-02", 2)]
    assert values(asked(every="month", period=period)) == [("2026-10-01", 1), ("2026-11-01", 5)]
    assert values(asked(every="all", period=period)) == [("all", 6)]


def test_hours_are_told_in_the_organisations_zone(used):
    rows = asked(every="hour", period={"from": "2026-11-01", "to": "2026-11-01"}).rows
    assert [(row[0].isoformat(), row[1]) for row in rows] == [
        (f"2026-11-01T0{hour}:00:00+08:00", 1) for hour in (1, 2, 3)
    ]


def test_series_carry_names(used):
    assert values(asked(by="event", every="all")) == [("all", "look", 3), ("all", "export", 2)]
    assert {row[1:] for row in asked(by="account", every="all").rows} == {
        ("云杉仪器", 3),
        ("松涛软件", 1),
        ("—", 1),
    }
    assert {row[1] for row in asked(by="person", every="all").rows} == {str(used.lin), str(used.he), "—"}
    assert {row[1:] for row in asked(by="props.to", every="all").rows} == {("csv", 2), ("xlsx", 1), ("—", 2)}
    assert {row[1:] for row in asked(by="source", every="all").rows} == {("1", 5)}
    assert {row[1:] for row in asked(by="product", every="all").rows} == {("—", 5)}


def test_of_many_series_the_biggest_stay_and_the_rest_is_summed_or_said(used):
    at = MIDNIGHT + timedelta(hours=1)
    rows = [happened(f"e{n}", ts=at, person=used.lin) for n in range(15) for _ in range(n + 1)]
    store_events(*rows)
    days = {"from": "2026-11-01", "to": "2026-11-01"}
    counted = asked(by="event", every="all", period=days)
    assert len(counted.rows) == 13
    assert counted.rows[-1][1] == "…"
    assert sum(row[2] for row in counted.rows) == counted.summary["total"] == 123
    people = asked(by="event", every="all", measure="people", period=days)
    assert len(people.rows) == 12
    assert people.left_out == {"smaller series, not shown": 5}


def test_a_rule_narrows_the_events(used):
    assert asked(every="all", where="props.rows > 5").rows[0][1] == 2
    assert asked(every="all", where="name == 'look' && props.to == 'csv'").rows[0][1] == 1
    assert asked(every="all", where=f"person_id == {used.lin.pk}").rows[0][1] == 3
    assert asked(every="all", events=["look", "export"], where="props.rows > 5").rows[0][1] == 2


@pytest.mark.parametrize(
    "rule",
    ["1 / 0 > 1", "timestamp('x') > ts", "timestamp(name) > ts", "int(name) > 5", "props.nothing == 'x'"],
)
def test_what_a_rule_cannot_know_of_an_event_is_not_true(used, rule):
    assert asked(every="all", where=rule).rows[0][1] == 0


def test_a_segment_keeps_the_accounts_it_describes_and_drops_events_of_none(used):
    answer = asked(every="all", segment="account.tier == 'S' && account.size > 100")
    assert answer.rows[0][1] == 3
    assert "an event of nobody in it does not count" in " ".join(answer.definition)
    assert asked(every="all", segment="account.region == 'north'").rows[0][1] == 1


def test_the_territory_is_the_limit(used):
    assert asked(actor=used.actor("song"), every="all").rows[0][1] == 3
    assert asked(actor=used.actor("bei"), every="all").rows[0][1] == 1
    assert asked(actor=used.actor("bei"), every="all", segment="account.tier == 'S'").rows[0][1] == 0
    nobody = Actor(name="x", kind="staff", roles=used.actor("song").roles, user_id=None)
    assert asked(actor=nobody, every="all").rows[0][1] == 0


def test_who_may_not_ask_is_refused(used):
    with pytest.raises(PermissionDenied, match=r"explore\.view"):
        asked(actor=used.actor("pan"))


def test_an_answer_comes_with_its_definition_its_sql_and_the_question(used):
    answer = asked(measure="people", every="week", event="look", where="props.rows > 1")
    said = " · ".join(answer.definition)
    assert "people of look" in said
    assert "Asia/Shanghai" in said
    assert "weeks start on Monday" in said
    assert "SELECT" in answer.sql
    document = answer.document()
    assert document["question"]["measure"] == "people"
    assert document["rows"][0][0] == "2026-10-26"
    assert [column["name"] for column in document["columns"]] == ["week", "people"]
    assert document["took_ms"] > 0


@pytest.mark.parametrize(
    ("question", "field", "said"),
    [
        ({"kind": "magic"}, "kind", "there is: "),
        ({"measures": "count"}, "measures", "no such field"),
        ({"measure": "median"}, "measure", "none of count"),
        ({"every": "quarter"}, "every", "none of hour, day"),
        ({"by": "colour"}, "by", "none of event"),
        ({"event": 7}, "event", "name of an event"),
        ({"kind": ["trend"]}, "kind", "there is: "),
        ({"where": 5}, "where", "a text"),
        ({"where": "name"}, "where", "yes or no"),
        ({"where": "props.rows + 1.0"}, "where", "yes or no"),
        ({"where": "ts > 5"}, "where", ""),
        ({"where": "name > 5"}, "where", ""),
        ({"where": "person_id == 'x'"}, "where", ""),
        ({"where": "name.matches('(')"}, "where", ""),
        ({"where": "name.size() > 99999999999999999999"}, "where", ""),
        ({"segment": "account.size"}, "segment", ""),
        ({"event": [""]}, "event", "name of an event"),
        ({"period": "May"}, "period", "from:"),
        ({"period": {"last": "4w"}}, "period.last", "28d"),
        ({"period": {"last": "0d"}}, "period.last", "28d"),
        ({"period": {"from": "yesterday", "to": "2026-01-01"}}, "period.from", "2024-06-30"),
        ({"period": {"from": "2026-01-02", "to": "2026-01-01"}}, "period", "before it begins"),
        ({"period": {"from": "1900-01-02", "to": "2026-01-01"}}, "period", "ten years"),
        ({"where": "props.rows >"}, "where", ""),
        ({"where": "color == 'red'"}, "where", "props.<name>"),
        ({"segment": "account.shoe_size > 3"}, "segment", "no account has 'shoe_size'"),
        ({"segment": "tier == 'S'"}, "segment", "account.<field>"),
    ],
)
def test_a_wrong_question_names_the_field_and_the_remedy(used, question, field, said):
    with pytest.raises(QuestionError) as refused:
        asked(**question)
    assert (refused.value.field, said in refused.value.message) == (field, True), refused.value


def test_a_question_is_a_document():
    with pytest.raises(QuestionError, match="kind"):
        ask(question="trend", actor=SYSTEM, at=NOW)


def test_a_kind_is_registered_once():
    trend = kinds()["trend"]
    with pytest.raises(ValueError, match="twice"):
        register_kind(Kind(name="trend", permission="", answer=trend.answer, example=""))


def test_the_last_28_days_end_today(event_home):
    answer = ask(question={"kind": "trend"}, actor=SYSTEM, at=NOW)
    assert (str(answer.rows[0][0]), str(answer.rows[-1][0]), len(answer.rows)) == (
        "2026-10-22",
        "2026-11-18",
        28,
    )
    answer = ask(question={"kind": "trend", "period": {"last": "1d"}}, actor=SYSTEM, at=NOW)
    assert len(answer.rows) == 1


def test_series_are_called_by_name_wherever_there_is_one(cast):
    product = add_product(name="云台", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", name="官网", product=product, by=SYSTEM, at=NOW)
    for by, row, name in (("product", product, "云台"), ("source", source, "官网"), ("person", cast.lin, "林云"),
                          ("account", cast.yunshan, "云杉仪器"), ("event", None, "5")):  # fmt: skip
        key = str(row.pk) if row else "5"
        assert names_of(by, [key, None]) == {key: name, None: "—"}


def test_rest_answers_and_says_what_is_wrong(used):
    client = used.rest("an")
    asked = {"kind": "trend", "period": {"from": "2026-11-01", "to": "2026-11-03"}, "every": "all"}
    found = client.post("/api/v1/ask", asked, content_type="application/json")
    assert (found.status_code, found.json()["rows"]) == (200, [["all", 5]])
    for body, status in (("{", 400), ("[]", 422), ('{"kind": "trend", "every": "quarter"}', 422)):
        wrong = client.post("/api/v1/ask", body, content_type="application/json")
        assert (wrong.status_code, wrong["Content-Type"]) == (status, "application/problem+json")
    assert "every" in wrong.json()["detail"]
    assert set(client.get("/api/v1/ask/kinds").json()) == set(kinds())


events = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.integers(0, 40 * 24 * 60), st.sampled_from([None, 0, 1]),
        st.sampled_from([None, 0, 1]), st.one_of(st.none(), st.integers(-5, 50)),
    ),
    min_size=1, max_size=25,
)  # fmt: skip
questions = st.fixed_dictionaries(
    {"measure": st.sampled_from(["count", "people", "accounts", "sum(props.n)", "avg(props.n)", "max(props.n)"]),
     "every": st.sampled_from(["day", "week", "month", "all"]), "by": st.sampled_from([None, "event", "account"])},
    optional={"event": st.sampled_from(["a", "b"])},
)  # fmt: skip


turns = count()  # hypothesis may draw the same history again: each turn counts events of its own name


def recount(rows, question, *, first, last):
    """The same trend with dictionaries and loops."""
    groups = defaultdict(list)
    for row in rows:
        day = row["ts"].astimezone(ZONE).date()
        if not first <= day <= last or row["name"] != question.get("event", row["name"]):
            continue
        if row.get({"people": "person_id", "accounts": "account_id"}.get(question["measure"], ""), 0) is None:
            continue  # it does not count, and makes no series of its own
        start = {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "all": "all",
        }
        series = {None: None, "event": row["name"], "account": row["account_id"]}[question["by"]]
        groups[start[question["every"]], series].append(row)
    measure = question["measure"]
    result = {}
    for key, found in groups.items():
        numbers = [row["n"] for row in found if row["n"] is not None]
        result[key] = {
            "count": len(found), "people": len({row["person_id"] for row in found} - {None}),
            "accounts": len({row["account_id"] for row in found} - {None}), "sum(props.n)": sum(numbers),
            "avg(props.n)": sum(numbers) / len(numbers) if numbers else None, "max(props.n)": max(numbers, default=None),
        }[measure]  # fmt: skip
    return result


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=events, question=questions)
def test_an_answer_agrees_with_a_recount(used, drawn, question):
    first, last = date(2025, 3, 5), date(2025, 4, 2)
    start = datetime(2025, 3, 1, tzinfo=ZONE).astimezone(UTC)
    accounts, people = [used.yunshan, used.songtao], [used.lin, used.he]
    name = f"x{next(turns)}"
    rows = [
        happened(f"{event}{name}", ts=start + timedelta(minutes=minute),
                 account=None if account is None else accounts[account], person=None if person is None else people[person],
                 props={} if n is None else {"n": n})
        for event, minute, account, person, n in drawn
    ]  # fmt: skip
    store_events(*rows)
    plain = [row | {"name": row["name"][0], "n": n[4]} for row, n in zip(rows, drawn, strict=True)]
    expected = recount(plain, question, first=first, last=last)
    wanted = [f"{event}{name}" for event in ([question["event"]] if "event" in question else ["a", "b"])]
    document = {k: v for k, v in question.items() if v is not None and k != "event"}
    answer = asked(**document, events=wanted, period={"from": str(first), "to": str(last)})
    titles = {"云杉仪器": used.yunshan.pk, "松涛软件": used.songtao.pk, "—": None}
    found = {}
    for row in answer.rows:
        series = (
            None if question["by"] is None else row[1][0] if question["by"] == "event" else titles[row[1]]
        )
        found[row[0], series] = row[-1]
    for key, value in found.items():
        assert (value or 0) == pytest.approx(expected.get(key) or 0), (key, answer.sql)
    assert expected.keys() <= found.keys()
