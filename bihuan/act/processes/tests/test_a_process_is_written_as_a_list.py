"""A process is begun, changed and kept as a plain list of steps, on its page and over REST."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, timer, user
from hypothesis import given, settings

from bihuan.act.bpmn import Check, Field, Timer, Words, read_diagram
from bihuan.act.bpmn.list_reading import from_bpmn
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed, Row, plain
from bihuan.act.bpmn.tests.test_a_list_is_a_process import lists
from bihuan.act.processes import actions
from bihuan.act.processes.models import Process
from bihuan.act.processes.pages.inputs import (
    Input,
    Offered,
    begin_groups,
    field_inputs,
    rest_inputs,
    row_groups,
    start_inputs,
    way_inputs,
)
from bihuan.act.processes.shipped import files, read_list
from bihuan.act.processes.typed import changed, check_line, joined, parted, read_typed

GOOD = drawn("visit", START, user("prepare"), END, chain("start", "prepare", "end"))


def sent_by(listed: Listed) -> dict[str, str]:
    """What a browser sends of the page that shows this list, when nobody touches it."""
    nothing = Offered(roles=(), tables=(), steps=(), processes=(), targets=())
    sent = {"rows": str(len(listed.rows)), "start-fields": str(len(listed.start))}

    def keep(inputs: Iterable[Input]) -> None:
        sent.update({one.name: one.value for one in inputs if one.kind != "yesno" or one.value})

    keep(start_inputs(listed))
    for group in begin_groups(listed):
        keep(group.inputs)
    for n, one in enumerate(listed.start):
        keep(field_inputs(one, f"start-f{n}", "start"))
    for number, row in enumerate(listed.rows):
        at, ruled = f"s{number}", [way for way in row.ways if way.when]
        rest = next((way for way in row.ways if not way.when), None)
        sent |= {f"{at}-id": row.id, f"{at}-ways": str(len(ruled)), f"{at}-fields": str(len(row.fields))}
        for group in row_groups(row, at, nothing):
            keep(group.inputs)
        for n, one in enumerate(row.fields):
            keep(field_inputs(one, f"{at}-f{n}", row.id))
        for n, way in enumerate(ruled):
            keep(way_inputs(way, f"{at}-w{n}", row.id, nothing))
        keep(rest_inputs(rest, f"{at}-rest", row.id, nothing, alone=not ruled))
    return sent


@given(lists())
@settings(max_examples=200, deadline=None)
def test_showing_a_list_and_keeping_it_changes_nothing(listed: Listed) -> None:
    once = plain(listed)
    assert plain(read_typed(sent_by(once), like=once)) == once


@given(lists())
@settings(max_examples=100, deadline=None)
def test_lines_are_read_as_they_are_written(listed: Listed) -> None:
    for words in (listed.name, listed.text, listed.begins):
        assert parted(joined("a", words.text, words.zh, "z")) == ["a", words.text, words.zh, "z"]
        check = Check(title=words, required=bool(words.zh))
        assert "\n" not in check_line(check)


@pytest.mark.parametrize(
    "path", [path for path in files() if path.suffix == ".yaml"], ids=lambda path: path.stem
)
def test_what_ships_is_a_list_and_stays_one(path: Path) -> None:
    listed, _raw = read_list(path.read_text(encoding="utf-8"))
    assert from_bpmn(to_bpmn(listed)) == plain(listed)


@pytest.fixture
def visit(cast) -> Process:
    return actions.create_process(key="visit", kind="process", name="Visit", xml=GOOD, by=SYSTEM, at=NOW)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form on a page."""
    body = page[page.index('<div id="steps-inside">') :]
    found = {
        name: unescape(value)
        for name, value in re.findall(r'<input (?![^>]*checkbox)[^>]*name="([^"]+)" value="([^"]*)"', body)
    }
    found |= dict(re.findall(r'<input [^>]*type="checkbox"[^>]*name="([^"]+)" value="(1)" checked', body))
    found |= {
        name: unescape(text)
        for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', body, re.DOTALL)
    }
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


def pressed(client, process: Process, form: Mapping[str, str], do: str) -> dict[str, str]:
    answer = client.post(f"/processes/{process.pk}/list/", {**form, "do": do})
    assert answer.status_code == 200
    return form_of(answer.content.decode())


def test_it_works(cast, visit) -> None:
    client = cast.client("oli")
    form = form_of(client.get(f"/processes/{visit.pk}/list/").content.decode())
    form = pressed(client, visit, form, "add")
    form |= {"s1-name": "Go there", "s1-name_zh": "上门", "s1-role": "sales", "s1-limit": "2d"}
    form |= {"s1-checks": "Shoes cleaned | 擦鞋\n? Flowers | 鲜花"}
    form = pressed(client, visit, form, "field:1")
    form |= {"s1-f0-title": "Satisfied", "s1-f0-name": "happy", "s1-f0-kind": "yesno"}
    form = pressed(client, visit, form, "way:1")
    form |= {"s1-w0-when": "!happy", "s1-w0-to": "to:prepare"}
    form |= {"s1-rest-to": "end", "s1-rest-end": "Visited", "s1-rest-end_zh": "已拜访"}
    page = client.post(f"/processes/{visit.pk}/list/", {**form, "do": "keep"}).content.decode()
    assert "Kept as a draft." in page and "Nothing keeps it from running." in page
    diagram = read_diagram(visit.versions.get().xml)
    step = diagram.nodes["step_2"]
    assert (step.name.zh, step.work.role, step.work.limit) == ("上门", "sales", "2d")
    assert [(one.title.text, one.required) for one in step.checks] == [
        ("Shoes cleaned", True),
        ("Flowers", False),
    ]
    assert {(flow.target, flow.condition) for flow in diagram.leaving["step_2_way"]} == {
        ("prepare", "!happy"),
        ("end_1", ""),
    }


def test_rows_are_moved_and_removed_and_ways_follow(cast, visit) -> None:
    client = cast.client("oli")
    form = form_of(client.get(f"/processes/{visit.pk}/list/").content.decode())
    form = pressed(client, visit, pressed(client, visit, form, "add"), "add")
    form |= {"s0-rest-to": "to:step_3", "s1-name": "Two", "s2-name": "Three"}
    form = pressed(client, visit, form, "up:2")
    assert [form[f"s{n}-name"] for n in range(3)] == ["Prepare", "Three", "Two"]
    form = pressed(client, visit, form, "drop:1")
    assert (form["rows"], form["s0-rest-to"]) == ("2", "to:step_2")
    assert changed(Listed(key="p", name=from_bpmn(GOOD).name), "drop:9").rows == ()


def test_a_draft_that_somebody_else_kept_meanwhile_is_not_overwritten(cast, visit) -> None:
    client = cast.client("oli")
    form = form_of(client.get(f"/processes/{visit.pk}/list/").content.decode())
    actions.save_draft(process=visit, xml=GOOD, by=cast.actor("mei"), at=NOW.replace(hour=5))
    page = client.post(
        f"/processes/{visit.pk}/list/", {**form, "s0-name": "Mine", "do": "keep"}
    ).content.decode()
    assert "Mei saved this draft in the meantime" in page and "Mine" in page
    assert "Mine" not in visit.versions.get().xml


def test_what_keeps_it_from_running_is_said_at_its_row(cast, visit) -> None:
    client = cast.client("oli")
    form = form_of(client.get(f"/processes/{visit.pk}/list/").content.decode())
    page = client.post(
        f"/processes/{visit.pk}/list/", {**form, "s0-limit": "soon", "do": "keep"}
    ).content.decode()
    assert "“soon” at “Prepare” is not a span." in unescape(page)
    page = client.post(f"/processes/{visit.pk}/list/", {**form, "do": "way:0"}).content.decode()
    assert "has no condition yet" in page


def test_a_drawing_that_says_more_is_told_so(cast, visit) -> None:
    late = drawn("visit", START, user("prepare"), timer("late", "prepare", "PT1H"), END,
                 chain("start", "prepare", "end"), chain("late", "end"))  # fmt: skip
    actions.save_draft(process=visit, xml=late, by=SYSTEM, at=NOW)
    page = cast.client("oli").get(f"/processes/{visit.pk}/list/").content.decode()
    assert "“late” is an event on a step, which a list cannot say." in unescape(page)
    answer = cast.rest("oli").get("/api/v1/processes/visit/list")
    assert answer.status_code == 422 and "late" in answer.content.decode()


def test_a_new_process_begins_as_a_list(cast) -> None:
    client = cast.client("oli")
    answer = client.post(
        "/processes/new/", {"name": "Greet", "kind": "process", "area": "serve", "begin": "list"}
    )
    process = Process.objects.get(key="greet")
    assert answer["Location"] == f"/processes/{process.pk}/list/"
    page = client.get(answer["Location"]).content.decode()
    assert "The list has no step yet." in page
    form = pressed(client, process, form_of(page), "add")
    form |= {"s0-name": "Say hello", "s0-role": "service"}
    assert "Kept as a draft." in client.post(answer["Location"], {**form, "do": "keep"}).content.decode()


def test_the_list_is_read_and_written_over_rest(cast, visit) -> None:
    rest = cast.rest("oli")
    found = rest.get("/api/v1/processes/visit/list").json()
    assert [row["id"] for row in found["steps"]] == ["prepare"]
    found["steps"][0] |= {"ways": [{"when": "account.tier == 'S'", "end": {"text": "Top"}}]}
    found["steps"].append({"id": "call", "name": {"text": "Call", "zh": "致电"}, "work": {"role": "sales"}})
    answer = rest.put("/api/v1/processes/visit/list", found, content_type="application/json")
    assert answer.status_code == 200, answer.content
    again = rest.get("/api/v1/processes/visit/list").json()
    assert [row["name"]["text"] for row in again["steps"]] == ["Prepare", "Call"]
    assert rest.put("/api/v1/processes/visit/list", found, content_type="application/json").status_code == 422
    assert rest.put("/api/v1/processes/visit/list", again, content_type="application/json").status_code == 200
    nowhere = {"steps": [{"id": "a", "name": {"text": "A"}, "ways": [{"to": "b"}]}]}
    refused = rest.put(
        "/api/v1/processes/visit/list",
        nowhere,
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )
    assert refused.status_code == 422 and "not in the list" in refused.content.decode()


def test_a_start_by_a_timer_is_written_kept_and_taken_away_as_a_list(cast, visit) -> None:
    client = cast.client("oli")
    page = client.get(f"/processes/{visit.pk}/list/").content.decode()
    form = form_of(page) | {
        "start-when": "cycle", "start-every": "P1D", "start-first": "2026-10-05T09:00:00+08:00", "start-clock": "role:sales",
    }  # fmt: skip
    assert (
        "Kept as a draft."
        in client.post(f"/processes/{visit.pk}/list/", {**form, "do": "keep"}).content.decode()
    )
    drawn_now = read_diagram(visit.versions.get().xml)
    assert drawn_now.starts[0].timer == Timer(
        kind="cycle", text="R/2026-10-05T09:00:00+08:00/P1D", calendar="role:sales"
    )
    shown = client.get(f"/processes/{visit.pk}/list/").content.decode()
    assert "every 1 day · from 2026-10-05 09:00 +08:00 on · By the calendar of the role Sales" in shown
    again = form_of(shown)
    assert (again["start-when"], again["start-every"], again["start-clock"]) == ("cycle", "P1D", "role:sales")
    late = client.post(
        f"/processes/{visit.pk}/list/", {**again, "start-every": "soon", "do": "again"}
    ).content.decode()
    assert "begins at a time" in late or "cannot be used" in late
    client.post(f"/processes/{visit.pk}/list/", {**again, "start-when": "", "do": "keep"})
    assert read_diagram(visit.versions.get().xml).starts[0].timer is None


def test_over_rest_the_timer_stays_unless_it_is_said(cast, visit) -> None:
    rest, path = cast.rest("oli"), "/api/v1/processes/visit/list"
    found = rest.get(path).json()
    told = {"kind": "cycle", "text": "R/PT4H", "calendar": ""}
    for sent, kept in ({"timer": told}, told), ({}, told), ({"timer": None}, None):
        body = {"steps": found["steps"], **sent}
        assert rest.put(path, body, content_type="application/json").status_code == 200
        assert rest.get(path).json()["timer"] == kept


def test_who_may_not_draw_is_refused(cast, visit) -> None:
    assert cast.client("song").get(f"/processes/{visit.pk}/list/").status_code == 403


@pytest.mark.parametrize("sign", ["\\ud800", "\\u000b", "]]>", "&#0;"])
def test_signs_that_xml_does_not_know_are_refused_or_kept_as_texts(cast, visit, sign: str) -> None:
    body = '{"steps": [{"id": "a", "name": {"text": "?"}, "ways": [{"when": "?", "to": "a"}]}]}'.replace(
        "?", sign
    )
    answer = cast.rest("oli").put("/api/v1/processes/visit/list", body, content_type="application/json")
    assert answer.status_code == (422 if sign.startswith("\\u") else 200), answer.content


@pytest.mark.django_db
def test_a_list_that_is_too_long_is_refused_with_all_that_was_typed(cast) -> None:
    process = actions.create_process(key="visit", kind="process", name="Visit", xml=GOOD, by=SYSTEM, at=NOW)
    kept = process.versions.get().xml
    row = Row(
        id="first",
        name=Words(text="First"),
        fields=tuple(Field(name=f"f{n}", title=Words(text="F")) for n in range(101)),
    )
    short = Listed(key="visit", name=Words(text="Visit"), rows=(row,))
    long = replace(short, rows=tuple(Row(id=f"s{n}", name=Words(text=f"Step {n}")) for n in range(201)))
    client = cast.client("mei")
    for listed, last, said in (
        (short, "f100", "at most 100 fields"),
        (long, "Step 200", "at most 200 steps"),
    ):
        for do in ("keep", "again"):
            page = client.post(f"/processes/{process.pk}/list/", {**sent_by(listed), "do": do})
            assert page.status_code == 200
            assert said in page.content.decode()
            assert f'value="{last}"' in page.content.decode()
    process.refresh_from_db()
    assert process.versions.get().xml == kept
    ten = replace(long, rows=long.rows[:200])
    page = client.post(f"/processes/{process.pk}/list/", {**sent_by(ten), "do": "add"}).content.decode()
    assert "at most 200 steps" in page
    assert (
        client.post(f"/processes/{process.pk}/list/", {"rows": "999999999", "do": "keep"}).status_code == 200
    )
