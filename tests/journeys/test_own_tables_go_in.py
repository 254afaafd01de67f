"""Somebody's own Chinese tables of customers, contracts and events go in from the browser: no mapping is written, a guess is
corrected by key, and what was missing is said before."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, WIDE, Visitor
from tests.journeys.test_every_page import AXE, RUN_AXE, TOO_WIDE

pytestmark = pytest.mark.browser
CUSTOMERS = '客户编码,客户名称,所属行业,员工数,客户等级,签约日期\nJ{n}1,海纳机电{n},制造,"1,200",A类,2025/3/1\nJ{n}2,青禾食品{n},食品,85,一般,2025/11/20\n'
CONTRACTS = '合同编号,客户编码,合同金额（元）,签约日期,生效日期,到期日期,付款方式\nHT{n}1,J{n}1,"¥48,000.00",2026-01-01,2026-01-01,2026-12-31,年付\n'
EVENTS = "用户ID,公司编码,操作,时间,设备\nju{n},J{n}1,导入报表,2026-11-02 09:12:33,手机\nju{n},J{n}1,导出报表,2026-11-02 09:20:00,手机\n"


def send(visitor: Visitor, name: str, text: str) -> Page:
    visitor.go("/imports/new/")
    visitor.page.set_input_files(
        "#id_file", {"name": name, "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    visitor.page.locator("form[enctype] .btn-primary").click()
    visitor.page.wait_for_url("**/imports/files/*/")
    expect(visitor.page.locator(".import-preview table").last).to_be_visible()
    return visitor.page


def sound(visitor: Visitor, *, narrow: bool) -> None:
    visitor.page.evaluate(AXE)
    assert visitor.page.evaluate(RUN_AXE) == []
    assert not narrow or visitor.page.evaluate(TOO_WIDE) is None
    assert visitor.troubles() == []


def imports(page: Page) -> None:
    page.locator("button[value=import]").click()
    page.wait_for_url("**/imports/*/")
    expect(page.locator("#import .tag-ok").first).to_be_visible(timeout=30_000)
    expect(page.locator("#import progress")).to_have_count(0)


@pytest.mark.parametrize(("n", "language", "size"), [(1, "zh-hans", WIDE), (2, "en", PHONE)])
def test_customers_contracts_and_events_go_in_without_a_mapping(visit, n, language, size) -> None:
    visitor = visit(language=language, size=size)
    page = send(visitor, "客户.csv", CUSTOMERS.replace("{n}", str(n)))
    expect(page.locator("#noun")).to_have_value("accounts")
    expect(page.locator(".import-problem")).to_have_count(1)  # 一般 is no tier
    sound(visitor, narrow=size == PHONE)
    tier = page.locator("#value_4_1")
    tier.focus()
    page.keyboard.press("End")  # the last choice, C, by key
    expect(tier).to_have_value("C")
    page.keyboard.press("Tab")
    expect(page.locator(".import-problem")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") != "", (
        "the focus stays in the form when it is drawn anew"
    )
    imports(page)
    assert "2" in page.locator("#import dl.facts").first.inner_text()

    page = send(visitor, "合同.csv", CONTRACTS.replace("{n}", str(n)))
    expect(page.locator("#noun")).to_have_value("contract_lines")
    expect(page.locator("#period_2")).to_have_value("12")
    expect(page.locator(".import-preview td", has_text="4000")).to_be_visible()
    imports(page)

    page = send(visitor, "操作日志.csv", EVENTS.replace("{n}", str(n)))
    expect(page.locator("#noun")).to_have_value("events")
    expect(page.locator("#also_person_key")).to_be_checked()
    page.locator("#source").fill("")
    page.keyboard.press("Tab")
    expect(page.locator(".notice")).to_be_visible()  # said before, not after
    page.locator("#source").fill(f"journey-{n}")
    page.keyboard.press("Tab")
    expect(page.locator(".notice")).to_have_count(0)
    expect(page.locator(".import-preview table").last).to_be_visible()
    sound(visitor, narrow=size == PHONE)
    imports(page)

    visitor.go(f"/accounts/?q=J{n}1")
    page.get_by_role("link", name=f"海纳机电{n}").first.click()
    expect(page.get_by_text("导出报表").first).to_be_visible()
    assert visitor.troubles() == []
