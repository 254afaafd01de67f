"""A question that takes long says so, shows how far it is, and has a button that ends it."""

import pytest

from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_what_takes_long_can_be_stopped(visit, size) -> None:
    visitor = visit(size=size)
    page, held = visitor.page, []
    visitor.go("/explore/?kind=funnel")
    page.route("**/explore/compose/", lambda route: held.append(route))
    page.click("#question-form button[value=ask].btn-primary")
    page.wait_for_selector(".answer .running progress")
    assert page.get_attribute(".answer", "aria-busy") == "true"
    with page.expect_request("**/stop/") as stopping:
        page.click(".answer .running button")
    name = stopping.value.url.rstrip("/").split("/")[-2]
    assert stopping.value.response().json() == {"running": False}
    assert name in held[0].request.post_data
    held[0].continue_()
    page.wait_for_selector(".running", state="detached")
    visitor.quiet()
    assert page.locator(".answer").count() == 1
    assert visitor.troubles() == []


def test_what_is_quick_shows_no_bar(visit) -> None:
    visitor = visit(size=WIDE)
    visitor.go("/explore/?kind=stickiness")
    visitor.page.click("#question-form button[value=ask].btn-primary")
    visitor.quiet()
    assert visitor.page.locator(".answer .running").count() == 0
