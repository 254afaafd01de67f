"""Mining on pages and over REST: figures, conformance, versions, what if; for who may, within the territory."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, field, flow, user

from bihuan.act.mining.queries import Wanted, by_group, compared_versions, mined, studied
from bihuan.act.mining.queries import forget as forget_mining
from bihuan.act.mining.queries import kept as kept_logs
from bihuan.act.processes.actions import create_process, publish_draft, save_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work import actions
from bihuan.act.work.models import Instance, WorkItem
from bihuan.act.work.queries import often_deviated
from bihuan.understand.segments.actions import add_segment

pytestmark = pytest.mark.django_db


def offer(extra: str = "") -> str:
    return drawn(
        "offer", START, user("write", role="sales", fields=field("amount", "money"), limit="4h"),
        '<exclusiveGateway id="big" default="big_end"/>', user("check", role="manager", limit="1d"), END,
        chain("start", "write", "big"), flow("big", "check", "amount > 100.0"), flow("big", "end"), flow("check", "end"),
        name=f"Offer{extra}",
    )  # fmt: skip


@pytest.fixture
def ran(cast):
    """Four instances: two small ones, a big one that is checked late, one that waits."""
    forget()
    forget_mining()
    process = create_process(key="offer", kind="process", name="Offer", xml=offer(), by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    for amount in (50, 60, 500):
        begun(cast, process, amount=amount)
    actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    return process


def begun(cast, process, *, amount: int, at=NOW) -> Instance:
    instance = actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=at)
    do(cast, instance, "write", "song", {"amount": amount}, at=at + timedelta(hours=1))
    if amount > 100:
        do(cast, instance, "check", "mei", {}, at=at + timedelta(days=9))
    return instance


def do(cast, instance, element, who, values, *, at) -> None:
    item = WorkItem.objects.get(instance=instance, element=element, state="open")
    by = cast.actor(who)
    actions.claim(item=item, by=by, at=at - timedelta(minutes=30))
    item.refresh_from_db()
    actions.complete(item=item, values=values, by=by, at=at)


def test_it_works(cast, ran) -> None:
    study = studied(ran, Wanted(), actor=cast.actor("mei"), at=NOW + timedelta(days=10))
    assert (study.whole.cases, study.whole.ended, study.whole.steps) == (4, 3, 4)
    write, check = study.steps["write"], study.steps["check"]
    assert (write.steps, write.cases, write.waiting.n, write.limited, write.late) == (3, 3, 3, 3, 0)
    assert write.work.p50 == 1_800
    assert (check.steps, check.late) == (1, 1)
    assert study.mined.open == {"write": 1}
    assert study.mined.late == {"write": 1}
    assert study.conformance.fitting == 4
    assert study.conformance.flows["big_check"] == 1
    assert study.conformance.flows["big_end"] == 2
    assert [one.key for one in by_group(study, "role", actor=SYSTEM, at=NOW)] == ["manager", "sales"]
    assert [one.steps for one in by_group(study, "month", actor=SYSTEM, at=NOW)] == [4]
    assert {one.key for one in by_group(study, "person", actor=SYSTEM, at=NOW)} == {
        cast.actor("song").name,
        cast.actor("mei").name,
    }


def test_figures_stand_by_kept_segment_where_a_customer_may_be_in_several(cast, ran) -> None:
    Instance.objects.filter(process=ran).update(account=cast.yunshan)
    for key, rule in (
        ("big", "account.size > 1000"),
        ("key", "account.tier == 'S'"),
        ("few", "account.size < 100"),
    ):
        add_segment(key=key, title=key.title(), rule=rule, by=SYSTEM, at=NOW)
    study = studied(ran, Wanted(), actor=SYSTEM, at=NOW)
    found = {one.key: (one.steps, one.cases) for one in by_group(study, "segment", actor=SYSTEM, at=NOW)}
    assert found == {"Big": (4, 3), "Key": (4, 3), "Few": (0, 0)}
    page = cast.client("mei").get(f"/processes/{ran.pk}/mining/?by=segment").content.decode()
    assert "By: Segment" in page and "<td>Big</td>" in page
    rest = cast.rest("mei").get(f"/api/v1/processes/{ran.key}/figures?by=segment").json()
    assert {row["name"] for row in rest["rows"]} == {"Big", "Key", "Few"}


def test_pages_show_it(cast, ran) -> None:
    mei = cast.client("mei")
    base = f"/processes/{ran.pk}/mining/"
    for path in ("", "?show=waiting&by=person", "?show=late&by=role", "?show=deviations&by=month", "?version=1", "conformance/",
                 "versions/", "what-if/", "log/"):  # fmt: skip
        assert mei.get(base + path).status_code == 200, path
    page = mei.get(base).content.decode()
    assert "write" in page
    assert '"big_check"' in page
    exported = mei.get(base + "?export=csv").content.decode("utf-8-sig").splitlines()
    assert exported[1].startswith("write,Write,3,3,0,0")
    assert mei.get(f"/processes/{ran.pk}/").content.decode().count(base) == 1


def test_a_case_that_left_the_standard_is_told(cast, ran) -> None:
    instance = Instance.objects.order_by("pk").last()
    item = WorkItem.objects.get(instance=instance, element="write")
    actions.skip_step(item=item, reason="already written", by=cast.actor("mei"), at=NOW + timedelta(hours=2))
    mei = cast.client("mei")
    page = mei.get(f"/processes/{ran.pk}/mining/conformance/").content.decode()
    assert f"/instances/{instance.pk}/" in page
    rows = (
        mei.get(f"/processes/{ran.pk}/mining/conformance/?export=csv")
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert [row.split(",")[2] for row in rows[1:]] == ["yes", "yes", "yes", "no"]
    found = cast.rest("mei").get("/api/v1/processes/offer/conformance").json()
    assert (found["fitting"], found["deviating"], found["left_out"]) == (3, 1, {"write": 1})
    assert found["cases"][0]["case"] == str(instance.pk)
    assert found["cases"][0]["differences"][0]["kind"] == "left_out"
    figures = cast.rest("mei").get("/api/v1/processes/offer/figures").json()
    assert {row["key"]: row["deviations"] for row in figures["rows"]} == {"write": 1, "check": 0}


def test_two_versions_are_compared(cast, ran) -> None:
    save_draft(process=ran, xml=offer(" 2"), by=SYSTEM, at=NOW)
    publish_draft(process=ran, by=SYSTEM, at=NOW + timedelta(days=10), note="Everything is quicker")
    for amount in (10, 20):
        begun(cast, ran, amount=amount, at=NOW + timedelta(days=11))
    found = cast.rest("mei").get("/api/v1/processes/offer/comparison?before=1&after=2").json()
    assert (found["cases_before"], found["cases_after"]) == (4, 2)
    assert {row["name"] for row in found["rows"]} == {"days_p50", "days_p90", "late", "rework", "deviations"}
    assert found["rows"][0]["after"] == pytest.approx(1 / 24)
    page = cast.client("mei").get(f"/processes/{ran.pk}/mining/versions/").content.decode()
    assert "Everything is quicker" in page
    same = cast.client("mei").get(f"/processes/{ran.pk}/mining/versions/?before=1&after=1")
    assert same.status_code == 422
    assert cast.rest("mei").get("/api/v1/processes/offer/comparison?before=1&after=9").status_code == 422


def test_a_step_that_is_drawn_to_be_done_many_times_is_no_rework(cast) -> None:
    """The same by step, for the whole and between versions."""
    forget()
    forget_mining()
    over = '<multiInstanceLoopCharacteristics xmlns:x="urn:bihuan:bpmn" x:over="names" x:item="one"/>'
    xml = drawn("round", START, user("name", fields=field("names", "choices")), user("ask", inside=over), END,
                chain("start", "name", "ask", "end"))  # fmt: skip
    xml = xml.replace('kind="choices" required="true"/>', 'kind="choices" required="true"><x:choice value="a"/><x:choice '
                      'value="b"/></x:field>')  # fmt: skip
    process = create_process(key="round", kind="process", name="Round", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    save_draft(process=process, xml=xml.replace('"Ask"', '"Ask all"'), by=SYSTEM, at=NOW)
    instance = actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    do(cast, instance, "name", "song", {"names": ["a", "b"]}, at=NOW + timedelta(hours=1))
    for item in WorkItem.objects.filter(instance=instance, element="ask"):
        actions.complete(item=item, values={}, by=cast.actor("song"), at=NOW + timedelta(hours=2))
    publish_draft(process=process, by=SYSTEM, at=NOW + timedelta(hours=3))
    study = studied(process, Wanted(version=1), actor=cast.actor("mei"), at=NOW + timedelta(days=1))
    assert study.steps["ask"].steps == 2
    assert (study.steps["ask"].rework_steps, study.whole.rework_steps, study.whole.rework_cases) == (0, 0, 0)
    rows, cases = compared_versions(
        process, before=1, after=2, wanted=Wanted(), actor=cast.actor("mei"), at=NOW + timedelta(days=1)
    )
    assert cases == (1, 0)
    assert next(row.before for row in rows if row.name == "rework") == 0


def test_one_more_person_is_tried(cast, ran) -> None:
    body = {"step": "write", "people": 1}
    found = (
        cast.rest("mei")
        .post("/api/v1/processes/offer/simulation", body, content_type="application/json")
        .json()
    )
    assert found["today"]["waiting"].keys() == {"write", "check"}
    page = cast.client("mei").get(
        f"/processes/{ran.pk}/mining/what-if/?step=write&people=1&arrivals=100&work=100"
    )
    assert page.status_code == 200
    assert "Assumptions" in page.content.decode()
    assert "Only 3 cases have ended" in page.content.decode()
    nobody = cast.client("mei").get(f"/processes/{ran.pk}/mining/what-if/?step=nothing&people=1")
    assert nobody.status_code == 422
    empty = cast.rest("mei").post(
        "/api/v1/processes/offer/simulation", body | {"until": "2001-01-01"}, content_type="application/json"
    )
    assert empty.status_code == 422


def test_what_is_wrong_is_said_on_its_field(cast, ran) -> None:
    mei = cast.client("mei")
    assert mei.get(f"/processes/{ran.pk}/mining/?since=2026-02-01&until=2026-01-01").status_code == 422
    assert (
        mei.get(f"/processes/{ran.pk}/mining/log/?case=nonsense&first=2026-01-01&last=2026-02-01").status_code
        == 422
    )
    wrong = cast.rest("mei").get("/api/v1/processes/offer/figures?segment=nonsense(")
    assert wrong.status_code == 422
    assert "nonsense(" in wrong.json()["errors"][0]["message"]
    odd = {"question": {"unit": "nonsense"}}
    refused = cast.rest("mei").post(
        "/api/v1/processes/offer/conformance", odd, content_type="application/json"
    )
    assert refused.status_code == 422


def test_only_who_may_and_only_the_territory(cast, ran) -> None:
    assert cast.client("song").get(f"/processes/{ran.pk}/mining/").status_code == 403
    assert cast.rest("song").get("/api/v1/processes/offer/figures").status_code == 403
    assert mined(ran, Wanted(), actor=cast.actor("bei"), at=NOW).log.cases == ()
    assert len(mined(ran, Wanted(account=cast.yunshan.pk), actor=cast.actor("mei"), at=NOW).log.cases) == 4


def test_periods_and_versions_narrow_it(cast, ran) -> None:
    actor = cast.actor("mei")
    day = NOW.date()
    assert len(mined(ran, Wanted(since=day, until=day), actor=actor, at=NOW).log.cases) == 4
    assert len(mined(ran, Wanted(until=day - timedelta(days=2)), actor=actor, at=NOW).log.cases) == 0
    assert len(mined(ran, Wanted(version=1), actor=actor, at=NOW).log.cases) == 4
    assert len(mined(ran, Wanted(segment="account.tier == 'nothing'"), actor=actor, at=NOW).log.cases) == 0


def test_pages_are_in_the_readers_language(cast, ran) -> None:
    mei = cast.client("mei")
    mei.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert "的运行情况" in mei.get(f"/processes/{ran.pk}/mining/").content.decode()


def test_what_is_often_left_out_elsewhere_is_not_told_here(cast, ran) -> None:
    for _ in range(3):
        item = actions.start_process(
            process=ran, account=cast.songtao, by=cast.actor("bei"), at=NOW
        ).items.get()
        actions.skip_step(item=item, reason="no time", by=cast.actor("oli"), at=NOW)
    assert often_deviated(process_id=ran.pk, actor=cast.actor("oli"))
    cast.oli.reach, cast.oli.team = "region", None
    cast.oli.save()
    cast.oli.regions.set([cast.yunshan.region])
    assert often_deviated(process_id=ran.pk, actor=cast.actor("oli")) == []
    page = cast.client("oli").get(f"/processes/{ran.pk}/mining/").content.decode()
    assert "no time" not in page and "松涛" not in page


def test_a_large_log_is_read_once_and_again_when_anything_was_done_since(cast, ran, monkeypatch) -> None:
    monkeypatch.setattr(kept_logs, "FEWEST", 0)
    mei, bei, at = cast.actor("mei"), cast.actor("bei"), NOW + timedelta(days=10)
    first = mined(ran, Wanted(), actor=mei, at=at)
    assert mined(ran, Wanted(), actor=mei, at=at).log is first.log
    assert len(mined(ran, Wanted(), actor=bei, at=at).log.cases) == 0, (
        "another territory has a log of its own"
    )
    assert len(mined(ran, Wanted(since=NOW.date() + timedelta(days=1)), actor=mei, at=at).log.cases) == 0
    waits = Instance.objects.get(items__element="write", items__state="open")
    do(cast, waits, "write", "song", {"amount": 70}, at=NOW + timedelta(hours=2))
    again = mined(ran, Wanted(), actor=mei, at=at)
    assert len(again.log.case) == len(first.log.case) + 1 and again.open == {}
    begun(cast, ran, amount=80)
    assert len(mined(ran, Wanted(), actor=mei, at=at).log.cases) == len(first.log.cases) + 1


def test_what_is_often_left_out_or_added_is_proposed_as_a_change_of_the_standard(cast, ran) -> None:
    oli, song = cast.actor("oli"), cast.actor("song")
    for number in range(3):
        instance = actions.start_process(process=ran, account=cast.yunshan, by=song, at=NOW)
        actions.add_step(instance=instance, name="Call them", reason="they ask", role="sales", by=oli, at=NOW)
        if number:
            actions.skip_step(item=instance.items.get(element="write"), reason="no time", by=oli, at=NOW)
    found = [
        (one["element"], one["name"], one["kind"], one["number"])
        for one in often_deviated(process_id=ran.pk, actor=oli)
    ]
    assert found == [("", "Call them", "add", 3)]
    page = cast.client("oli").get(f"/processes/{ran.pk}/mining/").content.decode()
    assert (
        "Should the standard change?" in page
        and "Call them · Added" in page
        and "3 times in 7 instances" in page
    )
    assert f"/processes/{ran.pk}/studio/" in page
