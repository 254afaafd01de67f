"""Diagrams, tables, forms, names and files that want to run something, read something or fill the machine."""

from contextlib import suppress

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from drawings import END, HEAD, START, chain, drawn, field, flow, service, timer, user

from bihuan.act.bpmn import DiagramRefused, read_diagram
from bihuan.act.bpmn.running import CompileRefused, Run, RunStopped, Surroundings, compile_diagram
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.models import Process
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.work import actions
from bihuan.base.decisions import DecisionError, TableRefused, check_table, decide, read_table

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
