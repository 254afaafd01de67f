"""Revenue, tickets, health, segments and experiments on the explorer's page: pictures, sentences, changing between kinds."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
import yaml
from cast import NOW
from django.utils import timezone

from bihuan.base.measures import measures
from bihuan.serve.tickets.actions import open_ticket
from bihuan.understand.explore.registry import kinds
from tests.events import happened, store_events
from tests.test_the_explorer import form_of, page, post, question_in
from tests.test_units_are_drawn import asked, pictures, sentences

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def series(option):
    """Values by the name of the series; what is not over yet stands as points of its own beside a line."""
    found = {}
    for one in option["series"]:
        values = [datum["value"] if isinstance(datum, dict) else datum for datum in one["data"]]
        beside = one["type"] == "scatter"
        found[one["name"]] = found.get(one["name"], []) + [value[1] if beside else value for value in values]
    return found


def test_movements_stand_above_and_below_nought_with_their_net(cast, contracts, event_home):
    html = asked(cast.client("root"), {"kind": "revenue", "every": "month", "period": {"last": "1000d"}})
    movements, retention = pictures(html)
    drawn = series(movements)
    rows = len(movements["xAxis"]["data"])
    gains = [drawn[name] for name in ("New", "Expansion", "Reactivated") if name in drawn]
    losses = [drawn[name] for name in ("Contraction", "Churned") if name in drawn]
    assert (
        gains
        and all(value >= 0 for one in gains for value in one)
        and all(value <= 0 for one in losses for value in one)
    )
    for n in range(rows):
        assert sum(one[n] for one in (*gains, *losses)) == pytest.approx(drawn["Net"][n])
    assert set(series(retention)) == {"Net retention", "Gross retention", "Renewal rate"}
    assert re.search(r"<dt>ARR</dt><dd><a href=[^>]*>¥", html), "the number leads to who is behind it"


def test_the_biggest_customers_bend_the_curve(cast, contracts, event_home):
    (drawn,) = pictures(asked(cast.client("root"), {"kind": "revenue", "pareto": True}))
    points = [datum["value"] if isinstance(datum, dict) else datum for datum in drawn["series"][0]["data"]]
    assert points[0] == [0.0, 0.0] and points[-1] == [100.0, 100.0]
    assert all(x1 <= x2 and y1 <= y2 and y2 >= x2 for (x1, y1), (x2, y2) in pairwise(points))
    (bars,) = pictures(asked(cast.client("root"), {"kind": "revenue", "by": "account.tier"}))
    assert bars["yAxis"]["data"] == ["S", "B"] or set(bars["yAxis"]["data"]) <= {"S", "A", "B", "C", "(none)"}


def test_tickets_are_drawn_by_what_they_are_broken_down_by(cast, event_home):
    for priority in ("high", "high", "low"):
        open_ticket(
            account=cast.yunshan,
            subject="x",
            priority=priority,
            family="technical",
            by=cast.actor("root"),
            at=NOW,
        )
    html = asked(cast.client("root"), {"kind": "tickets", "by": "priority"})
    (drawn,) = pictures(html)
    assert drawn["yAxis"]["data"] == ["high", "low"] and series(drawn)["not solved"] == [2, 1]
    client = cast.client("root")
    client.cookies["django_language"] = "zh-hans"
    assert pictures(asked(client, {"kind": "tickets", "by": "priority"}))[0]["yAxis"]["data"] == ["高", "低"]
    assert pictures(asked(cast.client("root"), {"kind": "tickets"})) == [], "one row is no picture"


def test_a_segment_is_drawn_over_time_by_parts_and_against_the_others(cast, event_home):
    now = timezone.now()  # the period of the question ends today
    store_events(
        *(happened("login", ts=now - n * DAY, account=cast.yunshan, person=cast.lin) for n in range(20)),
        happened("login", ts=now - DAY, account=cast.songtao),
    )
    client = cast.client("root")
    rule = {"kind": "segment", "segment": "measure.active_days > 5.0"}
    (line,) = pictures(asked(client, rule | {"every": "week", "period": {"last": "28d"}}))
    assert line["series"][0]["data"][0] == 0 and line["series"][0]["data"][-1] == 1
    (bars,) = pictures(asked(client, rule | {"by": "account.tier"}))
    assert sum(one["value"] for one in bars["series"][0]["data"]) == 1
    html = asked(client, rule | {"compare": "rest"})
    said = sentences(html)
    assert said[0] == "A · measure.active_days > 5.0, 1 member" and said[1] == "B · everybody else, 1 member"
    (forest,) = pictures(html)
    assert forest["xAxis"]["min"] == -1 and forest["series"][0]["shape"] == "whisker"
    assert str(measures()["active_days"].title) in {name.split("\n")[0] for name in forest["yAxis"]["data"]}
    assert pictures(asked(client, rule)) == [] and "云杉仪器" in asked(client, rule)


def test_behaviour_is_said_in_rows(cast, event_home):
    store_events(
        *(happened("login", ts=NOW - n * DAY, account=cast.yunshan, person=cast.lin) for n in range(5))
    )
    client = cast.client("root")
    sent = form_of(asked(client, {"kind": "segment", "segment": "behaviour.logins >= 3"}))
    sent = form_of(post(client, **sent, do="behaviour-add").content.decode())
    sent |= {
        "behaviour-0-events": "login",
        "behaviour-0-label": "logins",
        "behaviour-0-last": "300d",
        "behaviour-0-count": "days",
    }
    answer = post(client, **sent, do="ask")
    assert question_in(answer)["behaviour"] == {"logins": {"event": "login", "last": "300d", "count": "days"}}
    assert "云杉仪器" in answer.content.decode()
    again = form_of(answer.content.decode())
    assert (again["behaviour-0-label"], again["behaviour-0-count"]) == ("logins", "days")
    wrong = post(client, **(again | {"behaviour-0-label": "My logins"}), do="ask").content.decode()
    assert "a name is small letters, digits and _" in wrong and "Stays in the YAML" not in wrong


def test_an_experiment_has_a_verdict_in_words_and_its_changes_on_a_forest(cast, event_home):
    happenings = []
    for n in range(120):
        group = "new" if n % 2 else "control"
        happenings.append(
            happened(
                "shown", ts=NOW - 5 * DAY, distinct_id=f"d{n}", person_id=1000 + n, props={"group": group}
            )
        )
        if n % 2 or n % 4 == 0:
            happenings.append(happened("buy", ts=NOW - 4 * DAY, distinct_id=f"d{n}", person_id=1000 + n))
    store_events(*happenings)
    question = {
        "kind": "experiment", "exposure": {"event": "shown", "variant": "props.group"}, "variants": {"control": 1, "new": 1},
        "metrics": [{"name": "bought", "event": "buy"}],
    }  # fmt: skip
    html = asked(cast.client("root"), question)
    assert sentences(html)[0] == "new · Better than the control in bought, and no guard-rail is worse."
    (forest,) = pictures(html)
    (point,) = forest["series"][0]["data"]
    assert point["value"][0] == 100.0 and point["value"][1] > 0 and point["tone"] == "chart-1"
    (chances,) = pictures(asked(cast.client("root"), question | {"method": "bayesian"}))
    assert chances["series"][0]["data"][0] > 99
    lower = question | {"metrics": [{"name": "bought", "event": "buy", "higher_is_better": False}]}
    html = asked(cast.client("root"), lower)
    assert pictures(html)[0]["series"][0]["data"][0]["tone"] == "red"
    assert sentences(html)[0] == "new · Worse than the control in bought."


@pytest.mark.parametrize(
    "kind",
    [
        "survival",
        "tree",
        "cluster",
        "segment",
        "revenue",
        "tickets",
        "health",
        "warning",
        "plan",
        "experiment",
    ],
)
def test_a_kind_can_be_begun_and_changed_to_without_a_mistake(cast, contracts, event_home, kind):
    client = cast.client("root")
    begun = client.get("/explore/", {"kind": kind}).content.decode()
    assert "field-error" not in begun and 'class="form-errors"' not in begun
    complete = kinds()[kind].schema.get("required", ["kind"]) == ["kind"] and kind != "experiment"
    assert ("data-answer" in begun) is complete
    text = "kind: trend\nevent: look\nby: event\nevery: week\nunit: person\nperiod: {last: 84d}\nsegment: account.tier == 'S'\n"
    sent = form_of(page(client, text).content.decode())
    answer = post(client, **sent, do=f"kind:{kind}")
    assert "field-error" not in answer.content.decode()
    found = question_in(answer)
    assert found["kind"] == kind and "by" not in found
    assert yaml.safe_dump(found)


def test_what_is_not_over_yet_is_no_fall_of_a_line(cast, event_home):
    now = timezone.now()
    store_events(
        *(happened("login", ts=now - n * DAY, account=cast.yunshan, person=cast.lin) for n in range(7))
    )
    (option,) = pictures(asked(cast.client("root"), {"kind": "trend", "period": {"last": "7d"}}))
    line, points = option["series"]
    days = option["xAxis"]["data"]
    assert (line["type"], len(line["data"]), len(days)) == ("line", 6, 7), "the line ends with yesterday"
    assert (points["name"], points["symbol"]) == (line["name"], "emptyCircle")
    assert [point["value"][0] for point in points["data"]] == days[-1:]
    assert line["markLine"]["data"] == [{"xAxis": days[-1]}]
