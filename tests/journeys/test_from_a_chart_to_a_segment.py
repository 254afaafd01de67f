"""From a chart to what happened on a day, to who is behind a bar, and to a segment of them, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser
LIFE = "/explore/?q=kind: lifecycle%0Aunit: account%0Aevery: week%0Aperiod: {last: 84d}"
WORDS = {
    "en": {"annotate": "Annotate", "title": "Title", "day": "Day", "save": "Save", "keep": "Save as a segment",
           "back": "Back to the numbers", "undo": "Undo"},
    "zh-hans": {"annotate": "加标注", "title": "标题", "day": "日期", "save": "保存", "keep": "存为分群", "back": "返回数字",
                "undo": "撤销"},
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_what_happened_is_marked_hidden_and_undone_and_a_bar_leads_to_a_segment(visit, language, size):
    visitor, words = visit(language=language, size=size), WORDS[language]
    page = visitor.page
    visitor.go(LIFE)
    chart = page.locator("[data-chart-canvas]").first
    before = page.locator(".chart-marks li").count()
    page.get_by_role("link", name=words["annotate"]).click()
    dialog = page.locator("#dialog")
    dialog.locator("[name=title]").fill("3.2")
    dialog.locator("[name=last_on]").fill("2099-01-01")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(page.locator(".chart-marks summary")).to_be_visible()
    expect(page.locator(".chart-marks li")).to_have_count(before + 1)
    toggle = page.locator("[data-marks-toggle]")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.locator("[data-marks-toggle]")).to_have_attribute("aria-pressed", "false")
    page.locator("[data-marks-toggle]").click()
    visitor.quiet()
    box = chart.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("link", name=words["back"])).to_be_visible()
    assert "list" in page.url and "state" in page.url, "the address holds the question"
    page.get_by_role("link", name=words["keep"]).click()
    dialog.get_by_role("button", name=words["save"]).click()
    expect(page).to_have_url(re.compile(r"/segments/\d+/"))
    assert visitor.troubles() == []
