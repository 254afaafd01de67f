"""What an operator does in a day, in a real browser: from the list of those who need us to a solved ticket."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


def text_of(locator):
    return re.sub(r"\s+", " ", locator.inner_text()).strip()


def test_a_one_time_link_signs_in_once(company, visit):
    path = company.out("user", "link", "wei").strip()
    visitor = visit(state=None)
    visitor.go(path)
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Wei")
    assert visitor.troubles() == []
    second = visit(state=None)
    second.go(path)
    second.page.get_by_role("button", name="Sign in").click()
    expect(second.page.get_by_role("heading", name="This sign-in is used up")).to_be_visible()


def test_who_needs_us_is_noted_asked_assigned_and_done(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/")
    first = page.locator("ol.needs > li").first
    name = text_of(first.locator("a.need-name"))
    assert text_of(first.locator(".need-why")), "the reason stands in words"
    dialog = page.locator("#dialog")
    for button, words in (
        ("Note", "Met the new CIO"),
        ("Ask", "Who signs the renewal?"),
        ("Assign", "Call about seats"),
    ):
        first.get_by_role("button", name=button).click()
        expect(dialog).to_be_visible()
        dialog.locator("[name=text]").fill(words)
        person = dialog.locator("[name=assignee], [name=to]")
        if button != "Note" and person.count():
            person.first.select_option(label="Wei")
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_be_hidden()
    mine = page.locator("#follow-ups")
    expect(mine).to_contain_text("Who signs the renewal?")
    expect(mine).to_contain_text("Call about seats")
    mine.get_by_role("button", name="Mark as done: Call about seats").click()
    expect(mine).not_to_contain_text("Call about seats")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(mine).to_contain_text("Call about seats")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("#panel-timeline")).to_contain_text("Met the new CIO")
    assert visitor.troubles() == []


def test_customers_are_searched_filtered_sorted_and_kept_as_a_view(visit, tmp_path):
    visitor = visit()
    page = visitor.page
    visitor.go("/accounts/")
    rows = page.locator("#list tbody tr")
    all_rows = rows.count()
    assert all_rows > 10
    name = text_of(rows.nth(3).locator("a").first)
    page.locator("#list-q").fill(name)
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("q="))
    page.locator("#list .chip").first.click()
    expect(rows).to_have_count(all_rows)
    expect(page.locator("#list-q")).to_have_value("")

    page.get_by_role("button", name="Filters").click()
    page.locator(".menu-form").get_by_label("S", exact=True).first.check()
    expect(page.locator("#list .chip")).to_have_count(1)
    visitor.quiet()
    assert rows.count() < all_rows
    page.keyboard.press("Escape")

    page.locator("#list thead").get_by_role("link", name="ARR").click()
    expect(page).to_have_url(re.compile("sort="))
    expect(page.locator("#list th[aria-sort]")).to_contain_text("ARR")

    page.get_by_role("button", name="Columns").click()
    page.locator("[data-columns]").get_by_label("Industry").click()
    expect(page).to_have_url(re.compile("cols="))
    page.keyboard.press("Escape")

    kept = page.url
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Save this view").click()
    page.locator("#dialog [name=name]").fill("My S customers")
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#dialog")).to_be_hidden()
    visitor.go("/accounts/")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="My S customers").click()
    expect(page.locator("#list .chip")).to_have_count(1)
    assert set(page.url.split("?")[1].split("&")) <= set(kept.split("?")[1].split("&"))

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as coming:
        page.get_by_text("CSV", exact=False).first.click()
    file = tmp_path / "customers.csv"
    coming.value.save_as(file)
    assert len(Path(file).read_text(encoding="utf-8-sig").splitlines()) > 1
    assert visitor.troubles() == []


def test_the_palette_leads_to_a_customer_by_keyboard(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/accounts/")
    name = text_of(page.locator("#list tbody tr").nth(5).locator("a").first)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type(name)
    expect(page.locator('#palette-hits [aria-selected="true"]')).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert visitor.troubles() == []


def test_the_customer_page_fills_every_panel_and_draws_its_charts(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/")
    page.locator("a.need-name").first.click()
    page.wait_for_load_state("load")
    visitor.quiet()
    panels = page.locator("section.panel")
    assert panels.count() >= 7
    for panel in panels.all():
        assert text_of(panel.locator(".panel-inside")), panel.get_attribute("id")
    assert page.locator(".panel-failed").count() == 0
    expect(page.locator("#panel-usage svg, #panel-usage canvas").first).to_be_visible()
    expect(page.locator("#panel-health .panel-inside > .table-responsive tbody tr").first).to_be_visible()
    assert visitor.troubles() == []


def test_the_health_model_changes_with_a_preview_and_comes_back(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/health/")
    weight = page.locator("[name=weight_days_silent]")
    before = weight.input_value()
    weight.fill("500")
    weight.press("Tab")
    expect(page.locator("#preview")).to_contain_text("customers would change band")
    page.locator("[name=curve_days_silent]").fill("many")
    page.locator("[name=curve_days_silent]").press("Tab")
    expect(page.locator("#preview")).to_contain_text("Write pairs such as")
    page.locator("[name=curve_days_silent]").fill("1:100, 7:70, 21:25, 45:0")
    page.locator("[name=note]").fill("Silence weighs more")
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("h1")).to_contain_text("v2")
    expect(page.locator("body")).to_contain_text("Silence weighs more")
    assert weight.input_value() != before
    page.get_by_role("button", name="Restore").last.click()
    expect(page.locator("h1")).to_contain_text("v3")
    expect(weight).to_have_value(before)
    assert visitor.troubles() == []


def test_a_ticket_goes_from_opened_to_solved(visit):
    visitor = visit()
    page = visitor.page
    visitor.go("/tickets/new/")
    page.locator("[name=subject]").fill("The report stays empty")
    account = page.locator("[name=account]")
    account.select_option(index=1)
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The report stays empty")
    page.get_by_role("button", name="Answered").click()
    expect(page.locator("main")).to_contain_text("Waiting for the customer", ignore_case=True)
    page.get_by_role("button", name="Solved").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.locator("main")).to_contain_text("after 0.0 h")
    assert visitor.troubles() == []


def test_an_event_that_comes_in_is_seen_at_once(company, visit):
    visitor = visit()
    page = visitor.page
    key = company.out("source", "add", "journey", "--product", "Demo").strip()
    visitor.go("/events/")
    expect(page.locator("#events-body svg, #events-body canvas").first).to_be_visible()
    event = {"api_key": key, "event": "journey_began", "distinct_id": "wei"}
    assert page.request.post(f"{company.url}/capture/", data=event).status == 200
    expect(page.locator("#tail")).to_contain_text("journey_began")
    page.locator("#tail").get_by_role("link", name="journey_began").first.click()
    expect(page).to_have_url(re.compile("event=journey_began"))
    assert visitor.troubles() == []


def test_language_and_theme_are_changed_and_kept(company, browser, session):
    from tests.journeys.conftest import Visitor

    context = browser.new_context(storage_state=session)
    visitor = Visitor(context, company.url)
    page = visitor.page
    visitor.go("/")
    if page.get_by_role("button", name="English").count():
        page.get_by_role("button", name="English").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").first.click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    expect(page.locator("#needs-title")).to_contain_text("本周")
    page.evaluate(
        "document.querySelector('[data-theme-set=dark]').closest('[data-menu]').querySelector('button').click()"
    )
    page.locator("[data-theme-set=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    visitor.go("/accounts/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    assert visitor.troubles() == []
    context.close()


def test_on_a_phone_the_bar_below_leads_on_and_dialogs_fit(visit):
    visitor = visit(size=PHONE)
    page = visitor.page
    visitor.go("/")
    bar = page.locator(".phone-bar")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="More").click()
    expect(page.locator("#nav")).to_be_visible()
    page.locator("#nav summary").filter(has_text="Foresight").click()
    page.locator("#nav").get_by_role("link", name="Health model").click()
    expect(page.locator("h1")).to_contain_text("Health model")
    page.locator(".phone-bar").get_by_role("link", name="Customers").click()
    page.wait_for_load_state("load")
    page.locator("#list tbody a").first.click()
    page.wait_for_load_state("load")
    visitor.quiet()
    page.get_by_role("button", name="Note").first.click()
    expect(page.locator("#dialog")).to_be_visible()
    box = page.locator("#dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert visitor.troubles() == []


def test_what_is_not_there_is_said_in_the_house_style(visit):
    visitor = visit()
    assert visitor.go("/accounts/999999/") == 404
    expect(visitor.page.locator("#nav")).to_be_visible()
    assert [error for error in visitor.troubles() if "404" not in error] == []
