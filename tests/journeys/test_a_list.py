"""A process is begun, written and moved about as a plain list, by keyboard too, and printed; without a drawing."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "size"), [("Greeting", WIDE), ("Small greeting", PHONE)])
def test_from_nothing_to_a_written_standard(visit, name, size):
    visitor = visit(language="en", size=size)
    page = visitor.page
    visitor.go("/processes/new/")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_label("Begin with").select_option("list")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("button", name="Add a step", exact=True).click()
    page.locator("#step_1-name").fill("Say hello")
    page.locator("#step_1-role").select_option("sales")
    page.get_by_role("button", name="Add a step", exact=True).click()
    page.locator("#step_2-name").fill("Ask")
    page.locator("#step_2-role").select_option("service")
    page.locator("#step_2-up").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".listed-rows h2").first).to_contain_text("Ask")
    expect(page.locator("#step_2-up")).to_be_focused()
    page.locator("#step_2-kind").select_option("wait")
    expect(page.locator("#step_2-wait")).to_be_visible()
    expect(page.locator("#step_2-role")).to_be_hidden()
    page.locator("#step_2-kind").select_option("user")
    expect(page.locator("#step_2-role")).to_have_value("service")
    page.locator("#step_2-way").click()
    page.locator("[id='step_2-s0-w0-when']").fill("account.tier == 'S'")
    page.locator("[id='step_2-s0-w0-to']").select_option("end")
    page.locator("[id='step_2-s0-w0-end']").fill("Known")
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.locator("#steps-inside")).to_contain_text("Kept as a draft.")
    expect(page.locator("#steps-inside")).to_contain_text("Nothing keeps it from running.")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0]
    page.get_by_role("link", name="To the process").click()
    expect(page.locator(".outline")).to_contain_text("1. Ask · Service")
    page.get_by_role("link", name="Print").click()
    expect(page.locator(".paper svg.still").first).to_be_visible()
    expect(page.locator(".paper")).to_contain_text("2. Say hello")
    assert visitor.troubles() == []
