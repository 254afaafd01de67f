"""Who is in: properties, measures, chain and behaviour, within a territory, as of a day; and every question by segment."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY

from bihuan.know.accounts import actions as accounts
from bihuan.know.chain.actions import set_chain_member
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask
from bihuan.understand.segments.actions import add_segment, keep_list
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def asked(segment, *, actor=SYSTEM, **more):
    return ask(question={"kind": "segment", "segment": segment} | more, actor=actor, at=NOW)


def names(segment, **more):
    return {row[1] for row in asked(segment, **more).rows}


def at(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def used(cast, contracts, event_home):
    """Yunshan exported on three days, Songtao once, and once long ago."""
    store_events(
        *(happened("report_exported", ts=at(TODAY - timedelta(days=n)), account=cast.yunshan, person=cast.lin, props={"rows": 9 + n})
          for n in (1, 2, 3)),
        happened("report_exported", ts=at(TODAY - timedelta(days=2)), account=cast.songtao, person=cast.he, props={"rows": 50}),
        happened("report_exported", ts=at(TODAY - timedelta(days=200)), account=cast.songtao, person=cast.he, props={"rows": 50}),
    )  # fmt: skip
    return cast


EXPORTS = {"exports": {"event": "report_exported", "last": "28d"}}


def test_a_rule_speaks_of_properties_measures_contract_year_and_behaviour(used):
    used.yunshan.props = {"channel": "fair", "vip": True}
    used.yunshan.save()
    assert names("account.tier == 'S'") == {"yunshan"}
    assert names("account.channel == 'fair' && account.props.vip") == {"yunshan"}
    assert names("account.signed_up_on >= timestamp('2025-01-01T00:00:00Z')") == {"songtao"}
    assert names("measure.mrr > 10000 || m.mrr < 1") == {"yunshan"}
    assert names("measure.contract_year == 2") == {"yunshan", "songtao"}
    assert names("measure.contract_year == 1", as_of="2025-12-31") == {"yunshan", "songtao"}
    assert names("behaviour.exports >= 3", behaviour=EXPORTS) == {"yunshan"}
    big = {"exports": {"event": "report_exported", "where": "props.rows > 10", "last": "365d"}}
    assert names("behaviour.exports >= 2", behaviour=big) == {"yunshan", "songtao"}
    assert names("behaviour.exports == 0", behaviour=EXPORTS, as_of=str(TODAY - timedelta(days=100))) == {
        "yunshan",
        "songtao",
    }
    answer = asked("behaviour.exports >= 1 && account.tier == 'S'", behaviour=EXPORTS)
    assert answer.columns[3].name == "account.tier"
    assert answer.rows == ((used.yunshan.pk, "yunshan", "云杉仪器", "S", 3),)
    assert answer.summary == {"size": 1, "of": 2, "share": 0.5, "unit": "account"}
    assert "number of report_exported in 28 days" in " ".join(answer.definition)


def test_people_are_found_by_what_they_are_did_and_decide(used):
    set_chain_member(account=used.yunshan, person=used.lin, role="signer", stance=-1, influence=3, last_contact_on=TODAY,
                     by=SYSTEM, at=NOW)  # fmt: skip
    tomorrow = str(TODAY + timedelta(days=1))
    assert names("person.name == '林云'") == {"lin"}
    assert names("account.tier == 'S'", unit="person") == {"lin"}
    assert names("chain.signer && chain.stance < 0", unit="person", as_of=tomorrow) == {"lin"}
    assert names("chain.signer", unit="person", as_of=str(TODAY - timedelta(days=9))) == set()
    assert names("!chain.signer", unit="person", as_of=tomorrow) == {"he"}
    assert names("chain.coverage > 0.1", as_of=tomorrow) == {"yunshan"}
    days = {"exports": {"event": "report_exported", "count": "days"}}
    assert names("behaviour.exports >= 3", unit="person", behaviour=days) == {"lin"}
    with pytest.raises(QuestionError, match="unit: person"):
        names("chain.signer")


def test_what_is_not_known_is_not_inside_and_is_counted(used):
    used.songtao.tier = ""
    used.songtao.save()
    answer = asked("account.tier == 'S'")
    assert answer.summary["size"] == 1
    assert answer.left_out == {"unknown": 1}
    assert asked("!has(account.tier)").summary["size"] == 1


@pytest.mark.parametrize(("rule", "field", "words"), [
    ("account.colour == 'red'", "account.colour", "no account has 'colour'; there is: name, tier"),
    ("measure.nothing > 1", "measure", "no measure is called 'nothing'"),
    ("account.size == 'S'", "segment", "compared"),
    ("@nobody", "segment", "there is no segment @nobody; there is: @old"),
    ("@No Body", "segment", "write @ and the key"),
])  # fmt: skip
def test_what_cannot_be_asked_names_the_place(used, rule, field, words):
    add_segment(key="old", title="x", rule="account.tier == 'S'", by=SYSTEM, at=NOW)
    with pytest.raises(QuestionError, match=words) as error:
        asked(rule)
    assert error.value.field == field


def test_the_territory_is_the_limit(used):
    add_segment(key="all", title="x", rule="account.size > 0", by=SYSTEM, at=NOW)
    both = [used.yunshan.pk, used.songtao.pk]
    keep_list(key="both", title="x", unit="account", ids=both, by=SYSTEM, at=NOW)
    keep_list(key="theirs", title="x", unit="account", ids=both, by=used.actor("bei"), at=NOW)
    for actor, expected in ((SYSTEM, {"yunshan", "songtao"}), (used.actor("bei"), {"songtao"})):
        assert names("@all", actor=actor) == names("@both", actor=actor) == expected
        assert names("account.size > 0", unit="person", actor=actor) == {
            "lin" if one == "yunshan" else "he" for one in expected
        }
    assert names("@theirs") == {"songtao"}
    assert names("@theirs", actor=used.actor("song")) == set()


def test_every_question_takes_a_rule_or_the_key_of_a_segment(used):
    add_segment(
        key="exporters", title="常导出", rule="behaviour.exports >= 3", behaviour=EXPORTS, by=SYSTEM, at=NOW
    )
    add_segment(key="people", title="x", unit="person", rule="person.name == '何松'", by=SYSTEM, at=NOW)
    keep_list(key="list", title="x", unit="account", ids=[used.songtao.pk], by=SYSTEM, at=NOW)
    trend = {"kind": "trend", "event": "report_exported", "every": "all", "period": {"last": "10d"}}

    def count(segment, actor=SYSTEM, **more):
        found = ask(question=trend | {"segment": segment} | more, actor=actor, at=NOW)
        return sum(row[1] for row in found.rows)

    assert count("@exporters") == 3
    assert count("@people") == 1
    assert count("@list") == 1
    assert count("measure.mrr > 10000") == 3
    assert count("person.name == '林云'") == 3
    assert count("person.name == '林云'", actor=used.actor("bei")) == 0
    assert count("@people", actor=used.actor("bei")) == 1
    said = ask(question=trend | {"segment": "@exporters"}, actor=SYSTEM, at=NOW).definition
    assert any("behaviour.exports >= 3" in line for line in said)
    tree = {"kind": "cluster", "measures": ["account.size", "m.mrr"], "segment": "@exporters"}
    assert ask(question=tree, actor=SYSTEM, at=NOW).summary["units"] == 1


def test_sizes_over_time_are_as_of_each_day(used):
    answer = asked("behaviour.exports >= 1", behaviour={"exports": {"event": "report_exported", "last": "7d"}}, every="day",
                   period={"last": "5d"})  # fmt: skip
    assert answer.rows == tuple(
        (TODAY - timedelta(days=n), size) for n, size in ((4, 0), (3, 1), (2, 2), (1, 2), (0, 2))
    )
    assert answer.summary == {"size": 2, "of": 2, "first": 0, "change": 2}


def test_members_are_counted_by_what_is_known(used):
    answer = asked("behaviour.exports >= 3", behaviour=EXPORTS, by="account.tier")
    assert answer.rows == (("B", 0, 1, 0), ("S", 1, 1, 1))
    assert answer.summary == {"size": 1, "of": 2, "share": 0.5}
    people = asked("account.tier == 'S'", unit="person", by="account.industry")
    assert {row[0]: row[1:3] for row in people.rows} == {"制造": (1, 1), "软件": (0, 1)}
    for more in ({"by": "event"}, {"by": "person.name"}):
        with pytest.raises(QuestionError, match="by: "):
            asked("account.tier == 'S'", **more)
    with pytest.raises(QuestionError, match="ask for one of"):
        asked("account.tier == 'S'", by="account.tier", compare="rest")


def test_segments_are_compared_measure_by_measure(cast, event_home):
    customers = [
        accounts.add_account(
            key=f"k{n}", name=f"客户{n}", size=10 * n, tier="A" if n % 2 else "C", by=SYSTEM, at=NOW
        )
        for n in range(40)
    ]
    people = [
        (n, accounts.add_person(account=customers[n], starts_on=date(2025, 1, 1), key=f"p{n}", name=f"人{n}", by=SYSTEM, at=NOW))
        for n in range(12)
    ]  # fmt: skip
    store_events(*(happened("look", ts=at(TODAY - timedelta(days=d)), person=one, account=None)
                   for n, one in people for d in range(1 + n % 2 * 5)))  # fmt: skip
    answer = asked("account.tier == 'A'", compare="rest", measures=["active_people", "mrr"])
    assert (answer.summary["size_a"], answer.summary["size_b"], answer.summary["in_both"]) == (20, 22, 0)
    assert {row[0] for row in answer.rows} == {"active_people", "mrr"}
    looked = asked("account.tier == 'A'", unit="person", compare="account.tier == 'C' && has(person.name)")
    by = {row[0]: row for row in looked.rows}
    assert (by["events"][1:5], by["active_days"][3:5]) == ((6, 6, 6, 1), (6, 1))
    assert looked.summary["apart"] == ["active_days", "events"]
    assert by["events"][-1] == "large"
    with pytest.raises(QuestionError, match="about persons"):
        asked("account.tier == 'A'", compare="person.name == 'x'")


def test_behaviour_agrees_with_a_recount_of_random_histories(cast, event_home):
    dice = random.Random(7)
    pairs = [(cast.yunshan, cast.lin), (cast.songtao, cast.he), (cast.songtao, None), (None, cast.lin)]
    rows = []
    for _ in range(400):
        account, person = dice.choice(pairs)
        ts = at(TODAY - timedelta(days=dice.randrange(40)), hour=dice.randrange(24))
        late = dice.choice([1, 1, 1, 5 * 86_400])
        rows.append(happened(dice.choice("ab"), ts=ts, account=account, person=person, props={"n": dice.randrange(4)},
                             received_at=ts + timedelta(seconds=late)))  # fmt: skip
    store_events(*rows)
    for _ in range(12):
        day = TODAY - timedelta(days=dice.randrange(15))
        last, count, unit = (
            dice.choice([1, 7, 28]),
            dice.choice(["events", "days"]),
            dice.choice(["account", "person"]),
        )
        end = at(day + timedelta(days=1), hour=0)
        first = at(day - timedelta(days=last - 1), hour=0)
        done = defaultdict(list)
        for row in rows:
            known = first <= row["ts"] < end and row["received_at"] < end and row["name"] == "a"
            if known and '"n": 0' not in row["props"] and row[f"{unit}_id"] is not None:
                done[row[f"{unit}_id"]].append(row["ts"].astimezone(ZONE).date())
        expected = {pk: len(days) if count == "events" else len(set(days)) for pk, days in done.items()}
        behaviour = {"x": {"event": "a", "where": "props.n > 0", "last": f"{last}d", "count": count}}
        found = asked("behaviour.x >= 0", unit=unit, behaviour=behaviour, as_of=str(day))
        assert {row[0]: row[3] for row in found.rows if row[3]} == expected
        assert len(found.rows) == 2
