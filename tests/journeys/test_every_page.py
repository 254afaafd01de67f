"""Every page of the navigation and every detail page, in both languages, wide and on a phone, light and dark:
it answers, fits, breaks no content policy, tells no error, and axe finds nothing serious."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import PHONE, WIDE, Visitor

pytestmark = pytest.mark.browser
AXE = (Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`)"""
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth + 1
  ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 3).map((e) => e.outerHTML.slice(0, 120)) : null"""
LOOKS = [
    ("en", WIDE, "light"), ("zh-hans", WIDE, "light"), ("en", PHONE, "light"), ("zh-hans", PHONE, "light"),
    ("zh-hans", WIDE, "dark"),
]  # fmt: skip


def addresses(visitor: Visitor) -> list[str]:
    """What the navigation leads to, and one page of each thing that has pages."""
    visitor.go("/")
    hrefs = visitor.page.eval_on_selector_all("#nav a[href]", "all => all.map((a) => a.getAttribute('href'))")
    found = list(dict.fromkeys(href for href in hrefs if href.startswith("/")))
    for path, pattern in (("/accounts/", r"/accounts/\d+/"), ("/contracts/", r"/contracts/\d+/"),
                          ("/tickets/", r"/tickets/\d+/"), ("/people/", r"/people/\d+/"),
                          ("/products/", r"/products/\d+/")):  # fmt: skip
        visitor.go(path)
        match = re.search(f'"({pattern})"', visitor.page.content())
        assert match, f"{path} leads to no page of its own"
        found.append(match[1])
    experiments = ["/experiments/new/", *(f"/experiments/of/short-form/{part}" for part in ("", "edit/"))]
    views = [
        "/bench/?view=board",
        "/work-items/?view=board",
        "/work-items/?view=calendar",
        "/bench/?view=calendar&span=week",
    ]
    forms = [
        "/tickets/new/",
        "/settings/password/",
        "/absences/new/",
        "/webhooks/new/",
        "/reach/new/",
        "/reach/templates/new/",
        "/reach/channels/new/",
        "/reach/channels/new/wecom/",
        "/reach/limits/",
        "/reach/declined/new/",
        "/notices/",
        "/notices/kinds/",
        "/imports/new/",
        "/imports/with-mapping/",
    ]
    return [*found, *experiments, *views, *forms]


def findings(visitor: Visitor, path: str, *, narrow: bool) -> list[str]:
    """Everything that is wrong with a page."""
    found: list[str] = []
    status = visitor.go(path)
    if status != 200:
        return [f"HTTP {status}"]
    found += visitor.troubles()
    if narrow and (wide := visitor.page.evaluate(TOO_WIDE)) is not None:
        found.append(f"wider than the phone: {wide}")
    visitor.page.evaluate(AXE)
    violations: Any = visitor.page.evaluate(RUN_AXE)
    return found + violations


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=lambda value: str(value))
def test_every_page_is_sound(visit, experiment, language, size, theme):
    visitor = visit(language=language, size=size, theme=theme)
    pages = addresses(visitor)
    assert len(pages) > 12
    assert visitor.page.evaluate("document.documentElement.lang").lower().startswith(language[:2])
    wrong = {path: found for path in pages if (found := findings(visitor, path, narrow=size == PHONE))}
    assert wrong == {}
