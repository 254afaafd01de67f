"""Diagrams, tables, forms, names and files that want to run something, read something or fill the machine."""

from contextlib import suppress
from datetime import timedelta
from time import monotonic

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from drawings import END, HEAD, START, chain, drawn, field, flow, service, timer, user

from bihuan.act.bpmn import DiagramRefused, read_diagram
from bihuan.act.bpmn.compare import compare
from bihuan.act.bpmn.running import CompileRefused, Run, RunStopped, Surroundings, compile_diagram
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.models import Process
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.work import actions
from bihuan.act.work.actions.beginning import begin_due
from bihuan.base.decisions import DecisionError, TableRefused, check_table, decide, read_table
from bihuan.base.notices.models import Notice

pytestmark = pytest.mark.django_db
PYTHON = ["__import__('os').system('touch {mark}')", "().__class__.__bases__[0].__subclasses__()", "open('{mark}','w')",
          "exec('1')", "(lambda: 1)()", "[x for x in [1]]", "f'{{1}}'"]  # fmt: skip
BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&d;</definitions>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" name="&x;"/></definitions>"""
SURROUNDINGS = Surroundings(at=NOW)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_entities_and_document_types_are_never_read(text) -> None:
    for read, refused in ((read_diagram, DiagramRefused), (read_table, TableRefused)):
        with pytest.raises(refused, match=r"document type|not well-formed"):
            read(text)


def test_a_deep_a_wide_and_a_long_file_are_refused() -> None:
    for text in (
        "<a>" * 100_000,
        HEAD + "<x/>" * 30_000 + "</definitions>",
        HEAD + "<!--" + "x" * 3_000_000 + "--></definitions>",
    ):
        with pytest.raises(DiagramRefused):
            read_diagram(text)


@pytest.mark.parametrize("code", PYTHON)
def test_python_in_a_diagram_is_not_a_rule(code, tmp_path) -> None:
    mark = tmp_path / "mark"
    text = code.format(mark=mark).replace("<", "&lt;").replace('"', "&quot;")
    drawings = [
        drawn("p", START, '<exclusiveGateway id="g" default="g_end"/>', user("a"), END, chain("start", "g"),
              flow("g", "a", code.format(mark=mark)), flow("g", "end"), flow("a", "end")),
        drawn("p", START, user("a", gate=text), END, chain("start", "a", "end")),
        drawn("p", START, user("a"), timer("t", "a", text), END, chain("start", "a", "end"), flow("t", "end")),
        drawn("p", START, service("a", "write_note", {"text": text}), END, chain("start", "a", "end")),
    ]  # fmt: skip
    for xml in drawings:
        assert any(
            one.code in ("rule", "span", "timer_without_time")
            for one in problems_of(kind="process", key="p", xml=xml)
        ), xml
        with suppress(RunStopped, CompileRefused):
            Run.started(compile_diagram(xml), values={}, surroundings=SURROUNDINGS)
    assert not mark.exists()


def test_a_script_task_is_refused_and_cannot_be_built(tmp_path) -> None:
    mark = tmp_path / "mark"
    script = f'<scriptTask id="s" name="Run"><script>open("{mark}", "w")</script></scriptTask>'
    xml = drawn("p", START, script, END, chain("start", "s", "end"))
    assert "script" in {one.code for one in problems_of(kind="process", key="p", xml=xml)}
    with pytest.raises(CompileRefused):
        compile_diagram(xml)
    assert not mark.exists()


@pytest.mark.parametrize("code", PYTHON)
def test_python_in_a_table_is_not_a_cell(code, tmp_path) -> None:
    mark = tmp_path / "mark"
    text = code.format(mark=mark).replace("<", "&lt;")
    table = read_table(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="d"><decisionTable hitPolicy="FIRST">'
        f'<input><inputExpression><text>{text}</text></inputExpression></input><output name="o"/>'
        f"<rule><inputEntry><text>{text}</text></inputEntry><outputEntry><text>{text}</text></outputEntry></rule>"
        "</decisionTable></decision></definitions>"
    )
    assert check_table(table)
    with pytest.raises((DecisionError, ValueError)):
        decide(table, {})
    assert not mark.exists()


def test_markup_in_names_is_text_on_every_page(cast) -> None:
    forget()
    evil = "<script>alert(1)</script>{{ 7|add:7 }}{% load x %}"
    quoted = evil.replace("<", "&lt;").replace('"', "&quot;")
    xml = drawn("evil", START, user("plan", fields=field("a", required=False, help=quoted)).replace('name="Plan"', f'name="{quoted}"'),
                END, chain("start", "plan", "end"), name=quoted)  # fmt: skip
    process = create_process(
        key="evil", kind="process", name=evil[:100], about=evil, xml=xml, by=SYSTEM, at=NOW
    )
    publish_draft(process=process, by=SYSTEM, at=NOW)
    instance = actions.start_process(
        process=process, account=cast.yunshan, title=evil, by=cast.actor("song"), at=NOW
    )
    item = instance.items.get()
    for path in (f"/processes/{process.pk}/", f"/processes/{process.pk}/studio/", "/processes/", f"/instances/{instance.pk}/",
                 f"/work-items/{item.pk}/", "/instances/", "/work-items/", f"/processes/{process.pk}/start/"):  # fmt: skip
        page = cast.client("mei").get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "{{ 7" in page or "7|add" not in page, path


def test_a_file_that_is_something_else_is_refused_with_a_reason(cast) -> None:
    client = cast.client("oli")
    for name, raw in (
        ("a.bpmn", b"\x89PNG\r\n"),
        ("a.bpmn", BOMB.encode()),
        ("a.bpmn", b"<html/>"),
        ("../../etc/x.bpmn", b""),
    ):
        answer = client.post("/processes/import/", {"file": SimpleUploadedFile(name, raw), "area": "other"})
        assert answer.status_code == 200
        assert (
            b"is-invalid" in answer.content
            or b"invalid-feedback" in answer.content
            or b"alert" in answer.content
        )
    assert not Process.objects.exists()


def test_a_circle_that_nobody_stops_is_stopped(cast) -> None:
    forget()
    xml = drawn("round", START, '<exclusiveGateway id="g" default="g_h"/><exclusiveGateway id="h" default="h_g"/>', END,
                chain("start", "g", "h", "g"), flow("h", "end", "never"))  # fmt: skip
    process = create_process(key="round", kind="process", name="Round", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError, match="circle"):
        actions.start_process(process=process, by=SYSTEM, at=NOW)


def pictured(place: str) -> str:
    """A drawing whose end stands at this place, with an arrow to it."""
    spaces = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    shapes = "".join(
        f'<di:BPMNShape bpmnElement="{key}"><dc:Bounds x="{x}" y="0" width="36" height="36"/></di:BPMNShape>'
        for key, x in (("start", "0"), ("end", place))
    )
    line = f'<w:waypoint xmlns:w="http://www.omg.org/spec/DD/20100524/DI" x="36" y="9"/><w:waypoint xmlns:w="http://www.omg.org/spec/DD/20100524/DI" x="{place}" y="9"/>'
    edge = f'<di:BPMNEdge bpmnElement="start_end">{line}</di:BPMNEdge>'
    picture = f'<di:BPMNDiagram {spaces}><di:BPMNPlane bpmnElement="far">{shapes}{edge}</di:BPMNPlane></di:BPMNDiagram>'
    return drawn("far", START, END, flow("start", "end"), more=picture)


@pytest.mark.parametrize("place", ["inf", "-inf", "nan", "1e308", "1e12", "900000"])
def test_a_picture_that_has_no_end_is_printed_on_little_paper(cast, place) -> None:
    process = create_process(key="far", kind="process", name="Far", xml=pictured(place), by=SYSTEM, at=NOW)
    page = cast.client("mei").get(f"/processes/{process.pk}/versions/1/print/")
    assert page.status_code == 200
    assert page.content.count(b"<svg") < 250
    assert b"nan" not in page.content


def wide(steps: int, skips: int) -> str:
    """A chain of steps, with arrows that skip most of it."""
    parts = [f'<manualTask id="u{n}"/>' for n in range(steps)]
    parts += [flow(f"u{n}", f"u{n + 1}") for n in range(steps - 1)]
    parts += [flow(f"u{n}", f"u{steps - 1 - n}", key=f"g{n}") for n in range(skips)]
    return drawn("wide", START, *parts)


def test_a_diagram_as_large_as_a_file_may_be_is_laid_out_and_compared_at_once(cast) -> None:
    xml, began = wide(3_000, 1_400), monotonic()
    file = SimpleUploadedFile("wide.bpmn", xml.encode())
    cast.client("oli").post("/processes/import/", {"file": file, "area": "other"})
    process = Process.objects.get()
    client = cast.client("mei")
    for path in (
        f"/processes/{process.pk}/versions/1/print/",
        f"/processes/{process.pk}/",
    ):
        assert client.get(path).status_code == 200
    diagram = read_diagram(xml)
    assert not compare(diagram, diagram)
    assert monotonic() - began < 20


@pytest.mark.parametrize("sequential", ["true", "false"])
@pytest.mark.parametrize("times", ["1000000000", "n"])
def test_a_step_that_somebody_wants_done_a_milliard_times_is_not_begun(cast, sequential, times) -> None:
    forget()
    many = f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>{times}</loopCardinality></multiInstanceLoopCharacteristics>'
    xml = drawn(
        "many",
        START,
        user("ask", fields=field("n", kind="number")),
        user("a", inside=many),
        END,
        chain("start", "ask", "a", "end"),
    )
    process = create_process(key="many", kind="process", name="Many", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    item = actions.start_process(process=process, by=SYSTEM, at=NOW).items.get()
    with pytest.raises(ValidationError, match="1,000"):
        actions.complete(item=item, values={"n": 10**9}, by=SYSTEM, at=NOW)
    item.refresh_from_db()
    assert item.state == "open"


MOMENTS = {
    "timeDate": ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"],
    "timeCycle": ["R/0001-01-01T00:00:00+08:00/P7D", f"R{'9' * 5_000}/PT1H"],
    "timeDuration": ["P99999999999D", f"PT{'9' * 5_000}S"],
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in MOMENTS.items() for text in texts]
)
def test_a_moment_outside_of_time_is_said_and_keeps_no_other_process_from_beginning(cast, kind, text) -> None:
    forget()
    when = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"
    other = "<timerEventDefinition><timeCycle>R/PT4H</timeCycle></timerEventDefinition>"
    for key, said in (("bad", when), ("good", other)):
        xml = drawn(
            key, f'<startEvent id="start">{said}</startEvent>', user("a"), END, chain("start", "a", "end")
        )
        create_process(key=key, kind="process", name=key, xml=xml, by=SYSTEM, at=NOW)
    bad, good = Process.objects.order_by("key")
    assert "start_time" in {
        one.code for one in problems_of(kind="process", key="bad", xml=bad.versions.get().xml)
    }
    bad.versions.update(state="published", published_at=NOW)  # as one that an older release took
    publish_draft(process=good, by=SYSTEM, at=NOW)
    started, failed = begin_due(by=SYSTEM, at=NOW + timedelta(hours=5))
    assert len(started) == 1
    assert set(failed) == {"bad"}


def test_an_approval_by_more_people_than_a_number_holds_is_a_problem() -> None:
    xml = drawn(
        "p", START, user("a", approval="9" * 5_000, approvers="sales"), END, chain("start", "a", "end")
    )
    assert "approval" in {one.code for one in problems_of(kind="process", key="p", xml=xml)}


@pytest.fixture
def running(cast):
    """An item of the partner's, about the southern customer."""
    forget()
    xml = drawn(
        "p",
        START,
        user("a", role="partner", fields=field("who", "person", required=False)),
        END,
        chain("start", "a", "end"),
    )
    process = create_process(key="p", kind="process", name="P", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    instance = actions.start_process(
        process=process, account=cast.yunshan, title="A secret deal", by=cast.actor("song"), at=NOW
    )
    return instance.items.get()


@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 30, "-1", "٣", ""])
def test_numbers_that_are_none_are_not_found(cast, running, number) -> None:
    client = cast.client("mei")
    for path, said in (
        ("/bench/move/", {"item": running.pk, "to": f"staff:{number}"}),
        ("/bench/move/", {"item": number, "to": "me"}),
        (f"/processes/{running.instance.process_id}/list/", {"rows": number, "do": f"drop:{number}"}),
    ):
        assert client.post(path, said).status_code < 500, path
    for path in (
        f"/processes/{running.instance.process_id}/versions/1/changes/?since={number}",
        f"/bench/?view=board&by=step&process={number}",
        f"/work-items/?view=board&by=step&process={number}",
        f"/mining/{running.instance.process_id}/?since=0001-01-01&version={number}",
    ):
        assert client.get(path).status_code < 500, path


def test_a_guest_with_a_strange_tick_is_told_nothing_else(cast) -> None:
    forget()
    step = user("a", role="customer", checks='<x:check title="Read"/>')
    process = create_process(
        key="g",
        kind="process",
        name="G",
        xml=drawn("g", START, step, END, chain("start", "a", "end")),
        by=SYSTEM,
        at=NOW,
    )
    publish_draft(process=process, by=SYSTEM, at=NOW)
    item = actions.start_process(process=process, account=cast.yunshan, by=SYSTEM, at=NOW).items.get()
    _row, secret = actions.invite(item=item, name="Lin", by=cast.actor("song"), at=timezone.now())
    answer = Client().post(reverse("work:guest", args=[secret]), {"ticks": ["9" * 5_000, "7", "-1"]})
    assert answer.status_code == 422
    item.refresh_from_db()
    assert item.state == "open"


def test_somebody_outside_learns_no_colleague_from_pickers_moves_and_answers(cast, running) -> None:
    pan, program = cast.client("pan"), cast.rest("pan")
    here = f"/work-items/{running.pk}/"
    pages = [pan.get(path) for path in (here, f"{here}delegate/", f"{here}ask/")]
    pages.append(pan.post("/bench/move/", {"item": running.pk, "to": f"staff:{cast.qin.pk}"}, follow=True))
    for name, said in (
        ("delegate", {"to_id": cast.qin.pk}),
        ("complete", {"values": {"who": str(cast.qin.pk)}}),
    ):
        answer = program.post(f"/api/v1{here}{name}", said, content_type="application/json")
        assert answer.status_code == 422
        pages.append(answer)
    for page in pages:
        assert b"Qin" not in page.content
        assert b'"qin"' not in page.content
    assert b"Qin" in cast.client("mei").get(f"{here}delegate/").content


def test_a_mention_tells_no_title_to_whoever_does_not_find_it(cast, running) -> None:
    for by in ("song",):
        actions.comment(instance=running.instance, text="@bei @pan @mei look", by=cast.actor(by), at=NOW)
    told = set(Notice.objects.values_list("user__username", flat=True))
    assert told == {"pan", "mei"}
