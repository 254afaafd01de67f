"""Record tables are read past the models, for speed: the values are those that the models give."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from cast import NOW, SYSTEM
from django.apps import apps
from drawings import END, START, chain, drawn, user
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bihuan.act.plays.actions import add_play, note_minutes, open_run
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.work.actions import complete, start_process
from bihuan.base.measures import measures
from bihuan.earn.contracts.actions import add_contract
from bihuan.earn.contracts.models import ContractLine
from bihuan.foresee.tiers.models import AccountScore
from bihuan.know.accounts.models import Account
from bihuan.know.chain.models import ChainMember
from bihuan.serve.tickets.actions import open_ticket, rate_ticket, solve_ticket
from bihuan.serve.tickets.models import Ticket
from bihuan.understand.metrics.queries import columns_from, record_table, values_as_of
from bihuan.understand.metrics.queries.measured import needs_of


def by_the_model(table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The same through Django's own rows, decimals as doubles."""
    model: Any = next(m for m in apps.get_models() if m._meta.db_table == table)
    names = [next(f.attname for f in model._meta.concrete_fields if f.column == name) for name in columns]
    return [
        dict(zip(columns, [float(v) if isinstance(v, Decimal) else v for v in row], strict=True))
        for row in model._base_manager.values_list(*names)
    ]


def same(table: str, columns: tuple[str, ...]) -> int:
    """Compares a table in both ways; how many rows it has."""
    found, wanted = (
        sorted(
            str([value.isoformat() if isinstance(value, date) else value for value in row.values()])
            for row in rows
        )
        for rows in (record_table(table, columns).to_pylist(), by_the_model(table, columns))
    )
    assert found == wanted
    return len(found)


def hours_were_spent(cast) -> None:
    """A work item that is done and two that wait, and a run of a play with minutes."""
    process = create_process(
        key="visit", kind="process", name="Visit", by=SYSTEM, at=NOW,
        xml=drawn("visit", START, user("plan"), user("go"), END, chain("start", "plan", "go", "end")),
    )  # fmt: skip
    publish_draft(process=process, by=SYSTEM, at=NOW)
    item = start_process(process=process, account=cast.yunshan, by=SYSTEM, at=NOW).items.get()
    complete(item=item, values={}, by=cast.actor("song"), at=NOW + timedelta(minutes=5))
    play = add_play(key="rescue", name="x", goal={"event": "e"}, hold_out=0, trigger={"kind": "manual"}, by=SYSTEM, at=NOW,
                    steps=[{"kind": "task", "title": "x"}])  # fmt: skip
    run = open_run(play=play, account=cast.yunshan, origin="x", assignee=cast.song, by=SYSTEM, at=NOW)
    note_minutes(run=run, minutes=25, by=cast.actor("song"), at=NOW)


@pytest.mark.django_db
def test_every_column_that_a_measure_reads_is_read_as_the_model_gives_it(cast, contracts):
    moment = NOW.replace(microsecond=1)
    ticket = open_ticket(account=cast.yunshan, subject="slow", by=SYSTEM, at=moment, escalated=True)
    solve_ticket(ticket=ticket, by=SYSTEM, at=moment + timedelta(minutes=7, microseconds=3))
    rate_ticket(ticket=ticket, satisfaction=4, by=SYSTEM, at=moment)
    open_ticket(account=cast.songtao, subject="bill", by=SYSTEM, at=NOW)
    ChainMember.objects.create(
        account=cast.yunshan, person=cast.lin, role="user", stance=-2, known_since=moment
    )
    AccountScore.objects.create(
        account=cast.yunshan, what="brand", value=7, from_day=date(2026, 1, 1), by_name="x"
    )
    hours_were_spent(cast)
    needs = needs_of(measures())
    assert {table: same(table, columns) for table, columns in needs.items() if table != "warning_risk"} == {
        "contracts_contract": 2, "contracts_contractline": 3, "tickets_ticket": 2, "chain_chainmember": 1,
        "accounts_membership": 2, "tiers_accountscore": 1, "work_workitem": 3, "plays_playrun": 1,
    }  # fmt: skip
    assert record_table("warning_risk", needs["warning_risk"]).schema.types == [
        pa.int64(),
        pa.date32(),
        pa.float64(),
    ]
    together = values_as_of(day=date(2026, 11, 18), names=measures())
    for name in measures():
        alone = values_as_of(day=date(2026, 11, 18), names=[name])
        assert together.by_measure[name].tobytes() == alone.by_measure[name].tobytes(), name


class AnyValue(TestCase):
    """Whatever a column can hold."""

    @given(
        mrr=st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2),
        trial=st.booleans(),
        starts=st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31)),
        seconds=st.integers(min_value=0, max_value=2_000_000_000),
        micro=st.integers(min_value=0, max_value=999_999),
    )
    def test_amounts_days_and_moments_come_back(self, mrr, trial, starts, seconds, micro):
        account = Account.objects.create(key="a", name="a", created_at=NOW, updated_at=NOW)
        contract = add_contract(
            account=account, starts_on=starts, lines=[{"mrr": mrr, "trial": trial}], by=SYSTEM, at=NOW
        )
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
        Ticket.objects.create(key="t", account=account, subject="s", opened_at=moment)
        (line,) = record_table("contracts_contractline", ("mrr", "trial", "starts_on", "ends_on")).to_pylist()
        assert line == {"mrr": float(mrr), "trial": trial, "starts_on": starts, "ends_on": None}
        (row,) = record_table("tickets_ticket", ("opened_at", "resolved_at", "priority")).to_pylist()
        assert row == {"opened_at": moment, "resolved_at": None, "priority": "medium"}
        assert ContractLine.objects.get(contract=contract).mrr == mrr


@pytest.mark.django_db
def test_columns_of_a_query_come_in_its_order_and_none_when_nothing_is_there(cast):
    names = Account.objects.order_by("-key").values_list("pk", "name", "region__name", "size")
    assert list(zip(*columns_from(names), strict=True)) == list(names)
    assert columns_from(Account.objects.none().values_list("pk", "name")) == [[], []]
    assert columns_from(Account.objects.filter(key="nobody").values_list("pk")) == [[]]
