"""The frame: palette, undo, errors, look, and the rules every template keeps."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from bihuan.base.ui import html, undo

ROOT = Path(settings.PACKAGE)
TEMPLATES = sorted(ROOT.rglob("templates/**/*.html"))


def test_the_palette_finds_pages_and_records_of_the_territory(cast, contracts):
    text = cast.client("mei").get("/palette/", {"q": "C-1"}).content.decode()
    assert "C-1" in text
    assert "C-1" not in cast.client("bei").get("/palette/", {"q": "C-1"}).content.decode().replace(
        "“C-1”", ""
    )
    assert "/contracts/" in cast.client("mei").get("/palette/", {"q": ""}).content.decode()


def test_the_navigation_holds_only_what_one_may_open(cast):
    everything = cast.client("root").get("/contracts/").content.decode()
    assert 'aria-current="page"' in everything
    partner = cast.client("pan").get("/contracts/").content.decode()
    assert 'href="/events/"' not in partner


def test_theme_and_language_come_from_the_reader(cast):
    client = cast.client("mei")
    client.cookies["theme"] = "dark"
    text = client.get("/contracts/").content.decode()
    assert 'data-bs-theme="dark"' in text
    assert '<html lang="en"' in text
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/contracts/"})
    assert '<html lang="zh-hans"' in client.get("/contracts/").content.decode()


def test_a_missing_page_says_the_way_on(cast):
    page = cast.client("mei").get("/no/such/page/")
    assert page.status_code == 404
    assert "Nothing at this address" in page.content.decode()
    fragment = cast.client("mei").get("/no/such/page/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()


def test_an_undo_token_is_for_its_owner_only(cast):
    @undo.undoable("test.undo", permission="ui.use")
    def back(*, by, at):
        return "Back."

    token = undo.seal(undo.Undo(name="test.undo"), actor=cast.actor("mei"))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/contracts/?q=C"}
    other = cast.client("root").post("/undo/", {"token": token}, headers=headers)
    assert "no longer" in other["HX-Trigger"]
    mine = cast.client("mei").post("/undo/", {"token": token}, headers=headers)
    assert mine["HX-Redirect"] == "/contracts/?q=C"
    broken = cast.client("mei").post("/undo/", {"token": token + "x"}, headers=headers)
    assert "no longer" in broken["HX-Trigger"]


def test_a_band_carries_colour_shape_and_label():
    text = html.band("Endangered", colour="danger", shape="triangle", score=14)
    assert all(part in text for part in ("band-red", "shape-triangle", "Endangered", "14"))


def test_text_is_escaped():
    assert "<b>" not in html.badge("<b>") + html.band("<b>", colour="green", shape="circle") + html.spark(
        [1, 2], label="<b>"
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_has_no_inline_style_or_script(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"hx-on", text)
    assert all(
        'type="application/json"' in tag or " src=" in tag for tag in re.findall(r"<script[^>]*>", text)
    )


def test_every_icon_named_is_in_the_sprite():
    known = set((ROOT.parent / "frontend/icons.txt").read_text().split())
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""{% (?:icon|empty[^%]*icon=) ?"([a-z0-9-]+)\"""", path.read_text())
    }
    for path in ROOT.rglob("*.py"):
        if "tests" not in path.parts:
            named |= set(re.findall(r"""\bicon=["']([a-z0-9-]+)["']""", path.read_text()))
    assert named - known == set()
