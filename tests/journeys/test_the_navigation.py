"""The navigation by keyboard: a group is opened, stays open on the next page, and on a phone it leads on as well."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


def test_a_group_is_opened_by_keyboard_and_stays_open(visit) -> None:
    visitor = visit()
    page = visitor.page
    assert visitor.go("/") == 200
    group = page.locator('.nav-group[data-section="processes"]')
    expect(group).not_to_have_attribute("open", "")
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Process mining").click()
    expect(page.get_by_role("heading", name="Process mining", level=1)).to_be_visible()
    assert visitor.go("/") == 200
    expect(group).to_have_attribute("open", "")
    group.locator("summary").press("Enter")
    assert visitor.go("/") == 200
    expect(group).not_to_have_attribute("open", "")


def test_on_a_phone_a_group_opens_by_a_touch(visit) -> None:
    visitor = visit(size=PHONE)
    page = visitor.page
    assert visitor.go("/") == 200
    page.get_by_role("button", name="More").click()
    page.locator('.nav-group[data-section="settings"] > summary').click()
    page.get_by_role("link", name="API tokens").click()
    expect(page.get_by_role("heading", name="API tokens", level=1)).to_be_visible()
    assert visitor.troubles() == []
