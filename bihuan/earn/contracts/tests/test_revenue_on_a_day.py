"""MRR and ARR as of any day (SEMANTICS 23), contracts through pages and REST."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.earn.contracts.actions import add_contract, change_contract, import_contract_lines, set_line
from bihuan.earn.contracts.models import Contract, ContractLine
from bihuan.earn.contracts.queries import contracts_of, revenue_by_account, revenue_on
from bihuan.earn.contracts.rules import active_on, days_to_renewal, mrr_on
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask
from bihuan.understand.metrics.queries import values_as_of


@pytest.fixture(autouse=True)
def _no_memory():
    from django.core.cache import cache

    cache.clear()


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
money = st.decimals(min_value=0, max_value=10**6, places=2)


@given(day=days, start=days, length=st.one_of(st.none(), st.integers(0, 800)), mrr=money, trial=st.booleans())
def test_a_line_counts_from_its_start_until_the_day_before_its_end(day, start, length, mrr, trial):
    end = None if length is None else start + timedelta(days=length)
    amount = mrr_on(day=day, mrr=mrr, starts_on=start, ends_on=end, trial=trial)
    assert amount == (mrr if not trial and start <= day and (end is None or day < end) else 0)
    if end is not None:
        assert not active_on(day=end, starts_on=start, ends_on=end)


@given(on=days, end=days)
def test_days_to_renewal_count_down_by_one_a_day(on, end):
    assert days_to_renewal(on=on, ends_on=end) == days_to_renewal(on=on + timedelta(days=1), ends_on=end) + 1
    assert days_to_renewal(on=on, ends_on=None) is None


@pytest.mark.django_db
def test_the_rows_of_a_day_add_up_and_agree_with_the_pure_rule(cast, contracts):
    mei = cast.actor("mei")
    for day in (date(2025, 1, 9), date(2025, 1, 10), date(2025, 6, 1), date(2027, 1, 8), date(2027, 1, 9)):
        expected = sum(
            (
                mrr_on(day=day, mrr=x.mrr, starts_on=x.starts_on, ends_on=x.ends_on, trial=x.trial)
                for x in ContractLine.objects.all()
            ),
            Decimal(0),
        )
        found = revenue_on(day=day, actor=mei)
        assert found.mrr == expected
        assert found.arr == 12 * expected
        by_account = revenue_by_account(day=day)
        assert sum((r.mrr for r in by_account.values()), Decimal(0)) == expected
        answer = ask(question={"kind": "revenue", "as_of": day}, actor=mei, at=NOW)
        assert (answer.summary["mrr"], sum(row[3] for row in answer.rows)) == (expected, expected)
    one = revenue_by_account(day=date(2026, 1, 1), account_ids=[cast.yunshan.pk])[cast.yunshan.pk]
    assert (one.mrr, one.seats, one.renews_on) == (Decimal("40000"), 100, date(2027, 1, 9))


@pytest.mark.django_db
def test_a_question_of_revenue_that_is_wrong_names_the_field(cast):
    for question, field in (
        ({"kind": "revenue", "as_of": "soon"}, "as_of"),
        ({"kind": "revenue", "by": "x"}, "by"),
    ):
        with pytest.raises(QuestionError) as error:
            ask(question=question, actor=cast.actor("mei"), at=NOW)
        assert error.value.field == field


@pytest.mark.django_db
def test_a_contract_is_recorded_with_lines_and_changed_in_the_browser(cast):
    client = cast.client("song")
    form = {"account": cast.yunshan.pk, "key": "", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "billing": "yearly",
            "currency": "CNY", "name": "续签"}  # fmt: skip
    client.post("/contracts/new/", form)
    contract = Contract.objects.get(name="续签")
    client.post(
        f"/contracts/{contract.pk}/lines/new/",
        {"name": "Pro", "mrr": "1200.50", "seats": 5, "starts_on": "2026-01-01"},
    )
    line = contract.lines.get()
    assert "¥1,200.50" in client.get(f"/contracts/{contract.pk}/").content.decode()
    client.post(
        f"/contracts/{contract.pk}/lines/{line.pk}/", {"name": "Pro", "mrr": "900", "starts_on": "2026-01-01"}
    )
    line.refresh_from_db()
    assert line.mrr == 900
    backwards = client.post(
        f"/contracts/{contract.pk}/edit/", form | {"key": contract.key, "ends_on": "2025-01-01"}
    )
    assert "The end lies before the start" in backwards.content.decode()
    client.post(f"/contracts/{contract.pk}/edit/", form | {"key": contract.key, "auto_renew": "on"})
    contract.refresh_from_db()
    assert contract.auto_renew
    assert set(OutboxFact.objects.filter(account_id=cast.yunshan.pk).values_list("name", flat=True)) >= {
        "contract_added",
        "contract_line_set",
        "contract_changed",
    }
    page = client.get("/contracts/?q=云杉&billing=yearly&sort=-mrr_now").content.decode()
    assert contract.key in page


@pytest.mark.django_db
def test_wrong_contracts_and_foreign_lines_are_refused(cast, contracts):
    with pytest.raises(ValidationError, match="end"):
        add_contract(
            account=cast.yunshan, starts_on=date(2026, 1, 2), ends_on=date(2026, 1, 1), by=SYSTEM, at=NOW
        )
    with pytest.raises(ValidationError):
        add_contract(
            account=cast.yunshan, starts_on=date(2026, 1, 2), lines=[{"mrr": Decimal(-1)}], by=SYSTEM, at=NOW
        )
    assert Contract.objects.count() == 2
    with pytest.raises(ValidationError, match="another"):
        set_line(
            contract=contracts["yunshan"],
            line=contracts["songtao"].lines.first(),
            by=SYSTEM,
            at=NOW,
            name="x",
        )
    before = OutboxFact.objects.count()
    change_contract(contract=contracts["yunshan"], by=SYSTEM, at=NOW, name="主合同")
    assert OutboxFact.objects.count() == before


@pytest.mark.django_db
def test_lines_are_imported_with_their_contract(cast):
    row = {
        "key": "S-1",
        "account_key": "yunshan",
        "starts_on": date(2026, 1, 1),
        "mrr": Decimal("10.50"),
        "billing": "monthly",
    }
    bad = {"key": "S-2", "account_key": "nowhere", "starts_on": date(2026, 1, 1)}
    two = [row, row | {"key": "S-3", "contract_key": "C-9"}, row | {"key": "S-4", "contract_key": "C-9"}, bad]
    first = import_contract_lines(rows=two, by=SYSTEM, at=NOW)
    assert (first.created, [(r.index, r.field, r.value) for r in first.rejected]) == (
        3,
        [(3, "account_key", "nowhere")],
    )
    assert {c.key: c.lines.count() for c in Contract.objects.all()} == {"S-1": 1, "C-9": 2}
    second = import_contract_lines(rows=two, by=SYSTEM, at=NOW)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 3)


@pytest.mark.django_db
def test_contracts_over_rest(cast):
    from bihuan.base.access.actions import create_token

    scopes = ["contracts.view", "contracts.edit"]
    _row, secret = create_token(staff=cast.song, name="t", scopes=scopes, by=SYSTEM, at=NOW)
    client = cast.client("song")
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    body = {
        "account_id": cast.yunshan.pk,
        "starts_on": "2026-01-01",
        "lines": [{"name": "Pro", "mrr": "99.90"}],
    }
    made = client.post("/api/v1/contracts", body, content_type="application/json")
    assert made.status_code == 201
    where = f"/api/v1/contracts/{made.json()['id']}"
    changed = client.patch(where, {"ends_on": "2026-12-31"}, content_type="application/json").json()
    assert (changed["ends_on"], changed["lines"][0]["mrr"]) == ("2026-12-31", "99.90")
    assert client.get("/api/v1/revenue?as_of=2026-06-01").json()["mrr"] == "99.90"
    assert client.get(f"/api/v1/contracts?account_id={cast.yunshan.pk}").json()["count"] == 1
    wrong = client.post("/api/v1/contracts", body | {"billing": "weekly"}, content_type="application/json")
    assert wrong.status_code == 422
    assert wrong["Content-Type"] == "application/problem+json"
    assert "billing" in wrong.json()["detail"]


@pytest.mark.django_db
def test_currencies_are_never_added_to_each_other(cast, contracts):
    add_contract(account=cast.yunshan, key="C-USD", currency="USD", starts_on=date(2026, 1, 1),
                 lines=[{"name": "US", "mrr": Decimal("100")}], by=SYSTEM, at=NOW)  # fmt: skip
    mei, day = cast.actor("mei"), date(2026, 6, 1)
    own = ask(question={"kind": "revenue", "as_of": day}, actor=mei, at=NOW)
    assert (own.summary["mrr"], own.summary["currency"]) == (Decimal("45000.00"), "CNY")
    assert own.left_out == {"lines in another currency": 1}
    dollars = ask(question={"kind": "revenue", "as_of": day, "currency": "USD"}, actor=mei, at=NOW)
    assert dollars.summary["mrr"] == Decimal("100.00")
    assert revenue_by_account(day=day)[cast.yunshan.pk].mrr == Decimal("40000.00")


@pytest.mark.django_db
def test_an_installation_whose_contracts_are_all_in_dollars_reports_in_dollars(cast):
    from bihuan.base.money import reporting_currency

    add_contract(account=cast.yunshan, currency="USD", starts_on=date(2026, 1, 1), lines=[{"mrr": Decimal("7")}],
                 by=SYSTEM, at=NOW)  # fmt: skip
    assert reporting_currency() == "USD"
    assert revenue_on(day=date(2026, 6, 1), actor=cast.actor("mei")).mrr == Decimal("7.00")


@pytest.mark.django_db
def test_measures_of_money_leave_other_currencies_out_as_the_lists_do(cast, contracts):
    add_contract(account=cast.yunshan, key="C-USD", currency="USD", starts_on=date(2024, 1, 1),
                 lines=[{"name": "US", "seats": 7, "mrr": Decimal("100")}], by=SYSTEM, at=NOW)  # fmt: skip
    found = values_as_of(day=date(2026, 6, 1), names=["mrr"], account_ids=[cast.yunshan.pk])
    assert found.by_measure["mrr"].tolist() == [40000.0]


@pytest.mark.django_db
@pytest.mark.parametrize("currency", ["cny", "¥", "RM", ""])
def test_a_currency_that_would_be_a_second_one_beside_its_like_is_refused(cast, currency):
    with pytest.raises(ValidationError, match="currency"):
        add_contract(account=cast.yunshan, currency=currency, starts_on=date(2026, 1, 1), by=SYSTEM, at=NOW)


@pytest.mark.django_db
def test_a_contract_over_rest_that_names_no_currency_has_the_organisations(cast, settings):
    settings.CURRENCY = "EUR"
    body = {"account_id": cast.yunshan.pk, "starts_on": "2026-01-01"}
    made = cast.rest("mei").post("/api/v1/contracts", body, content_type="application/json")
    assert (made.status_code, made.json()["currency"]) == (201, "EUR")


@pytest.mark.django_db
def test_a_contract_starts_with_the_lines_of_its_first_day(cast):
    contract = add_contract(account=cast.yunshan, starts_on=date(2026, 1, 1),
                            lines=[{"mrr": Decimal("100")}, {"mrr": Decimal("9"), "trial": True}], by=SYSTEM, at=NOW)  # fmt: skip
    set_line(contract=contract, mrr=Decimal("50"), starts_on=date(2026, 5, 1), by=SYSTEM, at=NOW)
    assert [c.paid for c in contracts_of(account_id=cast.yunshan.pk)] == [Decimal("100.00")]


@pytest.mark.django_db
def test_what_was_cleared_is_kept_as_nothing_and_a_line_with_its_currency(cast, contracts):
    change_contract(contract=contracts["yunshan"], ends_on=None, by=SYSTEM, at=NOW)
    assert OutboxFact.objects.latest("id").payload["after"] == {"ends_on": None}
    dollars = add_contract(
        account=cast.yunshan, currency="USD", starts_on=date(2026, 1, 1), by=SYSTEM, at=NOW
    )
    set_line(contract=dollars, mrr=Decimal("12.5"), by=SYSTEM, at=NOW)
    assert OutboxFact.objects.latest("id").payload["currency"] == "USD"
