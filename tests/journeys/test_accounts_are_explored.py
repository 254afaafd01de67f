"""Questions about accounts as they are, and about money, in a browser: filled in by clicks, drawn, taken away, sound."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, WIDE, picture
from tests.journeys.test_every_page import findings

pytestmark = pytest.mark.browser
#: Milliseconds: the first question of a server loads what it computes with.
SLOW = 30_000
QUESTIONS = (
    "kind: survival\nby: account.tier\n",
    "kind: survival\nstart: first_event\nend: {silence: 14}\nevery: week\ncolumns: [m.active_people, account.size]\n",
    "kind: tree\nunit: person\ndid: m.active_people > 8.0\ncolumns: [account.industry, account.size, person.title]\n",
    "kind: cluster\nmeasures: [m.active_people, m.active_days, account.size]\n",
    "kind: cluster\nmethod: density\nmeasures: [m.active_people, m.active_days, account.size]\n",
    "kind: segment\nsegment: account.tier == 'B'\ncompare: rest\n",
    "kind: segment\nsegment: measure.active_people > 5.0\nevery: week\n",
    "kind: segment\nsegment: measure.active_people > 5.0\nby: account.industry\n",
    "kind: revenue\nevery: month\n",
    "kind: revenue\npareto: true\n",
    "kind: revenue\nevery: quarter\nby: account.tier\n",
    "kind: tickets\nby: priority\nperiod: {last: 84d}\n",
    "kind: health\n",
    "kind: experiment\n",
    "kind: stickiness\nperiod: {last: 28d}\n",
    "kind: attribution\ntouch: dashboard_viewed\nconversion: report_exported\nperiod: {last: 28d}\n",
    "kind: process\nunit: person\nshow: follows\nperiod: {last: 28d}\n",
)


@pytest.mark.parametrize(
    ("language", "ask", "first"), [("en", "Ask", "Cluster 1, "), ("zh-hans", "提问", "第 1 类，")]
)
def test_clusters_are_found_with_a_few_ticks(visit, language, ask, first):
    visitor = visit(language=language)
    page = visitor.page
    visitor.go("/explore/?kind=cluster")
    for measure in ("m.active_people", "m.active_days", "account.size"):
        page.locator(f'[name="measures~{measure}"]').check()
    page.get_by_role("button", name=ask, exact=True).click()
    expect(page.locator("[data-answer=cluster] [data-chart-canvas] canvas").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".explained li").first).to_contain_text(first)
    assert "active_people" in page.url, "the address holds the question"
    assert visitor.troubles() == []


def test_a_curve_is_asked_for_read_and_taken_away_as_a_picture(visit):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/explore/?kind=survival")
    expect(page.locator("[data-answer=survival] canvas")).to_be_visible(timeout=SLOW)
    page.get_by_label("Start", exact=True).select_option("first_event")
    page.get_by_label("End", exact=True).select_option("silence")
    page.get_by_label("End: days of silence").fill("14")
    page.get_by_label("One curve for each", exact=True).select_option("account.tier")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".explained")).to_contain_text("C · ", timeout=SLOW)
    picture(page, "PNG")
    drawn = picture(page, "SVG").read_text(encoding="utf-8")
    assert "Kaplan–Meier" in drawn and "At risk" in drawn, (
        "the definition and the numbers at risk go with the picture"
    )
    page.get_by_role("button", name="YAML").click()
    expect(page.locator("#question-yaml")).to_have_value(
        "kind: survival\nstart: first_event\nend: {silence: 14}\nby: account.tier\n"
    )
    assert visitor.troubles() == []


def test_a_leaf_of_a_tree_leads_to_its_members(visit):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/explore/?q=" + quote(QUESTIONS[2]))
    expect(page.locator("[data-answer=tree] canvas")).to_be_visible(timeout=SLOW)
    page.locator(".answer td.num a").first.click()
    expect(page.get_by_role("link", name="Back to the numbers")).to_be_visible(timeout=SLOW)
    expect(page.locator(".answer td a[href^='/people/']").first).to_be_visible()
    page.go_back()
    page.locator(".answer td:not(.num) a").first.click()
    expect(page.locator("[data-answer=segment]")).to_be_visible(timeout=SLOW)
    expect(page.locator(".answer td a").first).to_be_visible()
    assert visitor.troubles() == []


@pytest.mark.parametrize(("language", "size", "theme"), [
    ("en", WIDE, "light"), ("zh-hans", PHONE, "light"), ("en", PHONE, "light"), ("zh-hans", WIDE, "dark"),
])  # fmt: skip
def test_each_kind_is_sound(visit, language, size, theme):
    visitor = visit(language=language, size=size, theme=theme)
    wrong = {}
    for question in QUESTIONS:
        path = f"/explore/?q={quote(question)}"
        found = findings(visitor, path, narrow=size == PHONE)
        if visitor.page.locator(".field-error").count():
            found.append("it is refused")
        if found:
            wrong[question] = found
    assert wrong == {}
