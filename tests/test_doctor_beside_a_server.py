"""`bihuan doctor` beside a running server: it says how far the index is when it is being made again."""

from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from bihuan.capture.store import EVENTS, get_store
from bihuan.config.owner import say_where
from tests.cast import NOW
from tests.events import happened
from tests.installation import Installation


@pytest.fixture
def beside(event_home, live_server):
    """The installation whose server runs in this process and owns its events; five groups of them."""
    for _group in range(5):
        get_store().append(pa.Table.from_pylist([happened("look", ts=NOW)], schema=EVENTS))
    get_store().start()
    assert get_store().wait_applied(get_store().log.head())
    where = urlsplit(live_server.url)
    say_where(host=where.hostname, port=where.port)
    return Installation(event_home, ready=True)


def test_an_index_that_is_made_again_is_said_with_applied_of_total_groups(beside):
    store = get_store()
    with store._opening:  # no group is applied as long as the test holds this
        store._reopen(set_aside="test")
        said = beside.run("doctor").stdout
    assert "a server owns them at http://" in said
    assert "made again: 0 of 5 groups" in said and "questions about them wait" in said
    assert store.wait_applied(5)
    after = beside.run("doctor").stdout
    assert "a server owns them at http://" in after and "made again" not in after


def test_a_server_that_does_not_answer_is_said(beside):
    say_where(host="127.0.0.1", port=Installation(beside.home).port)
    said = beside.run("doctor").stdout
    assert "whether they can be asked is not known: The server at" in said and "does not answer" in said


def test_an_answer_that_is_not_ours_is_said(beside, settings):
    settings.ALLOWED_HOSTS = ["ops.example.com"]
    assert "is not this server" in beside.run("doctor").stdout
