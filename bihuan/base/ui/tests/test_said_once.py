"""What the kit keeps between pages never shows another reader's language, role or address."""

import django_filters
import pytest
from django.template import Context, Template
from django.utils import translation

from bihuan.base.ui.filters import Filters, asked_for
from bihuan.base.ui.nav import open_to
from bihuan.base.ui.panel import panels

WORDS = Template('{% load i18n ui %}{% translate "Search" %}|{% translate "100 %" %}|{% icon "x" %}')


def test_a_word_is_said_in_the_language_of_each_reader():
    for language, said in (("en", "Search"), ("zh-hans", "搜索"), ("en", "Search")):
        with translation.override(language):
            assert WORDS.render(Context()).startswith(f"{said}|100 %|<svg")


def test_what_is_not_written_out_is_worked_out_each_time():
    page = Template(
        '{% load i18n ui %}{% translate name %}{% icon name %}{% translate "Search" as w %}{{ w|upper }}'
    )
    with translation.override("en"):
        assert page.render(Context({"name": "a"})) != page.render(Context({"name": "b"}))
        assert page.render(Context({"name": "a"})).endswith("SEARCH")


def test_a_change_of_role_shows_in_the_navigation_at_once(cast):
    client, root = cast.client("root"), cast.people["root"]
    assert 'href="/audit/"' in client.get("/contracts/").content.decode()
    root.roles = ["sales"]
    root.save()
    assert 'href="/audit/"' not in client.get("/contracts/").content.decode()


def test_the_navigation_marks_the_page_one_is_on(cast):
    client = cast.client("root")
    for address in ("/contracts/", "/tickets/", "/contracts/"):
        text = client.get(address).content.decode()
        assert f'<a class="nav-line active" href="{address}"' in text
        assert text.count('class="nav-line active"') == 1


def test_every_line_of_the_first_section_stands_in_the_navigation(cast):
    text = cast.client("root").get("/contracts/").content.decode()
    for entry, href in open_to(cast.actor("root")):
        if entry.section == "workbench":
            assert f'<a class="nav-line" href="{href}"' in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_frame_of_a_panel_has_its_own_escaped_address(cast, language):
    panel = panels("account", actor=cast.actor("root"))[0]
    frame = Template("{% load ui %}{% panel_frame panel url %}")
    with translation.override(language):
        for url in ('/a/?b=1&c="2"', "/other/"):
            text = frame.render(Context({"panel": panel, "url": url}))
            assert f'hx-get="{url.replace("&", "&amp;").replace(chr(34), "&quot;")}"' in text
            assert str(panel.title) in text


class Some(Filters):
    state = django_filters.CharFilter()
    code = django_filters.CharFilter()
    opened_at = django_filters.DateFromToRangeFilter()


def test_only_the_filters_of_the_address_are_made():
    both = asked_for(Some, ["opened_at_after", "state", "q"])
    assert list(both.base_filters) == ["state", "opened_at"]
    assert not asked_for(Some, ["state_of_mind"]).base_filters
    assert len(Some.base_filters) == 3
