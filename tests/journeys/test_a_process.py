"""A process is drawn in the browser, published, started, done by two roles, breached, escalated; without touching a file."""

import subprocess
import sys
import time
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.installation import Installation
from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser

#: Five days go by: the worker does what it does each minute then, and all that was written down lies so much longer ago.
LATER = """
import django
django.setup()
from datetime import timedelta
from django.apps import apps
from django.db.models import DateTimeField, F
from django.utils import timezone
from bihuan.act.work.actions import ring
from bihuan.act.work.models import Instance
from bihuan.base.access import system_actor
for row in Instance.objects.live():
    ring(instance_id=row.pk, by=system_actor("clock"), at=timezone.now() + timedelta(days=5))
for model in apps.get_app_config("work").get_models():
    moments = [one.name for one in model._meta.concrete_fields if isinstance(one, DateTimeField)]
    model.objects.update(**{name: F(name) - timedelta(days=5) for name in moments})
"""


class Studio:
    """What a person does in the studio: click an element, take what comes next, fill in the panel."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def choose(self, element: str) -> None:
        """Click it until its menu is there: a machine that is busy draws the canvas late."""
        for _try in range(8):
            self.page.locator(f"[data-element-id='{element}'] .djs-hit").first.click(force=True)
            if self.page.locator(".djs-context-pad.open .entry").count():
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"no menu opens beside {element}")

    def then(self, action: str, name: str = "") -> str:
        """Append; the id of what was appended."""
        self.page.keyboard.press(
            "Tab"
        )  # what was typed in the panel is taken over after a moment, and draws the menu anew
        self.page.wait_for_timeout(500)
        before = set(self.elements())
        self.page.locator(f".djs-context-pad.open .entry[data-action='{action}']").click()
        expect(self.page.locator(".djs-element.djs-shape:not([data-element-id$=_label])")).to_have_count(
            len(before) + 1
        )
        if name:
            expect(self.page.locator(".djs-direct-editing-content")).to_be_visible()
            self.page.keyboard.type(name)
        self.page.locator("#canvas").click(position={"x": 300, "y": 640})
        (new,) = [one for one in self.elements() if one not in before and not one.startswith("Flow")]
        self.choose(new)
        return new

    def elements(self) -> list[str]:
        return [
            shape.get_attribute("data-element-id") or ""
            for shape in self.page.locator(".djs-element.djs-shape:not([data-element-id$=_label])").all()
        ]

    def group(self, name: str) -> None:
        header = self.page.locator(f"[data-group-id='group-{name}'] .bio-properties-panel-group-header")
        if "open" not in (header.get_attribute("class") or ""):
            header.click()

    def field(self, name: str):
        return self.page.locator(f"[id='bio-properties-panel-{name}']")

    def done_by(self, role: str, limit: str = "", escalate: str = "") -> None:
        self.group("bihuan-who")
        self.field("bihuan-bihuan:Work-role").select_option(role)
        self.group("bihuan-when")
        if limit:
            self.field("bihuan-bihuan:Work-limit").fill(limit)
        if escalate:
            self.field("bihuan-bihuan:Work-escalateTo").select_option(escalate)


@pytest.fixture(scope="session")
def seller(company: Installation) -> str:
    company.out("user", "add", "sasha", "--name", "Sasha", "--role", "sales", "--reach", "all", "--password-stdin",
                said="correct horse battery\n")  # fmt: skip
    return "sasha"


def test_from_an_empty_canvas_to_an_escalation(visit, company, seller):
    visitor = visit(language="en")
    page = visitor.page
    visitor.go("/processes/new/")
    page.locator("[name=name]").fill("Big offer")
    page.get_by_role("button", name="Begin", exact=True).click()
    studio = Studio(page)
    expect(page.locator("[data-element-id=start]")).to_be_visible()
    studio.choose("start")
    studio.then("append.append-task", "Write")
    studio.done_by("sales", limit="4h", escalate="manager")
    studio.group("bihuan-form")
    page.locator("[data-group-id='group-bihuan-form'] .bio-properties-panel-add-entry").click()
    studio.field("bihuan-form-0-title").fill("Amount")
    studio.field("bihuan-form-0-name").fill("amount")
    studio.field("bihuan-form-0-kind").select_option("money")
    studio.then("append.intermediate-event")
    page.locator(".djs-context-pad.open .entry[data-action='replace']").click()
    page.locator(".djs-popup [data-id='replace-with-timer-intermediate-catch']").click()
    studio.group("timer")
    studio.field("timerEventDefinitionType").select_option("timeDuration")
    studio.field("timerEventDefinitionValue").fill("PT1H")
    gateway = studio.then("append.gateway")
    studio.then("append.append-task", "Check")
    studio.done_by("manager", limit="1d")
    studio.then("append.append-task", "Sign")
    studio.done_by("manager")
    studio.then("append.end-event", "Signed")
    studio.choose(gateway)
    studio.then("append.append-task", "Send")
    studio.done_by("sales")
    studio.then("append.end-event", "Sent")
    flows = page.locator(".djs-connection[data-element-id^=Flow]").all()
    ids = [flow.get_attribute("data-element-id") for flow in flows]
    rules = {}
    for flow in ids:
        page.keyboard.press("Tab")
        page.wait_for_timeout(500)
        page.locator(f"[data-element-id='{flow}'] .djs-hit").first.dispatch_event("click")
        page.wait_for_timeout(500)
        expect(page.locator("#properties .bio-properties-panel-header-type")).to_contain_text(
            "flow", ignore_case=True
        )
        if page.locator("[data-group-id='group-bihuan-condition']").count():
            rules[flow] = True
            studio.group("bihuan-condition")
            if len(rules) == 1:
                studio.field("bihuan-condition-rule").fill("amount > 100000.0")
            else:
                studio.field("bihuan-condition-default").check(force=True)
    assert len(rules) == 2
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.locator("#problems")).to_contain_text("Nothing keeps it from running.")
    expect(page.locator("#kept")).to_have_text("Kept")
    page.get_by_role("link", name="Done drawing").click()
    expect(page.locator(".outline")).to_contain_text("1. Write · Sales · within 4 h · then to Manager")
    page.get_by_role("link", name="Publish the draft").click()
    page.locator("#dialog").get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("1 · Published")
    page.get_by_role("link", name="Start", exact=True).click()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("main")).to_contain_text("Where it stands")
    assert [one for one in visitor.troubles() if "getPad is deprecated" not in one] == []  # bpmn.io's own

    with closing(company.signed_in(seller, "correct horse battery")) as sasha:
        (item,) = sasha.get("/api/v1/work-items", params={"whose": "queue"}).json()["items"]
        assert item["name"] == "Write"
        answer = sasha.post(f"/work-items/{item['id']}/complete/", data={"amount": "250000"})
        assert answer.status_code == 302, answer.text
    advance(company)
    visitor.go("/work-items/")
    expect(page.locator("main")).to_contain_text("Check")
    advance(company)
    visitor.go("/work-items/")
    expect(page.locator("main")).to_contain_text("Overdue")
    page.get_by_role("link", name="Check").first.click()
    page.get_by_role("button", name="Done").click()
    visitor.go("/work-items/")
    expect(page.locator("main")).to_contain_text("Sign")
    visitor.go("/processes/")
    page.get_by_role("link", name="Offer").first.click()
    page.get_by_role("link", name="How it runs").click()
    expect(page.locator("html[data-diagram=ready]")).to_be_attached()
    expect(page.locator(".diagram-note").first).to_be_visible()
    row = page.locator("tr", has_text="Check").first
    expect(row).to_contain_text("1 (100%)")  # of one with a time limit one was late
    page.get_by_label("On the diagram").select_option("late")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".djs-element.mark-heat4")).to_have_count(1)
    page.get_by_role("link", name="As drawn?").click()
    expect(page.locator("main")).to_contain_text("Every case ran as drawn.")
    assert visitor.troubles() == []


def advance(company: Installation) -> None:
    environment = company.environment | {"DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", LATER], env=environment, check=True, timeout=120)


@pytest.fixture(scope="session")
def running(company: Installation) -> list[str]:
    """The addresses of a process that ships, of an instance of it and of its first item."""
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        until = time.monotonic() + 60
        while (process := wei.get("/api/v1/processes/training")).status_code != 200 or not process.json()[
            "published_version"
        ]:
            assert time.monotonic() < until, "the library does not come"
            time.sleep(0.5)
        values = {"topic": "First steps", "people": 3}
        made = wei.post("/api/v1/instances", json={"process": "training", "values": values})
        assert made.status_code == 201, made.text
        (item,) = wei.get(f"/api/v1/instances/{made.json()['id']}/items").json()
    mining = f"/processes/{process.json()['id']}/mining/"
    return [f"/processes/{process.json()['id']}/", f"/processes/{process.json()['id']}/start/", mining, f"{mining}conformance/",
            f"{mining}versions/", f"{mining}what-if/", f"{mining}log/",
            f"/instances/{made.json()['id']}/", f"/work-items/{item['id']}/"]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=str)
def test_its_pages_are_sound(visit, running, language, size):
    from tests.journeys.test_every_page import findings

    visitor = visit(language=language, size=size)
    lists = [
        "/processes/",
        "/processes/new/",
        "/processes/import/",
        "/bench/",
        "/bench/queue/",
        "/instances/",
        "/work-items/",
    ]
    for path in lists + running:
        assert findings(visitor, path, narrow=size == PHONE) == [], path
