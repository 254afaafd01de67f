"""A list page, through HTTP: search, filters, sort, columns, saved views, territory."""

import pytest

from bihuan.base.ui.models import SavedView

LIST = "/contracts/"
HTMX = {"HX-Request": "true", "HX-Target": "list"}


@pytest.fixture
def mei(cast, contracts):
    return cast.client("mei")


def test_it_works(mei):
    page = mei.get(LIST)
    assert page.status_code == 200
    text = page.content.decode()
    assert "C-1" in text
    assert "2 entries" in text
    assert "<nav" in text


def test_htmx_gets_the_table_alone(mei):
    text = mei.get(LIST, headers=HTMX).content.decode()
    assert text.lstrip().startswith('<div id="list"')
    assert "<html" not in text


def test_a_restored_history_entry_gets_the_whole_page(mei):
    page = mei.get(LIST, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in page.content.decode()
    assert "HX-Request" in page["Vary"]


def test_every_word_of_the_search_must_occur(mei):
    assert "1 entry" in mei.get(LIST, {"q": "C-1 主合同"}).content.decode()
    assert "Nothing matches" in mei.get(LIST, {"q": "C-1 nonsense"}).content.decode()


def test_an_active_filter_shows_as_a_chip_that_removes_it(mei):
    text = mei.get(LIST, {"billing": "monthly", "q": "C"}).content.decode()
    assert "1 entry" in text
    assert 'class="chip-label">Billing period</span> Monthly' in text
    assert 'href="?q=C"' in text


def test_a_wrong_filter_value_is_passed_over(mei):
    assert "2 entries" in mei.get(LIST, {"billing": "never"}).content.decode()


def test_rows_come_in_the_order_asked_for(mei):
    up = mei.get(LIST, {"sort": "key"}).content.decode()
    down = mei.get(LIST, {"sort": "-key"}).content.decode()
    assert up.index("C-1") < up.index("C-2")
    assert down.index("C-2") < down.index("C-1")
    assert 'aria-sort="descending"' in down


def test_an_unknown_sort_or_page_falls_back(mei):
    assert mei.get(LIST, {"sort": "-password", "page": "900"}).status_code == 200


def test_chosen_columns_are_remembered(mei):
    mei.get(LIST, {"cols": "key"})
    heads = mei.get(LIST).content.decode().split("<thead>")[1].split("</thead>")[0]
    assert "Billing" not in heads


def test_another_territory_is_not_listed(cast, contracts):
    text = cast.client("bei").get(LIST).content.decode()
    assert "C-1" not in text
    assert "C-2" in text


def test_a_saved_view_keeps_the_query_and_belongs_to_its_owner(cast, mei):
    mei.post(f"{LIST}?sort=-key&q=C", {"do": "save-view", "name": "Mine"})
    view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("Mine", "sort=-key&q=C", False)
    assert "Mine" in mei.get(LIST).content.decode()
    assert "Mine" not in cast.client("root").get(LIST).content.decode()
    assert cast.client("root").post(LIST, {"do": "drop-view", "view": view.pk}).status_code == 404
    mei.post(LIST, {"do": "drop-view", "view": view.pk})
    assert not SavedView.objects.exists()


def test_a_shared_view_is_offered_to_colleagues(cast, mei):
    mei.post(f"{LIST}?q=C", {"do": "save-view", "name": "All of us", "shared": "on"})
    assert "All of us" in cast.client("root").get(LIST).content.decode()


def test_a_view_of_the_same_name_replaces(mei):
    mei.post(f"{LIST}?q=a", {"do": "save-view", "name": "Mine"})
    mei.post(f"{LIST}?q=b", {"do": "save-view", "name": "Mine"})
    assert [view.query for view in SavedView.objects.all()] == ["q=b"]


def test_an_unknown_post_is_not_found(mei):
    assert mei.post(LIST, {"do": "drop table"}).status_code == 404
