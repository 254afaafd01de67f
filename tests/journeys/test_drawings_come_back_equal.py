"""A diagram that was opened and kept in the studio says what it said before: every process that ships, and every standard file."""

import json
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Route

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.pictured import points_of
from bihuan.act.bpmn.reading import root_of
from bihuan.act.bpmn.taking_in import taken_in
from bihuan.act.processes.shipped import files, read_list

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "bihuan/base/ui/static/dist"
SHIPPED = {path.stem: path for path in files() if path.suffix == ".yaml"}
STANDARD = {path.stem: path for path in sorted((ROOT / "bihuan/act/bpmn/tests/files").glob("*.bpmn"))}
PAGE = """<!doctype html><html><head><link rel="stylesheet" href="/studio.css"></head><body>
<meta name="csrf-token" content="x"><span id="kept"></span><button id="undo"></button><button id="redo"></button>
<button id="keep">keep</button><div class="studio"><div class="studio-canvas" id="canvas"></div>
<div class="studio-side" id="properties"></div></div><ul id="problems"></ul>
<script type="application/json" id="diagram-data">%s</script><script type="module" src="/studio.js"></script></body></html>"""
#: Everything that our own extension can say.
OURS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bihuan="urn:bihuan:bpmn"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="urn:bihuan">
<bpmn:message id="m" name="paid"/>
<bpmn:process id="whole" name="Whole" bihuan:zh="全部" isExecutable="true"><bpmn:documentation bihuan:zh="说明">All of it</bpmn:documentation>
<bpmn:startEvent id="begin" name="Begin" bihuan:zh="开始"><bpmn:extensionElements><bihuan:form>
 <bihuan:field name="amount" title="Amount" zh="金额" kind="money" required="true" least="0" most="9" default="1" help="How much" helpZh="多少"/>
 <bihuan:field name="level" title="Level" zh="级别" kind="choice"><bihuan:choice value="a" title="A" zh="甲"/><bihuan:choice value="b"/>
 </bihuan:field></bihuan:form></bpmn:extensionElements></bpmn:startEvent>
<bpmn:userTask id="ask" name="Ask" bihuan:zh="询问"><bpmn:extensionElements>
 <bihuan:work role="sales" assign="owner" limit="4h" calendar="wall" remind="1h" escalateTo="manager" escalateAfter="2h" effort="45m" approval="2"
  approvers="manager, admin" inOrder="true" signature="true" gate="amount &gt; 1.0"/>
 <bihuan:checklist><bihuan:check title="Paid" zh="已付"/><bihuan:check title="Gift" zh="礼物" required="false"/></bihuan:checklist>
 </bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics bihuan:over="people" bihuan:item="one"/></bpmn:userTask>
<bpmn:serviceTask id="note" name="Note"><bpmn:extensionElements><bihuan:step name="write_note"><bihuan:input name="text" value="title"/>
 <bihuan:output name="number" value="id"/></bihuan:step></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:businessRuleTask id="decide"><bpmn:extensionElements><bihuan:decision table="demand_level" into="found"/></bpmn:extensionElements>
</bpmn:businessRuleTask>
<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition bihuan:calendar=""><bpmn:timeDuration>PT4H</bpmn:timeDuration>
</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
<bpmn:intermediateCatchEvent id="hear"><bpmn:messageEventDefinition messageRef="m" bihuan:correlate="account.key"/></bpmn:intermediateCatchEvent>
<bpmn:receiveTask id="get" messageRef="m" bihuan:correlate="title"/>
<bpmn:endEvent id="over" name="Over" bihuan:zh="完成"/>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="ask" name="on" bihuan:zh="继续"/><bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="note"/>
<bpmn:sequenceFlow id="f3" sourceRef="note" targetRef="decide"/><bpmn:sequenceFlow id="f4" sourceRef="decide" targetRef="wait"/>
<bpmn:sequenceFlow id="f5" sourceRef="wait" targetRef="hear"/><bpmn:sequenceFlow id="f6" sourceRef="hear" targetRef="get"/>
<bpmn:sequenceFlow id="f7" sourceRef="get" targetRef="over"/></bpmn:process></bpmn:definitions>"""


@pytest.fixture(scope="module")
def kept_by_the_studio(browser: Browser) -> Iterator[Callable[[str], str]]:
    """The real studio over a server of two lines: what it sends when a drawing is kept."""
    context = browser.new_context()
    page = context.new_page()
    here: dict[str, str] = {}

    def serve(route: Route) -> None:
        path = urlparse(route.request.url).path
        if route.request.method == "POST":
            head = f"Content-Type: {route.request.headers['content-type']}\r\n\r\n".encode()
            parts = message_from_bytes(head + (route.request.post_data_buffer or b"")).walk()
            named = {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                for part in parts
            }
            here["kept"] = named["xml"].decode()
            route.fulfill(json={"seen": "", "problems": []})
        elif path == "/":
            data = {
                "xml": here["xml"], "language": "en", "keep": "/keep", "seen": "", "problems": [], "roles": [], "steps": [],
                "decisions": [], "processes": [], "said": {"kinds": {}, "kept": "kept", "keeping": "", "no_problems": ""},
            }  # fmt: skip
            route.fulfill(body=PAGE % json.dumps(data).replace("<", "\\u003c"), content_type="text/html")
        elif (DIST / path[1:]).is_file():
            route.fulfill(path=DIST / path[1:])
        else:
            route.fulfill(status=404)

    page.route("**/*", serve)

    def kept(xml: str) -> str:
        here["xml"] = xml
        here.pop("kept", None)
        page.goto("http://studio.test/")
        page.wait_for_selector("#canvas .djs-shape")
        page.click("#keep")
        page.wait_for_function("document.getElementById('kept').textContent === 'kept'")
        return here["kept"]

    yield kept
    context.close()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_process_that_ships_comes_back_equal(name: str, kept_by_the_studio: Callable[[str], str]) -> None:
    xml = to_bpmn(read_list(SHIPPED[name].read_text(encoding="utf-8"))[0])
    assert read_diagram(kept_by_the_studio(xml)) == read_diagram(xml)


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_file_comes_back_equal(name: str, kept_by_the_studio: Callable[[str], str]) -> None:
    xml = taken_in(STANDARD[name].read_bytes())
    assert read_diagram(kept_by_the_studio(xml)) == read_diagram(xml)


def drawn_at(xml: str) -> dict[str, tuple[str, ...]]:
    """Where each shape stands."""
    space = {"di": "http://www.omg.org/spec/BPMN/20100524/DI", "dc": "http://www.omg.org/spec/DD/20100524/DC"}
    return {
        shape.get("bpmnElement", ""): tuple(bounds.get(name, "") for name in ("x", "y", "width", "height"))
        for shape in root_of(xml).iterfind(".//di:BPMNShape", space)
        for bounds in shape.iterfind("dc:Bounds", space)
    }


def test_pools_and_lanes_that_were_laid_out_come_back_where_they_stood(
    kept_by_the_studio: Callable[[str], str],
) -> None:
    xml = taken_in(STANDARD["pools_and_lanes"].read_bytes())
    kept = kept_by_the_studio(xml)
    assert (
        drawn_at(kept) == drawn_at(xml)
        and {"Pool_bank", "Pool_customer", "Lane_back", "Customer_orders"} <= drawn_at(kept).keys()
    )
    assert points_of(kept).keys() == points_of(xml).keys() >= {"Message_order", "Flow_3"}


def test_everything_that_we_say_of_a_step_comes_back(kept_by_the_studio: Callable[[str], str]) -> None:
    xml = taken_in(OURS)
    diagram = read_diagram(xml)
    assert (
        diagram.nodes["ask"].work.approvers == ("manager", "admin")
        and diagram.nodes["get"].correlate == "title"
    )
    assert read_diagram(kept_by_the_studio(xml)) == diagram
