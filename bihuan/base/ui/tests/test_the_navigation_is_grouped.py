"""The navigation is grouped by the story: a group shows when the reader may open something in it, and stays as it was left."""

import re

import pytest

from bihuan.base.ui.nav import SECTIONS, navigation, opened_in

GROUP = re.compile(r'<details class="nav-group[^"]*" data-section="(\w+)"( open)?>(.*?)</details>', re.DOTALL)


def groups(client, address="/"):
    text = client.get(address).content.decode()
    return {name: (bool(is_open), inside) for name, is_open, inside in GROUP.findall(text)}


def test_only_the_group_of_the_page_is_open_at_first(cast):
    client = cast.client("root")
    assert [name for name, (is_open, _inside) in groups(client).items() if is_open] == []
    found = groups(client, "/contracts/")
    assert [name for name, (is_open, _inside) in found.items() if is_open] == ["sales"]
    assert 'aria-current="page"' in found["sales"][1]


def test_what_was_left_open_is_open_on_the_next_page(cast):
    client = cast.client("root")
    groups(client, "/contracts/")
    client.cookies["nav_open"] = "customers.insight.nonsense"
    found = groups(client, "/contracts/")
    assert [name for name, (is_open, _inside) in found.items() if is_open] == [
        "customers",
        "insight",
        "sales",
    ]


def test_a_strange_cookie_is_no_danger():
    assert opened_in('"><script>') == opened_in("") == ()
    assert opened_in("settings.customers") == ("customers", "settings")


@pytest.mark.parametrize("who", ["root", "mei", "oli", "song", "qin", "mark", "an", "pan"])
def test_each_sees_what_they_may_open_and_no_empty_group(cast, who):
    actor, client = cast.actor(who), cast.client(who)
    sections = navigation(actor, path="/")
    assert all(section.links for section in sections)
    shown = groups(client)
    assert list(shown) == [one.name for one in sections if one.name != "workbench"]
    for section in sections:
        for link in section.links:
            assert actor.may(link.entry.permission)
            assert section.name == "workbench" or f'href="{link.href}"' in shown[section.name][1]


def test_every_line_stands_in_one_group_of_a_size_to_be_read(cast):
    sections = navigation(cast.actor("root"), path="/")
    names = [link.entry.name for section in sections for link in section.links]
    assert len(names) == len(set(names)) and len(names) > 40
    assert {section.name for section in sections} <= set(SECTIONS)
    assert max(len(section.links) for section in sections) <= 15
