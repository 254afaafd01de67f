"""An experiment is planned in the form, started, read when the product has told what it showed, and stopped; with undo."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser


def test_one_is_planned_with_the_calculator_started_and_taken_back(visit):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/experiments/")
    page.get_by_role("link", name="New experiment").first.click()
    page.locator("#id_name").fill("Guided tour")
    page.locator("#id_key").fill("guided-tour")
    page.locator("#id_unit").select_option("person")
    page.locator("#id_variants-1-name").fill("guided")
    page.get_by_role("button", name="Add a variant").click()
    expect(page.locator("#id_variants-2-name")).to_be_visible()
    expect(page.locator("#id_name")).to_have_value("Guided tour")
    page.get_by_role("button", name="Remove variant 3").click()
    expect(page.locator("#id_variants-2-name")).to_have_count(0)
    page.locator("#id_metrics-0-name").fill("did a task")
    page.locator("#id_metrics-0-event").fill("task_completed")
    page.locator("#id_matters").fill("0.2")
    page.locator("#id_matters").press("Tab")
    effort = page.locator("#effort")
    expect(effort).to_contain_text("measured in the last 28 days")
    needed = re.search(r"([\d,]+) people", effort.inner_text())
    assert needed, effort.inner_text()
    page.get_by_role("button", name="Plan this number").click()
    expect(page.locator("#id_planned")).to_have_value(needed[1].replace(",", ""))
    page.get_by_role("button", name="Add a metric").click()
    page.locator("#id_metrics-1-kind").select_option("ratio")
    expect(page.locator("#id_metrics-1-per")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".form-errors")).to_contain_text("what you typed is kept")
    page.get_by_role("button", name="Remove metric 2").click()
    expect(page.locator("#id_metrics-1-kind")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("It has not begun")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("main")).to_contain_text("Nobody has seen a variant yet.")
    expect(page.locator("main")).to_contain_text("Keep it running until")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("It has not begun")
    assert visitor.troubles() == []


@pytest.mark.parametrize(("language", "advice", "guard"), [
    ("en", "Give everybody “short”.", "no guard-rail is worse"), ("zh-hans", "让所有人使用“short”。", "没有护栏指标变差"),
])  # fmt: skip
def test_what_the_product_told_comes_to_a_verdict_in_words(visit, experiment, language, advice, guard):
    visitor = visit(language=language)
    page = visitor.page
    visitor.go(f"/experiments/of/{experiment}/")
    expect(page.locator("#verdict")).to_contain_text(advice)
    expect(page.locator("main")).to_contain_text(guard)
    expect(page.locator("[data-chart-canvas] canvas").first).to_be_visible()
    assert page.locator("[data-chart-canvas] canvas").count() == 2, "how units came, and the intervals"
    assert "$BIHUAN_TOKEN" in page.locator("main").inner_text()
    assert visitor.troubles() == []


def test_it_is_stopped_with_the_advised_variant_and_resumed(visit, experiment):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go(f"/experiments/of/{experiment}/")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#verdict")).to_contain_text("It is over; everybody gets “short”.")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#verdict")).to_contain_text("Give everybody “short”.")
    assert visitor.troubles() == []


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=str)
def test_its_pages_are_sound(visit, experiment, size, theme):
    from tests.journeys.test_every_page import findings

    visitor = visit(language="zh-hans", size=size, theme=theme)
    pages = [
        "/experiments/",
        "/experiments/new/",
        f"/experiments/of/{experiment}/",
        f"/experiments/of/{experiment}/edit/",
    ]
    wrong = {path: found for path in pages if (found := findings(visitor, path, narrow=size == PHONE))}
    assert wrong == {}
