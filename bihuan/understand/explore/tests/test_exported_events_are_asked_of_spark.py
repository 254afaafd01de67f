"""Spark answers from exported files what the store answers, within the territory of whoever asks."""

from datetime import timedelta

import pytest
from cast import NOW

from bihuan.capture.store import export_events, get_store
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.on_spark import ask_spark, session
from bihuan.understand.explore.queries import ask
from tests.events import happened, store_events

pytestmark = [pytest.mark.spark, pytest.mark.django_db]
QUESTIONS = [
    {"kind": "trend", "event": "look", "every": "day"},
    {"kind": "trend", "event": "look", "measure": "sum(props.n)", "every": "all", "by": "account"},
    {"kind": "trend", "every": "all", "by": "account.name"},
    {"kind": "funnel", "steps": ["look", {"event": "buy", "where": "props.plan == 'pro'"}], "within": "3d"},
    {"kind": "retention", "every": "day", "periods": 3},
    {"kind": "trend", "every": "all", "segment": "account.key == 'songtao'"},
]


def test_it_answers_as_the_store_does(cast, event_home, tmp_path):
    times = [NOW - timedelta(days=day, hours=3 * n) for day in range(1, 9) for n in range(3)]
    store_events(*[
        happened(name, ts=ts, account=account, person=person, props=props)
        for number, ts in enumerate(times)
        for name, account, person, props in [
            ("look", cast.yunshan, cast.lin, {"n": number}), ("look", cast.songtao, cast.he, {"n": 1.5}),
            ("buy", cast.yunshan, cast.lin, {"plan": "pro" if number % 2 else "free", "n": "7"}),
        ]
    ])  # fmt: skip
    folder, spark = tmp_path / "exported", session()
    export_events(get_store(), folder, progress=lambda *_args: None)
    for question in QUESTIONS:
        for name in ("an", "song"):
            actor = cast.actor(name)
            here = ask(question=question, actor=actor, at=NOW)
            there = ask_spark(question=question, folder=folder, spark=spark, actor=actor, at=NOW)
            assert (there.rows, there.summary, there.definition) == (
                here.rows,
                here.summary,
                here.definition,
            ), question
            assert here.rows and there.sql
    with pytest.raises(QuestionError, match="Spark can be asked"):
        ask_spark(question={"kind": "cluster"}, folder=folder, spark=spark, actor=cast.actor("an"), at=NOW)
    with pytest.raises(QuestionError, match="holds no export"):
        ask_spark(question=QUESTIONS[0], folder=tmp_path, spark=spark, actor=cast.actor("an"), at=NOW)
