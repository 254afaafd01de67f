"""After a server made itself ready, the first question finds its loops compiled."""

from datetime import timedelta

import pytest
from cast import NOW

from bihuan.capture.store import get_store
from bihuan.understand.engine.fast import activity, funnel, path, retention, trend
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.ready import QUESTIONS, make_ready
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
LOOPS = [
    activity._lifecycle,
    activity._stickiness,
    funnel._funnel,
    path._links,
    retention._retention,
    trend._counts,
]


def test_the_first_questions_compile_nothing(cast, event_home):
    store_events(*[
        happened(name, ts=NOW - timedelta(days=day), account=cast.yunshan, person=cast.lin) for day in (3, 2) for name in "ab"
    ])  # fmt: skip
    get_store().compact()
    make_ready()
    before = [list(loop.signatures) for loop in LOOPS]
    assert all(before), "each loop is compiled"
    for question in QUESTIONS:
        answer = ask(question=question, actor=cast.actor("an"), at=NOW)
        assert answer.rows, question
    assert [list(loop.signatures) for loop in LOOPS] == before
