"""An experiment is planned, started, read and stopped in pages: it says in words what to do, and why."""

import json
from datetime import timedelta

import pytest
from cast import NOW, SYSTEM, undo_from
from django.core.exceptions import ValidationError
from django.utils import timezone
from events import happened, store_events

from bihuan.know.staff.models import Staff
from bihuan.understand.experiments.actions import add_experiment, start_experiment, stop_experiment
from bihuan.understand.experiments.models import Experiment
from bihuan.understand.experiments.queries import EXPOSED
from tests.test_the_explorer import form_of, post, question_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "/experiments/of/new-form/"
VARIANTS = [{"name": "control", "weight": 1}, {"name": "new", "weight": 1}]
METRICS = [
    {"name": "subscribed", "event": "subscribe", "within": "7d"},
    {"name": "tickets", "kind": "mean", "event": "ticket_opened", "guard": True, "higher_is_better": False},
]
FORM = {
    "name": "短表单", "key": "short-form", "hypothesis": "更短的表单", "unit": "person", "method": "sequential", "planned": "500",
    "matters": "0.1", "cuped_days": "", "product": "", "variants-TOTAL_FORMS": "2", "variants-INITIAL_FORMS": "0",
    "variants-0-name": "control", "variants-0-weight": "1", "variants-1-name": "short", "variants-1-weight": "3",
    "metrics-TOTAL_FORMS": "2", "metrics-INITIAL_FORMS": "0", "metrics-0-name": "subscribed", "metrics-0-kind": "conversion",
    "metrics-0-event": "subscribe", "metrics-0-within": "7d", "metrics-0-better": "higher", "metrics-0-by": "unit",
    "metrics-0-amount": "kept", "metrics-1-name": "spent", "metrics-1-kind": "ratio", "metrics-1-event": "paid, refunded",
    "metrics-1-amount": "amount", "metrics-1-per": "visit", "metrics-1-role": "guard", "metrics-1-better": "lower",
    "metrics-1-by": "unit",
}  # fmt: skip


def run(
    cast, *, spread=(60, 60), bought=(2, 6), method="sequential", planned=1000, doubled=0, **more
) -> Experiment:
    """Ten days by person: `spread` people in control and new, of each twelve `bought` in control and new subscribe."""
    at = timezone.now() - 10 * DAY
    row = add_experiment(key="new-form", name="新表单", unit="person", method=method, planned=planned, variants=VARIANTS,
                         metrics=METRICS, by=SYSTEM, at=at, **more)  # fmt: skip
    row = start_experiment(experiment=row, by=SYSTEM, at=at)
    rows, person = [], 1000
    for variant, people, of_twelve in zip(("control", "new"), spread, bought, strict=True):
        for n in range(people):
            person += 1
            props = {"experiment": "new-form", "variant": variant}
            rows.append(happened(EXPOSED, ts=at + DAY, account=cast.yunshan, person=person, props=props))
            if n % 12 < of_twelve:
                rows.append(happened("subscribe", ts=at + 2 * DAY, account=cast.yunshan, person=person))
            if n < doubled:
                other = props | {"variant": "new"}
                rows.append(
                    happened(EXPOSED, ts=at + 3 * DAY, account=cast.yunshan, person=person, props=other)
                )
    store_events(*rows)
    return row


def read(cast, who="an") -> str:
    page = cast.client(who).get(PAGE)
    assert page.status_code == 200
    return page.content.decode()


def advice(cast) -> dict:
    return cast.rest("an").get("/api/v1/experiments/new-form/advice").json()


def test_a_clear_result_says_whom_to_give_it_and_why(cast, event_home) -> None:
    run(cast)
    text = read(cast)
    assert "Give everybody “new”." in text
    assert "“new” is better than “control” in “subscribed”, and no guard-rail is worse." in text
    assert "“subscribed” with “new” is 50.0%, a difference of +33.3 points" in text
    assert "120 of 1,000 planned" in text and "The guard-rail holds:" not in text, (
        "tickets do not vary: nothing is compared"
    )
    assert '<option value="new" selected>' in text, "the advice is what is offered"
    assert "curl -H" in text and "experiments/new-form/assignment" in text and "experiment_exposed" in text
    found = advice(cast)
    assert (found["action"], found["why"], found["variant"], found["more"]) == ("ship", "better", "new", None)
    assert found["headline"] == "让所有人使用“new”。" and len(found["reasons"]) >= 2, (
        "in the language of the installation"
    )


def test_it_is_told_in_chinese(cast, event_home) -> None:
    run(cast)
    Staff.objects.filter(pk=cast.an.pk).update(language="zh-hans")
    text = read(cast)
    assert "让所有人使用“new”。" in text and "护栏指标" in text and "样本比例" in text
    assert "个百分点" in text and "Sample ratio" not in text


def test_a_fixed_end_is_waited_for(cast, event_home) -> None:
    run(cast, method="fixed", planned=1000)
    text = read(cast)
    assert (
        "Keep it running until 880 more units have come." in text
        and "It has a fixed end at 1,000 units" in text
    )
    assert "that takes about 81 days." in text, "120 in 11 days"
    assert advice(cast) | {"headline": "", "reasons": [], "variants": []} == {
        "action": "wait", "why": "planned", "variant": "", "more": 880, "would_take": None, "days_more": 81, "headline": "",
        "reasons": [], "variants": [], "sample_ratio_p": 1.0, "sample_ratio_flagged": False, "seen_in_several": 0,
    }  # fmt: skip


def test_a_broken_assignment_stands_above_everything(cast, event_home) -> None:
    run(cast, spread=(120, 60))
    text = read(cast)
    assert (
        "Do not read the result: the assignment is broken." in text
        and "seen by 120 units where 90 were to be expected" in text
    )
    assert "nothing below can be trusted" in text and "is better than" not in text
    assert advice(cast)["action"] == "repair"


def test_who_saw_several_variants_is_counted_and_left_out(cast, event_home) -> None:
    run(cast, doubled=7)
    assert "7 units, left out" in read(cast)
    assert advice(cast)["seen_in_several"] == 7


def test_nothing_shown_when_the_plan_is_used_up_ends_it(cast, event_home) -> None:
    run(cast, bought=(3, 3), planned=120, matters=0.02)
    text = read(cast)
    assert "Stop it and keep “control”." in text and "still cannot be told apart" in text
    assert "a new one would take about" in text


def test_a_guard_rail_that_gets_worse_stops_it(cast, event_home) -> None:
    row = run(cast)
    more = [
        happened("ticket_opened", ts=row.started_at + 3 * DAY, account=cast.yunshan, person=person)
        for person in range(1061, 1121)
        for _n in range(1 + person % 3)
    ]
    store_events(*more)
    assert "The guard-rail “tickets” is worse with “new”" in read(cast)
    assert advice(cast)["action"] == "stop"


def test_bayesian_tells_the_chance(cast, event_home) -> None:
    run(cast, method="bayesian", planned=100)
    text = read(cast)
    assert "the chance that it is better is 100.0%" in text or "the chance that it is better is 99.9%" in text
    assert "Expected loss" in text


def test_several_variants_are_told_to_be_corrected(cast, event_home) -> None:
    at = timezone.now() - 10 * DAY
    variants = [*VARIANTS, {"name": "newer", "weight": 1}]
    row = add_experiment(key="three", name="三个分组", unit="person", method="fixed", planned=200, variants=variants,
                         metrics=METRICS[:1], by=SYSTEM, at=at)  # fmt: skip
    start_experiment(experiment=row, by=SYSTEM, at=at)
    rows = []
    for person in range(360):
        variant = variants[person % 3]["name"]
        props = {"experiment": "three", "variant": variant}
        rows.append(happened(EXPOSED, ts=at + DAY, account=cast.yunshan, person=person + 1, props=props))
        if person // 3 % 12 < {"control": 2, "new": 3, "newer": 7}[variant]:
            rows.append(happened("subscribe", ts=at + 2 * DAY, account=cast.yunshan, person=person + 1))
    store_events(*rows)
    text = cast.client("mei").get("/experiments/of/three/").content.decode()
    assert "Give everybody “newer”." in text
    assert (
        "Of 2 variants one looks better by chance more easily than of one: p is corrected for that (Holm)"
        in text
    )
    found = cast.client("mei").get("/explore/", {"q": "kind: experiment\nexperiment: three"}).content.decode()
    assert "Corrected for 2 variants compared with the control." in found and "p, uncorrected" in found


def test_in_the_explorer_it_keeps_its_own_days_and_method(cast, event_home) -> None:
    run(cast)
    client = cast.client("mei")
    page = client.get("/explore/", {"q": "kind: experiment\nexperiment: new-form"}).content.decode()
    assert page.count("as planned") >= 2, "of the period and of the method"
    again = post(client, step="ask", **form_of(page))
    assert "period" not in question_in(again) and "method" not in question_in(again)


def test_only_the_own_territory_is_counted_and_said_to_be(cast, event_home) -> None:
    run(cast)
    text = read(cast, "bei")
    assert "Counted in your territory only." in text and "0 of 1,000 planned" in text
    assert "Counted in your territory only." not in read(cast)


def test_a_draft_is_planned_in_the_form_as_rest_would(cast, event_home) -> None:
    client = cast.client("an")
    assert client.get("/experiments/new/").status_code == 200
    assert client.post("/experiments/new/", FORM).status_code == 302
    row = Experiment.objects.get()
    assert (row.key, row.unit, row.planned, row.matters, row.state) == (
        "short-form",
        "person",
        500,
        0.1,
        "draft",
    )
    assert row.weights == [("control", 1), ("short", 3)]
    assert row.metrics == [
        {"name": "subscribed", "kind": "conversion", "event": "subscribe", "within": "7d"},
        {"name": "spent", "kind": "ratio", "event": ["paid", "refunded"], "measure": "sum(props.amount)",
         "per": {"event": "visit"}, "guard": True, "higher_is_better": False},
    ] or row.metrics[1]["events"] == ["paid", "refunded"]  # fmt: skip
    page = client.get("/experiments/of/short-form/edit/").content.decode()
    assert 'value="paid, refunded"' in page and 'value="amount"' in page
    text = client.get("/experiments/of/short-form/").content.decode()
    assert "It has not begun" in text and "更短的表单" in text


def test_rows_are_added_moved_and_dropped_and_nothing_typed_is_lost(cast, event_home) -> None:
    client = cast.client("an")
    page = client.post(
        "/experiments/new/", FORM | {"do": "add-metrics"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert page.lstrip().startswith("<form") and 'name="metrics-2-name"' in page and "更短的表单" in page
    assert 'name="metrics-0-amount" value="kept"' in page, "what says nothing for a conversion is kept"
    moved = client.post("/experiments/new/", FORM | {"do": "first-metrics-1"}).content.decode()
    assert moved.index('value="spent"') < moved.index('value="subscribed"')
    dropped = client.post("/experiments/new/", FORM | {"do": "drop-metrics-1"}).content.decode()
    assert 'value="spent"' not in dropped
    assert (
        'value="1234"' in client.post("/experiments/new/", FORM | {"do": "use-planned-1234"}).content.decode()
    )
    assert client.post("/experiments/new/", FORM | {"do": "drop-metrics-99"}).status_code == 200
    assert client.post("/experiments/new/", {"do": "redraw", "metrics-TOTAL_FORMS": "x"}).status_code == 200
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metrics-0-event": ""}, "This metric needs it."),
        ({"metrics-0-within": "soon"}, "Write a span such as"),
        ({"metrics-0-where": "props.x ="}, "metrics[1]"),
        ({"variants-1-name": "control"}, "a name of its own"),
        ({"variants-1-weight": "0"}, "greater than or equal to 1"),
        ({"key": "Bad Key"}, "small letters"),
        ({"planned": "3"}, "greater than or equal to 20"),
        ({"metrics-1-name": "subscribed"}, "same name"),
    ],
)
def test_what_is_wrong_in_the_form_is_told_in_it(cast, event_home, change, told) -> None:
    page = cast.client("an").post("/experiments/new/", FORM | change)
    assert page.status_code == 200 and told in page.content.decode() and "更短的表单" in page.content.decode()
    assert not Experiment.objects.exists()


def test_it_is_started_stopped_and_both_can_be_taken_back(cast, event_home) -> None:
    client = cast.client("oli")
    client.post("/experiments/new/", FORM)
    address = "/experiments/of/short-form/"
    page = client.post(f"{address}start/", follow=True).content.decode()
    assert "It runs; its plan no longer changes." in page and Experiment.objects.get().state == "running"
    undo_from(client, page)
    assert Experiment.objects.get().state == "draft"
    client.post(f"{address}start/")
    refused = client.post(f"{address}start/", follow=True).content.decode()
    assert "Only a draft can be started." in refused
    assert (
        "It has been started, so its plan no longer changes" in client.get(f"{address}edit/").content.decode()
    )
    client.post(f"{address}edit/", FORM | {"name": "更短", "planned": "900"})
    row = Experiment.objects.get()
    assert (row.name, row.planned) == ("更短", 500)
    stopped = client.post(f"{address}stop/", {"chosen": "short"}, follow=True).content.decode()
    assert "It is over; everybody gets “short”." in stopped
    assert Experiment.objects.get().chosen == "short"
    undo_from(client, stopped)
    row = Experiment.objects.get()
    assert (row.state, row.chosen, row.stopped_at) == ("running", "", None)
    assert (
        "It has no such variant."
        in client.post(f"{address}stop/", {"chosen": "other"}, follow=True).content.decode()
    )


def test_a_start_is_not_taken_back_once_somebody_saw_it(cast, event_home) -> None:
    run(cast)
    refused = cast.rest("an").post("/api/v1/experiments/new-form/withdraw")
    assert refused.status_code == 422 and Experiment.objects.get().state == "running"
    stop_experiment(experiment=Experiment.objects.get(), by=SYSTEM, at=NOW)
    assert cast.rest("an").post("/api/v1/experiments/new-form/resume").json()["state"] == "running"
    assert cast.rest("an").post("/api/v1/experiments/new-form/resume").status_code == 422


def test_the_calculator_measures_what_there_is(cast, event_home) -> None:
    now = timezone.now()
    came = [happened("visit", ts=now - 3 * DAY, account=cast.yunshan, person=2000 + n) for n in range(200)]
    did = [happened("subscribe", ts=now - 2 * DAY, account=cast.yunshan, person=2000 + n) for n in range(40)]
    store_events(*came, *did)
    page = (
        cast.client("an")
        .post("/experiments/effort/", FORM | {"variants-1-weight": "1", "arrival": "visit"})
        .content.decode()
    )
    assert "The share today is 20.0%" in page and "measured in the last 28 days" in page
    assert "In the last 56 days only 200 came." in page, "looking at any time takes more than there are"
    body = {"unit": "person", "effect": 0.2, "metric": {"event": "subscribe"}, "arrival": "visit"}
    found = (
        cast.rest("an")
        .post("/api/v1/experiment-effort", json.dumps(body), content_type="application/json")
        .json()
    )
    assert found["base"] == pytest.approx(0.2) and found["measured"] and found["arrivals"][0] == [7, 200]
    assert found["units"] == [79, 79] and found["total"] == 158 and found["days"] == 6
    for wrong, field in (({"effect": 0}, "effect"), ({"effect": 0.9}, "effect"), ({"share": False, "base": 3}, "spread"),
                         ({"metric": None}, "base"), ({"metric": {"event": 3}}, "event")):  # fmt: skip
        refused = cast.rest("an").post(
            "/api/v1/experiment-effort", json.dumps(body | wrong), content_type="application/json"
        )
        assert refused.status_code == 422, wrong
        assert field in refused.json()["errors"][0]["field"]
    assert "Name the variants" in cast.client("an").post("/experiments/effort/", {}).content.decode()


def test_the_list_finds_them_and_an_empty_one_says_what_to_do(cast, event_home) -> None:
    client = cast.client("mei")
    empty = client.get("/experiments/").content.decode()
    assert "No experiments yet" in empty and "/experiments/new/" in empty
    run(cast)
    add_experiment(key="other", name="另一个", variants=VARIANTS, metrics=METRICS[:1], by=SYSTEM, at=NOW)
    both = client.get("/experiments/").content.decode()
    assert PAGE in both and "/experiments/of/other/" in both
    drafts = client.get("/experiments/?state=draft").content.decode()
    assert PAGE not in drafts and "/experiments/of/other/" in drafts
    assert "/experiments/of/other/" not in client.get("/experiments/?q=新表单").content.decode()
    assert PAGE in client.get("/palette/?q=新表单").content.decode()


def test_who_may_only_read_sees_no_buttons_and_may_not_press_them(cast, event_home) -> None:
    run(cast)
    client = cast.client("song")
    page = client.get(PAGE).content.decode()
    assert "/stop/" not in page and "/edit/" not in page
    for address in ("stop/", "start/", "edit/"):
        assert client.post(f"{PAGE}{address}").status_code == 403
    assert client.get("/experiments/new/").status_code == 403
    assert cast.client("pan").get(PAGE).status_code == 403


def test_asking_it_by_its_key_says_what_to_do(cast, event_home) -> None:
    from bihuan.understand.explore.queries import ask

    run(cast)
    answer = ask(
        question={"kind": "experiment", "experiment": "new-form"}, actor=cast.actor("an"), at=timezone.now()
    )
    assert answer.summary["advice"] == {"action": "ship", "why": "better", "variant": "new"}


def test_what_could_never_be_read_is_not_planned(cast, event_home):
    wrong = [METRICS[0] | {"where": "foo == 1"}]
    with pytest.raises(ValidationError, match="foo"):
        add_experiment(key="x", name="x", unit="person", variants=VARIANTS, metrics=wrong, by=SYSTEM, at=NOW)


def test_a_mean_is_reckoned_from_its_spread_alone_and_people_from_events_of_accounts(cast, event_home):
    at = timezone.now() - DAY
    store_events(
        happened("visit", ts=at, account=cast.yunshan, person=cast.lin), happened("visit", ts=at, person=4711),
    )  # fmt: skip
    body = {
        "unit": "account",
        "effect": 1.0,
        "share": False,
        "spread": 2.0,
        "arrival": "visit",
        "by_person": True,
    }
    found = cast.rest("an").post("/api/v1/experiment-effort", body, "application/json").json()
    alone = (
        cast.rest("an")
        .post("/api/v1/experiment-effort", body | {"by_person": False}, "application/json")
        .json()
    )
    assert found["units"] == alone["units"], "one person an account: the same as accounts"
