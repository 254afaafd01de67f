"""The board: a card is taken by drag, put back by keyboard, given on a phone, and each time undone or kept; filters stay."""

import time
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.installation import Installation
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def item(company: Installation) -> str:
    """The first step of a training, in a queue of Wei's."""
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        until = time.monotonic() + 60
        while wei.get("/api/v1/processes/training").json().get("published_version") is None:
            assert time.monotonic() < until, "the library does not come"
            time.sleep(0.5)
        title = f"Board {time.monotonic_ns()}"
        said = {"process": "training", "title": title, "values": {"topic": "First steps", "people": 3}}
        made = wei.post("/api/v1/instances", json=said)
        assert made.status_code == 201, made.text
    return title


def lane(page: Page, title: str) -> Locator:
    return page.locator(f'[data-board] section[aria-label="{title}"]')


def drag(page: Page, card: Locator, column: Locator) -> None:
    """By hand: press, move, let go."""
    start, end = card.bounding_box(), column.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 60, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 60, steps=8)
    page.mouse.up()


def test_a_card_is_dragged_put_back_by_keyboard_and_undone(visit, item) -> None:
    visitor = visit()
    page = visitor.page
    assert visitor.go(f"/work-items/?view=board&by=person&q={item.replace(' ', '+')}") == 200
    card = page.locator("[data-card]").filter(has_text=item)
    expect(lane(page, "Nobody").locator("[data-card]")).to_have_count(1)
    drag(page, card, lane(page, "Wei"))
    expect(lane(page, "Wei").locator("[data-card]")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("lies on your bench")
    assert "q=" in page.url and "by=person" in page.url
    page.locator("[data-card] [data-menu-button]").press("Enter")
    expect(page.get_by_role("menuitem", name="Put back")).to_be_focused()
    page.keyboard.press("Enter")
    expect(lane(page, "Nobody").locator("[data-card]")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(lane(page, "Wei").locator("[data-card]")).to_have_count(1)
    assert visitor.troubles() == []


def test_on_a_phone_a_card_is_taken_by_its_menu_and_the_calendar_shows_it(visit, item) -> None:
    visitor = visit(language="zh-hans", size=PHONE)
    page = visitor.page
    visitor.go(f"/work-items/?view=board&q={item.replace(' ', '+')}")
    button = page.locator("[data-card] [data-menu-button]")
    box = button.bounding_box()
    assert box and box["width"] >= 44 and box["height"] >= 44
    button.click()
    page.get_by_role("menuitem", name="领取").click()
    expect(page.locator("[data-card][data-at=me]")).to_have_count(1)
    page.get_by_role("link", name="日历").click()
    expect(page.locator(".agenda")).to_contain_text(item)
    assert "q=Board" in page.url
    assert visitor.troubles() == []
