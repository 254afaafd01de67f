"""The written standard: in either language, with a still picture, roles, limits, forms and check-lists."""

from html import unescape

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, timer, user
from lxml import etree

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.bpmn.svg import framed, still, wrapped
from bihuan.act.processes import actions
from bihuan.act.processes.models import Process
from bihuan.act.processes.shipped import files, read_list


@pytest.fixture
def signing(cast) -> Process:
    path = next(path for path in files() if path.stem == "contract_signing")
    xml = to_bpmn(read_list(path.read_text(encoding="utf-8"))[0])
    process = actions.create_process(
        key="contract_signing",
        kind="process",
        name="Contract signing",
        name_zh="签约",
        xml=xml,
        by=SYSTEM,
        at=NOW,
    )
    actions.publish_draft(process=process, note="As of the new law", by=SYSTEM, at=NOW)
    return process


def test_it_works(cast, signing) -> None:
    client = cast.client("song")
    page = client.get(f"/processes/{signing.pk}/versions/1/print/").content.decode()
    english = unescape(page[page.index('<article class="paper"') :])
    for text in ("Standard operating procedure", "Contract signing", "2026-11-18", "As of the new law", "Escalate to", "10 working days",
                 "□ Payment terms", "Signed on", "manager, admin".title().replace("Admin", "Administrator")):  # fmt: skip
        assert text in english, text
    page = client.get(f"/processes/{signing.pk}/versions/1/print/?language=zh-hans").content.decode()
    chinese = page[page.index('<article class="paper" lang="zh-hans"') :]
    assert "签约" in chinese and "□ 付款条件" in chinese and "Payment terms" not in chinese
    assert "To print" in page
    assert client.get(f"/processes/{signing.pk}/versions/1/print/?language=fr").status_code == 404


@pytest.mark.parametrize(
    ("kind", "text", "calendar", "english", "chinese"),
    [
        ("timeCycle", "R/2026-10-05T09:00:00+08:00/P1D", "", "every 1 day · from 2026-10-05 09:00 +08:00 on · By the business",
         "每 1 天 · 自 2026-10-05 09:00 +08:00 起 · 按工作日历"),
        ("timeCycle", "R10/P1M", "role:sales", "every 1 month · 10 times · By the calendar of the role Sales",
         "每 1 个月 · 共 10 次 · 按角色“销售”的日历"),
        ("timeDuration", "2d", "account:yunshan", "2 working days · By the calendar of the customer yunshan",
         "2 个工作日 · 按客户“yunshan”的日历"),
        ("timeDate", "2026-10-05T09:00", "wall", "(2026-10-05 09:00)", "(2026-10-05 09:00)"),
    ],
)  # fmt: skip
def test_when_it_begins_by_itself_stands_in_the_standard(
    cast, kind, text, calendar, english, chinese
) -> None:
    begins = f'<timerEventDefinition x:calendar="{calendar}"><{kind}>{text}</{kind}></timerEventDefinition>'
    xml = drawn(
        "report",
        f'<startEvent id="start">{begins}</startEvent>',
        user("write"),
        END,
        chain("start", "write", "end"),
    )
    process = actions.create_process(key="report", kind="process", name="Report", xml=xml, by=SYSTEM, at=NOW)
    for language, said in (("en", english), ("zh-hans", chinese)):
        page = (
            cast.client("song")
            .get(f"/processes/{process.pk}/versions/1/print/?language={language}")
            .content.decode()
        )
        assert said in unescape(page)


@pytest.mark.parametrize(
    "path", [path for path in files() if path.suffix == ".yaml"], ids=lambda path: path.stem
)
def test_every_step_stands_in_the_picture_and_strips_cover_it(path) -> None:
    xml = to_bpmn(read_list(path.read_text(encoding="utf-8"))[0])
    drawing, diagram = still(xml, language="zh-hans"), read_diagram(xml)
    svg = [etree.fromstring(strip) for strip in framed(drawing, title='a "b" <c>')]
    shown = "".join(svg[0].itertext())
    for node in diagram.steps:
        assert wrapped(node.name.said("zh-hans"), 110)[0] in shown
    for node in diagram.nodes.values():
        x, y, w, h = node.at
        assert any(
            sx <= x and x + w <= sx + sw and sy <= y and y + h <= sy + sh for sx, sy, sw, sh in drawing.strips
        ), node.id


def test_names_in_the_picture_are_texts() -> None:
    xml = drawn("p", START, user("a").replace('name="A"', 'name="&lt;script>alert(1)&lt;/script>"'), timer("late", "a", "PT1H"),
                END, chain("start", "a", "end"), chain("late", "end"))  # fmt: skip
    svg = framed(still(with_picture(xml), language="en"), title="p")[0]
    assert "<script" not in svg and "&lt;script&gt;" in svg


def test_long_names_are_cut_into_lines() -> None:
    assert wrapped("Check quote and statement of work", 110) == ["Check quote and", "statement of work"]
    assert wrapped("核对报价与工作说明以及付款条件", 110) == ["核对报价与工作说明", "以及付款条件"]
    assert wrapped("a " * 200, 50, most=2)[-1].endswith("…")
    assert wrapped("", 50) == []
