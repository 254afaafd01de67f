"""A model learns from what was known on the day. What has only a present value, lies after the day, arrived after it or was changed after
it is not used, whatever it would tell; and what is known as of a day is the same when everything after it is taken away."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from cast import NOW, SYSTEM, TODAY
from django.apps import apps

from bihuan.base import measures as registry
from bihuan.base.bus.models import OutboxFact
from bihuan.base.history import Undated
from bihuan.base.importing import noun
from bihuan.base.measures import Measure, Tables
from bihuan.capture.store import close_store, get_store
from bihuan.capture.store.schema import EVENTS
from bihuan.config.simulation import simulate
from bihuan.config.simulation.load import load_company
from bihuan.earn.contracts.actions import add_contract, change_contract, set_line
from bihuan.earn.contracts.models import Contract, ContractLine
from bihuan.foresee.tiers.models import AccountScore
from bihuan.foresee.warning.models import RiskModel
from bihuan.foresee.warning.queries.dataset import dataset_of, learnable
from bihuan.foresee.warning.queries.words import EMPTY, UNDATED
from bihuan.know.accounts.actions import end_membership
from bihuan.know.accounts.models import Account, Membership
from bihuan.know.chain.actions import record_contact, set_chain_member
from bihuan.know.chain.models import ChainMember
from bihuan.serve.tickets.actions import change_ticket, open_ticket, rate_ticket, reopen_ticket, solve_ticket
from bihuan.serve.tickets.models import Ticket
from bihuan.understand.metrics.queries import end_of, values_over
from bihuan.understand.stats.auc import auc_of

pytestmark = pytest.mark.django_db
SIZE = {"accounts": 150, "days": 500, "people": 900, "events": 40_000, "seed": 11}
YESTERDAY = TODAY - timedelta(days=1)
DAY = date(2026, 6, 1)
LATER = end_of(DAY) + timedelta(days=20)


def planted(monkeypatch: pytest.MonkeyPatch, name: str, sql: Any) -> None:
    """One more measure, for this test only."""
    one = Measure(name=name, title=name, definition="planted", higher_is_better=True, sql=sql)
    monkeypatch.setitem(registry._measures, name, one)


def known_on(day: date, name: str) -> dict[int, float]:
    """What is known of it as of the day."""
    (values,) = values_over(days=[day], names=[name])
    return {
        int(pk): float(value)
        for pk, value in zip(values.account_ids, values.by_measure[name], strict=True)
        if not np.isnan(value)
    }


def test_a_field_that_tells_the_loss_only_in_part_but_has_no_date_is_never_used(
    event_home, monkeypatch, cast
):
    load_company(simulate(until=TODAY, **SIZE), by=SYSTEM, at=NOW)
    before = dataset_of(last=YESTERDAY, horizon=90, contraction=30)
    lost = set(before.panel.account[before.panel.did].tolist())
    rng = np.random.default_rng(1)
    rows = list(Account.objects.all())
    for row in rows:
        row.size = int(10_000 + 1_200 * (row.pk in lost) + 1_000 * rng.normal())
    Account.objects.bulk_update(rows, ["size"])
    size = dict(Account.objects.values_list("pk", "size"))
    telling = auc_of(
        labels=[row.pk in lost for row in rows], scores=[float(size[row.pk] or 0) for row in rows]
    ).value
    assert 0.7 < telling < 0.95, "it tells something, and far less than would give it away"

    def field(tables: Tables) -> str:
        return (
            f"SELECT id AS account_id, size AS value FROM {tables.records('accounts_account', 'id', 'size')}"
        )

    def ahead(tables: Tables) -> str:
        """Careless: it does not look at the day at all."""
        return f"SELECT account_id, max(value) AS value FROM {tables.records('tiers_accountscore', 'account_id', 'value')} GROUP BY 1"

    planted(monkeypatch, "planted_size", field)
    planted(monkeypatch, "planted_ahead", ahead)
    AccountScore.objects.bulk_create([
        AccountScore(account_id=row.pk, what="brand", value=100 * (row.pk in lost), by_name="x",
                     from_day=before.snapshots[-1] + timedelta(days=1)) for row in rows
    ])  # fmt: skip
    after = dataset_of(last=YESTERDAY, horizon=90, contraction=30)
    assert after.left_out["planted_size"] == f"{UNDATED} accounts_account.id accounts_account.size"
    assert after.left_out["planted_ahead"] == EMPTY, "it lies after every day that is learnt from"
    assert after.panel.features == before.panel.features
    np.testing.assert_array_equal(after.panel.matrix, before.panel.matrix)
    with pytest.raises(Undated, match=r"accounts_account\.size"):
        values_over(days=[DAY], names=["planted_size"])
    row = RiskModel.objects.create(
        number=1, standing="retired", verdict="few", horizon=90, as_of=YESTERDAY, note=["too_little"], trained_at=NOW,
        trained_by="x", card={"rows": 1, "positives": 1, "accounts": 1, "snapshots": [], "features": ["mrr"],
                              "left_out": after.left_out},
    )  # fmt: skip
    page = cast.client("mei").get(f"/warning/models/{row.number}/").content.decode()
    assert "Only the present value is known, not since when:" in page


def test_events_that_happened_or_arrived_after_the_day_do_not_count(event_home, cast, contracts):
    def event(number: int, *, ts: datetime, received_at: datetime) -> dict[str, Any]:
        return {"event_id": f"e{number}", "source_id": 1, "name": "saved", "ts": ts, "received_at": received_at,
                "distinct_id": "lin", "person_id": cast.lin.pk, "account_id": cast.yunshan.pk, "product_id": None,
                "props": "{}", "company": None}  # fmt: skip

    on_day, cutoff = end_of(DAY) - timedelta(hours=30), end_of(DAY)
    rows = [event(0, ts=on_day - timedelta(days=9), received_at=on_day - timedelta(days=9))]
    rows += [event(1, ts=on_day, received_at=cutoff), event(2, ts=cutoff, received_at=cutoff)]
    get_store().append(pa.Table.from_pylist(rows, schema=EVENTS))
    assert known_on(DAY, "active_days") == {cast.yunshan.pk: 1.0}
    assert known_on(DAY, "days_silent") == {cast.yunshan.pk: 10.0}
    assert known_on(DAY + timedelta(days=1), "days_silent") == {cast.yunshan.pk: 0.0}


def test_what_was_changed_in_place_stands_as_it_did_on_the_day(event_home, cast, contracts):
    opened = end_of(DAY) - timedelta(days=3)
    urgent = open_ticket(
        account=cast.yunshan, subject="slow", priority="low", by=SYSTEM, at=opened, key="T-1"
    )
    solved = open_ticket(account=cast.songtao, subject="bill", by=SYSTEM, at=opened, key="T-2")
    solve_ticket(ticket=solved, by=SYSTEM, at=opened + timedelta(hours=5))
    rate_ticket(ticket=solved, satisfaction=2, by=SYSTEM, at=opened + timedelta(hours=6))
    ChainMember.objects.create(account=cast.yunshan, person=cast.lin, role="user", known_since=opened)
    AccountScore.objects.create(account=cast.yunshan, what="brand", value=70, from_day=DAY, by_name="x")
    names = (
        "open_tickets",
        "satisfaction",
        "resolution_hours",
        "mrr",
        "billed_monthly",
        "key_people_left",
        "brand",
    )
    before = {name: known_on(DAY, name) for name in names}
    assert before["open_tickets"] == {cast.yunshan.pk: 1.0, cast.songtao.pk: 0.0}

    # Everything afterwards: by hand, twice, and by an import that overwrites without saying when.
    change_ticket(ticket=urgent, priority="high", by=SYSTEM, at=LATER)
    change_ticket(ticket=urgent, priority="urgent", by=SYSTEM, at=LATER + timedelta(hours=1))
    reopen_ticket(ticket=solved, by=SYSTEM, at=LATER)
    rate_ticket(ticket=solved, satisfaction=5, by=SYSTEM, at=LATER)
    (line,) = contracts["yunshan"].lines.all()
    set_line(contract=contracts["yunshan"], line=line, mrr=Decimal("1"), by=SYSTEM, at=LATER)
    change_contract(contract=contracts["songtao"], billing="yearly", by=SYSTEM, at=LATER)
    noun("tickets").load(by=SYSTEM, at=LATER + timedelta(days=1), rows=[
        {"key": "T-1", "account_key": "yunshan", "subject": "slow", "opened_at": opened, "priority": "medium"},
    ])  # fmt: skip
    noun("contract_lines").load(by=SYSTEM, at=LATER + timedelta(days=1), rows=[
        {"key": line.key, "contract_key": "C-1", "account_key": "yunshan", "starts_on": line.starts_on, "mrr": Decimal("7"),
         "ends_on": DAY - timedelta(days=1)},
    ])  # fmt: skip
    # That somebody left, and how much a name is worth, is written down later with an earlier day.
    end_membership(
        membership=cast.lin.memberships.get(), ends_on=DAY - timedelta(days=5), by=SYSTEM, at=LATER
    )
    noun("account_scores").load(by=SYSTEM, at=LATER, rows=[
        {"account_key": "yunshan", "what": "brand", "value": 5, "from_day": DAY},
    ])  # fmt: skip
    assert {name: known_on(DAY, name) for name in names} == before
    assert before["key_people_left"] == {cast.yunshan.pk: 0.0} and before["brand"] == {cast.yunshan.pk: 70.0}
    later = (LATER + timedelta(days=2)).date()
    assert known_on(later, "open_tickets") == {cast.yunshan.pk: 1.0, cast.songtao.pk: 1.0}
    assert cast.yunshan.pk not in known_on(later, "mrr"), "from then on it is known that it had ended"
    assert known_on(later, "key_people_left") == {cast.yunshan.pk: 1.0}
    assert known_on(later, "brand") == {cast.yunshan.pk: 5.0}


def chain_on(day: date) -> dict[str, dict[int, float]]:
    return {name: known_on(day, name) for name in ("people_in_touch", "champion_silent_days")}


def test_who_was_in_touch_stands_as_it_was_written_down_by_the_day(event_home, cast):
    early, place = (
        end_of(DAY) - timedelta(days=40),
        {"account": cast.yunshan, "person": cast.lin, "role": "user"},
    )
    spoken = (early - timedelta(days=3)).date()
    member = set_chain_member(stance=2, influence=3, last_contact_on=spoken, by=SYSTEM, at=early, **place)
    before = chain_on(DAY)
    assert before["people_in_touch"] == {cast.yunshan.pk: 1.0}
    assert before["champion_silent_days"] == {cast.yunshan.pk: float((DAY - spoken).days)}

    # Later: a contact, written down as of a day before; another judgement; another contact; an import that overwrites.
    record_contact(member=member, on=DAY - timedelta(days=1), by=SYSTEM, at=LATER)
    assert chain_on(DAY) == before, "nobody had written it down by then"
    set_chain_member(
        stance=-2,
        influence=0,
        last_contact_on=LATER.date(),
        by=SYSTEM,
        at=LATER + timedelta(hours=1),
        **place,
    )
    record_contact(member=member, on=LATER.date(), by=SYSTEM, at=LATER + timedelta(hours=2))
    noun("chain").load(by=SYSTEM, at=LATER + timedelta(days=1), rows=[
        {"account_key": "yunshan", "person_key": "lin", "role": "user", "stance": 1, "influence": 2, "last_contact_on": None},
    ])  # fmt: skip
    assert chain_on(DAY) == before
    assert chain_on((LATER + timedelta(days=2)).date())["champion_silent_days"] == {}, (
        "the import forgot the contact"
    )


def test_of_a_place_that_an_import_dates_back_nothing_is_known_before_it(event_home, cast):
    noun("chain").load(by=SYSTEM, at=LATER, rows=[
        {"account_key": "yunshan", "person_key": "lin", "role": "user", "stance": 2, "influence": 3,
         "last_contact_on": DAY - timedelta(days=9), "known_since": end_of(DAY) - timedelta(days=90)},
    ])  # fmt: skip
    assert chain_on(DAY) == {"people_in_touch": {}, "champion_silent_days": {}}
    assert known_on(DAY, "chain_coverage") == {cast.yunshan.pk: 0.2}, "that there is somebody is dated"
    assert chain_on((LATER + timedelta(days=2)).date())["people_in_touch"] == {cast.yunshan.pk: 1.0}


def test_an_upgrade_reads_nothing_of_today_into_the_time_before_it(event_home, cast):
    ChainMember.objects.create(account=cast.yunshan, person=cast.lin, role="user", stance=2, influence=3,
                               last_contact_on=DAY, known_since=end_of(DAY) - timedelta(days=90))  # fmt: skip
    import_module("bihuan.know.chain.migrations.0002_history_begun").begin(apps, None)
    assert chain_on(DAY) == {"people_in_touch": {}, "champion_silent_days": {}}
    begun = OutboxFact.objects.get(name="chain_history_begun")
    later = begun.at.date() + timedelta(days=1)
    assert chain_on(later)["champion_silent_days"] == {cast.yunshan.pk: float((later - DAY).days)}


def take_away_what_came_after(day: date) -> None:
    """The installation as it was at the end of the day: its records, by hand."""
    cutoff = end_of(day)
    ticket = Ticket.objects.get(key="T-changed")
    assert ticket.priority == "urgent"
    Ticket.objects.filter(pk=ticket.pk).update(priority="low", state="open")
    ContractLine.objects.filter(key="L-changed").update(mrr=Decimal("300"))
    # That an import which dated places back knows nothing of them before it, is no knowledge of what came later.
    OutboxFact.objects.filter(at__gte=cutoff).exclude(name="chain_imported").delete()
    Ticket.objects.filter(opened_at__gte=cutoff).delete()
    Ticket.objects.filter(resolved_at__gte=cutoff).update(resolved_at=None, satisfaction=None)
    Ticket.objects.filter(first_response_at__gte=cutoff).update(first_response_at=None)
    for model in (ContractLine, Contract, Membership):
        model.objects.filter(starts_on__gt=day).delete()
        model.objects.filter(ends_on__gt=day).update(ends_on=None)
    AccountScore.objects.filter(from_day__gt=day).delete()
    ChainMember.objects.filter(known_since__gte=cutoff).delete()
    ChainMember.objects.update(stance=0, influence=1, last_contact_on=None)
    Account.objects.update(stage="value", tier="C", size=None)


def test_features_are_the_same_when_everything_after_the_day_is_taken_away(
    event_home, settings, tmp_path_factory, cast
):
    load_company(simulate(until=TODAY, **SIZE), by=SYSTEM, at=NOW)
    paying = Account.objects.exclude(pk__in=[cast.yunshan.pk, cast.songtao.pk]).order_by("pk").first()
    assert paying is not None
    opened = end_of(DAY) - timedelta(days=4)
    ticket = open_ticket(
        account=paying, subject="slow", priority="low", by=SYSTEM, at=opened, key="T-changed"
    )
    contract = add_contract(
        account=cast.yunshan, key="C-9", starts_on=date(2026, 1, 1), by=SYSTEM, at=opened,
        lines=[{"key": "L-changed", "mrr": Decimal("300")}],
    )  # fmt: skip
    change_ticket(ticket=ticket, priority="urgent", by=SYSTEM, at=LATER)
    set_line(contract=contract, line=contract.lines.get(), mrr=Decimal("10"), by=SYSTEM, at=LATER)

    days = [DAY - timedelta(days=30 * back) for back in range(3, -1, -1)]
    names = learnable()
    assert {
        "mrr",
        "active_people",
        "open_tickets",
        "satisfaction",
        "chain_coverage",
        "champion_silent_days",
    } <= set(names)
    whole = values_over(days=days, names=names)
    moment = f"TIMESTAMPTZ '{end_of(DAY).isoformat()}'"
    kept = get_store().execute(
        f"SELECT {', '.join(EVENTS.names)} FROM events WHERE ts < {moment} AND received_at < {moment}"
    )
    assert 0 < kept.num_rows < get_store().count()
    take_away_what_came_after(DAY)
    close_store()
    settings.BIHUAN_HOME = tmp_path_factory.mktemp("then")
    get_store().append(kept.cast(EVENTS))
    then = values_over(days=days, names=names)
    for here, there in zip(whole, then, strict=True):
        for name in names:
            np.testing.assert_array_equal(
                here.by_measure[name], there.by_measure[name], err_msg=f"{name} {here.day}"
            )
    assert sum(int((~np.isnan(whole[-1].by_measure[name])).sum()) for name in names) > 500, (
        "something was compared"
    )
