"""From an account's time line to a funnel in three clicks, on to a list of people, a saved question and a dashboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, WIDE, picture

pytestmark = pytest.mark.browser
AXE_FREE = ("/explore/", "/explore/?kind=funnel", "/explore/?as=yaml", "/questions/", "/dashboards/")


@pytest.mark.parametrize(("language", "ask", "funnel"), [
    ("en", "Ask about these events", "Funnel"), ("zh-hans", "分析这些事件", "漏斗"),
])  # fmt: skip
def test_the_time_line_leads_to_a_funnel_in_two_clicks(visit, language, ask, funnel):
    visitor = visit(language=language)
    page = visitor.page
    visitor.go("/accounts/?sort=-arr")
    page.locator("tr[data-row] a").first.click()
    visitor.quiet()
    page.locator("#panel-timeline").get_by_role("link", name=ask).click()
    page.get_by_role("button", name=funnel, exact=True).click()
    expect(page.locator("[data-answer=funnel] [data-chart-canvas] canvas")).to_be_visible()
    assert page.locator("[name^=steps-][name$=-events]").count() >= 2
    assert "kind" in page.url and "funnel" in page.url, "the address holds the question"
    page.go_back()
    expect(page.locator("[data-answer=trend]")).to_be_visible()
    assert visitor.troubles() == []


def test_a_question_is_edited_saved_put_on_a_dashboard_and_taken_away_as_a_picture(visit):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/explore/?q=kind: funnel%0Asteps: [signed_in, task_completed]%0Aperiod: {last: 84d}")
    page.get_by_role("button", name="Add a step").click()
    page.locator("[name=steps-2-events]").fill("report_exported")
    page.get_by_role("button", name="Move 3 up").click()
    expect(page.locator("[name=steps-1-events]")).to_have_value("report_exported")
    page.get_by_role("button", name="YAML").click()
    expect(page.locator("#question-yaml")).to_have_value(
        re.compile(r"signed_in, report_exported, task_completed")
    )
    page.get_by_role("button", name="Form").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#answer-title")).to_contain_text("signed_in → report_exported → task_completed")
    for kind in ("PNG", "SVG"):
        picture(page, kind)
    page.get_by_role("link", name="Save…").click()
    page.locator("#dialog").get_by_label("Title").fill("Do they export")
    page.locator("#dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Do they export")
    visitor.go("/dashboards/new/")
    page.get_by_label("Title").fill("Our board")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a question").click()
    page.locator("#dialog").get_by_label("Question").select_option(label="Do they export")
    page.locator("#dialog").get_by_role("button", name="Add").click()
    expect(page.locator(".tile [data-chart-canvas] canvas")).to_be_visible()
    page.get_by_role("link", name="Arrange").click()
    page.get_by_role("button", name="whole").click()
    expect(page.locator(".tile-6")).to_be_visible()
    page.get_by_role("link", name="Done arranging").click()
    page.get_by_role("button", name="Remove").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("Our board")
    assert visitor.troubles() == []


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=str)
def test_the_explorer_is_sound_in_each_of_its_states(visit, size, theme):
    from tests.journeys.test_every_page import findings

    visitor = visit(language="zh-hans", size=size, theme=theme)
    questions = [
        "kind: retention%0Aevery: week",
        "kind: path",
        "kind: funnel%0Asteps: [a, b]%0Awithin: soon",
        "kind: [",
    ]
    pages = [*AXE_FREE, *(f"/explore/?q={question}" for question in questions)]
    wrong = {path: found for path in pages if (found := findings(visitor, path, narrow=size == PHONE))}
    assert wrong == {}
