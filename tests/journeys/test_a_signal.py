"""A signal is found on the workbench, handled, and opened again by undo; its pages are sound."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.installation import Installation
from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser


RAISE = """
import django
django.setup()
from django.utils import timezone
from bihuan.base.access import system_actor
from bihuan.foresee.signals.actions import raise_signal
seen = {"rule": "threshold", "side": "below", "value": 3, "bound": 5}
now = timezone.now()
print(raise_signal(kind="metric_alert", metric="events", about="Use", seen=seen, day=timezone.localdate(), origin="journey",
                   by=system_actor("journey"), at=now).pk)
"""


@pytest.fixture(scope="session")
def signal(company: Installation) -> int:
    """The id of an open signal about the use of every account, as the nightly look at alerts raises it."""
    environment = company.environment | {"DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", RAISE], env=environment, capture_output=True, text=True,
                          timeout=60, check=True)  # fmt: skip
    return int(done.stdout)


def test_from_the_workbench_to_handled_and_back(visit, signal):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/")
    panel = page.locator("#panel-signals")
    expect(panel).to_contain_text("3 events, below 5 events")
    panel.get_by_role("link", name="Use").click()
    page.get_by_label("What was done").fill("The tracking was repaired")
    page.get_by_role("button", name="Handled").click()
    expect(page.locator("main")).to_contain_text("The tracking was repaired")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_label("What was done")).to_be_visible()
    page.get_by_role("link", name="Dismiss").click()
    page.locator("#dialog").get_by_label("Reason").fill("A test")
    page.locator("#dialog").get_by_role("button", name="Dismiss").click()
    expect(page.locator("main")).to_contain_text("A test")
    page.get_by_role("button", name="Open again").click()
    expect(page.get_by_label("What was done")).to_be_visible()
    assert visitor.troubles() == []


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=str)
def test_its_pages_are_sound(visit, signal, size, theme):
    from tests.journeys.test_every_page import findings

    visitor = visit(language="zh-hans", size=size, theme=theme)
    pages = [
        "/",
        "/signals/",
        f"/signals/{signal}/",
        f"/signals/{signal}/dismiss/",
        "/signals/kinds/",
        "/signals/kinds/usage_fell/",
        "/signals/kinds/usage_fell/edit/",
        "/signals/kinds/new/",
        "/tiers/",
        "/tiers/moves/",
        "/tiers/policy/",
        "/tiers/policy/S/",
        "/tiers/pareto/",
        "/products/1/",
        "/products/1/stage/",
    ]
    wrong = {path: found for path in pages if (found := findings(visitor, path, narrow=size == PHONE))}
    assert wrong == {}
