"""A small simulated company, served by a real `bihuan serve`, and Chromium to walk through it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.installation import Installation

QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
WIDE, PHONE = (1440, 900), (390, 844)
expect.set_options(timeout=15_000)  # a machine that tests something else beside it is slow
VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.__violations.push(e.violatedDirective + " " + (e.blockedURI || e.sourceFile)));
"""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    one = Installation(tmp_path_factory.mktemp("company") / "home", ready=True)
    one.out("simulate", "--accounts", "40", "--days", "120", "--seed", "7", "--no-processes")
    one.out("user", "add", "wei", "--name", "Wei", "--password-stdin", said="correct horse battery\n")
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def experiment(company: Installation) -> str:
    """The key of an experiment by person that runs: 90 people of which each asked for a variant, saw it and told so; of those in
    the new one all bought, of the others every fourth."""
    write_key = company.out("source", "add", "experiment-web", "--product", "Web").strip()
    with closing(company.signed_in("wei", "correct horse battery")) as wei:
        plan = {
            "key": "short-form", "name": "Short form", "unit": "person", "method": "sequential", "planned": 100,
            "hypothesis": "Fewer questions, more orders", "matters": 0.1,
            "variants": [{"name": "control", "weight": 1}, {"name": "short", "weight": 1}],
            "metrics": [{"name": "ordered", "event": "order_placed", "within": "7d"},
                        {"name": "complaints", "kind": "mean", "event": "complained", "guard": True,
                         "higher_is_better": False}],
        }  # fmt: skip
        assert wei.post("/api/v1/experiments", json=plan).status_code == 201
        assert wei.post("/api/v1/experiments/short-form/start").status_code == 200
        events = []
        for n in range(90):
            person = f"visitor-{n}"
            asked = wei.get("/api/v1/experiments/short-form/assignment", params={"unit": person}).json()
            seen = {"distinct_id": person, "experiment": "short-form", "variant": asked["variant"]}
            events.append({"event": "experiment_exposed", "properties": seen})
            if asked["variant"] == "short" or n % 4 == 0:
                events.append({"event": "order_placed", "properties": {"distinct_id": person}})
        assert wei.post("/batch/", json={"api_key": write_key, "batch": events}).status_code == 200
        until = time.monotonic() + 20
        while (
            sum(v["units"] for v in wei.get("/api/v1/experiments/short-form/advice").json()["variants"]) < 90
        ):
            assert time.monotonic() < until, "what the product told does not arrive"
            time.sleep(0.2)
    return "short-form"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()


class Visitor:
    """A page of a signed-in person which keeps every error that the browser tells."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.context = context
        context.add_init_script(VIOLATIONS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.errors: list[str] = []
        self.page.on(
            "console", lambda m: m.type in ("error", "warning") and self.errors.append(f"{m.type}: {m.text}")
        )
        self.page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))

    def go(self, path: str) -> int:
        """Open an address of ours and wait until it is quiet; its HTTP status."""
        answer = self.page.goto(self.url + path, wait_until="load")
        self.quiet()
        return answer.status if answer else 0

    def quiet(self) -> None:
        """Wait until every part of the page has loaded."""
        until = time.monotonic() + 15
        while self.page.evaluate(
            "document.querySelector('.htmx-request, .panel-inside > .skeleton') !== null"
        ):
            assert time.monotonic() < until, "a part of the page does not load"
            time.sleep(0.05)

    def troubles(self) -> list[str]:
        """Errors and violations since the last call."""
        found = self.errors + self.page.evaluate("window.__violations ?? []")
        self.errors = []
        self.page.evaluate("window.__violations = []")
        return found


def picture(page: Page, kind: str) -> Path:
    """The file that the explorer's export gives of its chart: kind is PNG or SVG."""
    page.locator(".answer-tools").get_by_role("button", name="Export").click()
    with page.expect_download() as found:
        page.get_by_role("menuitem", name=f"Chart as {kind}").click()
    path: Path = found.value.path()
    answer = page.locator("[data-answer]").get_attribute("data-answer")
    assert found.value.suggested_filename == f"{answer}.{kind.lower()}"
    assert path.stat().st_size > 5_000
    return path


@pytest.fixture(scope="session")
def session(company: Installation, browser: Browser) -> Path:
    """Cookies of Wei, an administrator, signed in once."""
    path = company.home / "session.json"
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{company.url}/sign-in/")
    page.fill("[name=username]", "wei")
    page.fill("[name=password]", "correct horse battery")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{company.url}/")
    context.storage_state(path=path)
    context.close()
    return path


@pytest.fixture
def visit(company: Installation, browser: Browser, session: Path) -> Iterator[Callable[..., Visitor]]:
    """`visit(language="en", size=WIDE, theme="light")`: a new window of Wei's."""
    opened: list[BrowserContext] = []

    def open_one(
        *,
        language: str = "en",
        size: tuple[int, int] = WIDE,
        theme: str = "light",
        state: Path | None = session,
    ) -> Visitor:
        context = browser.new_context(
            storage_state=state, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce",
            locale="en-GB" if language == "en" else "zh-CN", color_scheme="dark" if theme == "dark" else "light",
        )  # fmt: skip
        opened.append(context)
        cookies = {"django_language": language, "theme": theme}
        context.add_cookies(
            [{"name": name, "value": value, "url": company.url} for name, value in cookies.items()]
        )
        return Visitor(context, company.url)

    yield open_one
    for context in opened:
        context.close()
