"""Rules put customers into tiers: previewed first, then applied; exceptions go before; the history says why."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.worker import drain
from bihuan.base.measures import measures
from bihuan.foresee.tiers.actions import (
    apply_rules,
    end_exception,
    end_expired,
    ensure_rules,
    grant_exception,
    import_scores,
    judge_account,
    restore_rules,
    save_rules,
)
from bihuan.foresee.tiers.models import AccountScore, TierException, TierMove, TierRules
from bihuan.foresee.tiers.queries import exception_of, history_of, moves_by, scores_of, table_of
from bihuan.foresee.tiers.rules import Grid, Row, RulesError, as_dmn, grid_of, judge, read_rules
from bihuan.know.accounts.actions import change_account
from bihuan.understand.metrics.queries import values_as_of

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def rules(*rows: tuple[tuple[str, ...], str], columns: tuple[str, ...] = ("m.mrr", "m.potential")) -> str:
    return as_dmn(Grid(columns=columns, rows=tuple(Row(cells=cells, tier=tier) for cells, tier in rows)))


BY_MONEY = rules(((">= 30000", "-"), "A"), (("-", ">= 80"), "S"), (("< 30000", "-"), "C"))


def tier_of(account) -> str:
    account.refresh_from_db()
    return account.tier


def test_nobody_moves_before_the_rules_are_applied(cast, contracts, event_home) -> None:
    row = save_rules(xml=BY_MONEY, by=cast.actor("mei"), at=NOW, note="x")
    found = moves_by(table_of(row), day=TODAY, actor=SYSTEM)
    assert [(one.name, one.before, one.after, one.row) for one in found.moves] == [
        ("云杉仪器", "S", "A", 1), ("松涛软件", "B", "C", 3)
    ]  # fmt: skip
    assert (dict(found.before), dict(found.after)) == ({"S": 1, "B": 1}, {"A": 1, "C": 1})
    assert (tier_of(cast.yunshan), TierMove.objects.count()) == ("S", 0)
    assert len(apply_rules(by=cast.actor("mei"), at=NOW)) == 2
    assert (tier_of(cast.yunshan), tier_of(cast.songtao)) == ("A", "C")
    assert apply_rules(by=cast.actor("mei"), at=NOW) == []
    (move,) = history_of(account_id=cast.yunshan.pk)
    assert (move.before, move.after, move.why, move.version, move.row, move.by_name) == (
        "S",
        "A",
        "rules",
        1,
        1,
        "Mei",
    )
    drain(at=NOW)
    assert TierMove.objects.count() == 2, "the fact that accounts publish adds no second line"
    assert OutboxFact.objects.filter(name="tiers_applied").count() == 2


def test_a_tier_changed_by_hand_stands_in_the_history(cast, event_home) -> None:
    change_account(account=cast.yunshan, tier="B", by=cast.actor("mei"), at=NOW)
    change_account(account=cast.yunshan, city="上海", by=cast.actor("mei"), at=NOW)
    drain(at=NOW)
    (move,) = history_of(account_id=cast.yunshan.pk)
    assert (move.before, move.after, move.why, move.by_name) == ("S", "B", "hand", "Mei")


def test_an_exception_goes_before_the_rules_until_its_end(cast, contracts, event_home) -> None:
    save_rules(xml=BY_MONEY, by=SYSTEM, at=NOW)
    until = TODAY + timedelta(days=30)
    grant_exception(
        account=cast.songtao, tier="S", reason="标杆客户", expires_on=until, by=cast.actor("oli"), at=NOW
    )
    assert tier_of(cast.songtao) == "S"
    apply_rules(by=SYSTEM, at=NOW)
    assert (tier_of(cast.songtao), exception_of(account_id=cast.songtao.pk, on=TODAY).reason) == (
        "S",
        "标杆客户",
    )
    assert end_expired(by=SYSTEM, at=NOW + timedelta(days=29)) == 0
    assert end_expired(by=SYSTEM, at=NOW + timedelta(days=30)) == 1
    assert tier_of(cast.songtao) == "C"
    assert [(row.why, row.after, row.reason) for row in history_of(account_id=cast.songtao.pk)] == [
        ("rules", "C", ""), ("exception", "S", "标杆客户")
    ]  # fmt: skip


def test_a_newer_exception_ends_the_older_one(cast, event_home) -> None:
    until = TODAY + timedelta(days=30)
    for tier in ("A", "C"):
        grant_exception(account=cast.yunshan, tier=tier, reason="x", expires_on=until, by=SYSTEM, at=NOW)
    assert TierException.objects.get(ended_at=None).tier == "C"
    with pytest.raises(IntegrityError), transaction.atomic():
        TierException.objects.update(ended_at=None)
    for day in (TODAY, TODAY + timedelta(days=366)):
        with pytest.raises(ValidationError, match="within a year"):
            grant_exception(account=cast.yunshan, tier="A", reason="x", expires_on=day, by=SYSTEM, at=NOW)
    with pytest.raises(ValidationError):
        grant_exception(account=cast.yunshan, tier="A", reason=" ", expires_on=until, by=SYSTEM, at=NOW)
    end_exception(account=cast.yunshan, by=SYSTEM, at=NOW)
    end_exception(account=cast.yunshan, by=SYSTEM, at=NOW)
    assert OutboxFact.objects.filter(name="tier_exception_ended").count() == 1


def test_who_no_row_fits_stays(cast, contracts, event_home) -> None:
    row = save_rules(xml=rules(((">= 30000", "-"), "A")), by=SYSTEM, at=NOW)
    found = moves_by(table_of(row), day=TODAY, actor=SYSTEM)
    assert (found.without_rule, [one.name for one in found.moves]) == (1, ["云杉仪器"])
    apply_rules(by=SYSTEM, at=NOW)
    assert tier_of(cast.songtao) == "B"


def test_a_territory_moves_its_own_only(cast, contracts, event_home) -> None:
    row = save_rules(xml=BY_MONEY, by=SYSTEM, at=NOW)
    assert [one.name for one in moves_by(table_of(row), day=TODAY, actor=cast.actor("bei")).moves] == [
        "松涛软件"
    ]


@pytest.mark.parametrize(
    ("xml", "said"),
    [(rules((("many", "-"), "A")), "row 1"), (rules((("-", "-"), "A"), columns=("m.nothing", "m.mrr")), "m.nothing"),
     (rules((("-", "-"), "A"), columns=("person.name", "m.mrr")), "person.name"), ("<x/>", "not DMN"), ("", "malformed|well-formed"),
     (rules((("-", "-"), "Z")), "one of S, A, B, C"), (rules(), "no_rules"),
     (rules((("-",), "A"), columns=("m.mrr", "m.brand")), "row 1"),
     (BY_MONEY.replace("FIRST", "COLLECT"), "hit policy"), (BY_MONEY.replace('name="tier" label', 'name="other" label'), "called tier")],
)  # fmt: skip
def test_rules_that_cannot_be_used_are_refused(xml, said, cast) -> None:
    with pytest.raises(ValidationError, match=said):
        save_rules(xml=xml, by=SYSTEM, at=NOW)
    assert TierRules.objects.count() == 0


def test_a_grid_and_its_file_say_the_same() -> None:
    grid = Grid(columns=("m.mrr", "account.industry"),
                rows=(Row(cells=(">= 5", '"制造", "软件"'), tier="A", note="为何 <&>"), Row(cells=("-", "-"), tier="C")))  # fmt: skip
    table = read_rules(as_dmn(grid), measures=list(measures()))
    assert grid_of(table) == grid
    assert judge(table, {"m": {"mrr": 7.0}, "account": {"industry": "软件"}}).row == 1
    assert judge(table, {"m": {"mrr": None}, "account": {}}).tier == "C"
    with pytest.raises(RulesError, match="at most"):
        read_rules(
            as_dmn(Grid(columns=("m.mrr",) * 9, rows=(Row(cells=("-",) * 9, tier="A"),))), measures=["mrr"]
        )


def test_every_edit_is_a_version_that_can_be_restored(cast, event_home) -> None:
    first = ensure_rules(at=NOW)
    assert ensure_rules(at=NOW) == first and first.version == 1
    assert save_rules(xml=first.xml, by=SYSTEM, at=NOW) == first
    save_rules(xml=BY_MONEY, by=SYSTEM, at=NOW)
    third = restore_rules(version=first, by=SYSTEM, at=NOW)
    assert (third.version, third.xml, TierRules.objects.filter(active=True).count()) == (3, first.xml, 1)


def test_judgements_count_from_their_day(cast, event_home) -> None:
    judge_account(
        account=cast.yunshan, scores={"potential": 60, "brand": None}, by=SYSTEM, at=NOW - timedelta(days=10)
    )
    judge_account(account=cast.yunshan, scores={"potential": 85, "brand": 90}, by=cast.actor("song"), at=NOW)
    judge_account(account=cast.yunshan, scores={"potential": 85}, by=cast.actor("song"), at=NOW)
    assert OutboxFact.objects.filter(name="account_scored").count() == 2
    assert scores_of(account_id=cast.yunshan.pk, on=TODAY) == {"potential": 85, "brand": 90}

    def measured(day):
        values = values_as_of(day=day, names=["potential"])
        return dict(zip(values.account_ids.tolist(), values.by_measure["potential"].tolist(), strict=True))[
            cast.yunshan.pk
        ]

    assert [measured(TODAY - timedelta(days=back)) for back in (0, 5)] == [85, 60]
    save_rules(xml=BY_MONEY, by=SYSTEM, at=NOW)
    apply_rules(by=SYSTEM, at=NOW)
    assert tier_of(cast.yunshan) == "S"
    with pytest.raises(ValidationError):
        judge_account(account=cast.yunshan, scores={"brand": 101}, by=SYSTEM, at=NOW)


def test_judgements_are_imported(cast, event_home) -> None:
    rows = [{"account_key": "yunshan", "what": "strategy_fit", "value": 70},
            {"account_key": "nobody", "what": "brand", "value": 10}]  # fmt: skip
    count = import_scores(rows=rows, by=SYSTEM, at=NOW)
    assert (count.created, [(one.field, one.value) for one in count.rejected]) == (
        1,
        [("account_key", "nobody")],
    )
    assert import_scores(rows=rows[:1], by=SYSTEM, at=NOW).unchanged == 1
    assert AccountScore.objects.get().value == 70


def test_managers_change_rules_on_the_page(cast, contracts, event_home) -> None:
    client = cast.client("mei")
    page = client.get("/tiers/").content.decode()
    assert "Large revenue" in page and "Nobody would move." in page, (
        "the standard rules put both where they are"
    )
    form = {
        "column_0": "m.mrr",
        "cell_0_0": ">= 30000",
        "tier_0": "A",
        "note_0": "x",
        "cell_1_0": "",
        "tier_1": "C",
    }
    preview = client.post("/tiers/preview/", form).content.decode()
    assert "云杉仪器" in preview and "row 1" in preview and "row 2" in preview
    assert "write" in client.post("/tiers/preview/", form | {"cell_0_0": "many"}).content.decode()
    assert "control character" in client.post("/tiers/preview/", form | {"cell_0_0": "\x01"}).content.decode()
    wrong = client.post("/tiers/save/", form | {"column_0": "m.nothing"})
    assert wrong.status_code == 422 and "m.nothing" in wrong.content.decode()
    client.post("/tiers/save/", form)
    row = TierRules.objects.get(active=True)
    assert grid_of(table_of(row)) == Grid(
        columns=("m.mrr",), rows=(Row(cells=(">= 30000",), tier="A", note="x"), Row(cells=("-",), tier="C"))
    )
    assert tier_of(cast.yunshan) == "S"
    asked = client.post("/tiers/apply/", follow=True)
    page = asked.redirect_chain[-1][0]
    assert "being applied" in asked.content.decode() and "every 1s" in client.get(page).content.decode()
    drain(at=timezone.now() + timedelta(seconds=1))
    text = client.get(page).content.decode()
    assert "2 customers moved." in text and "every 1s" not in text
    assert "customers moved" not in cast.client("oli").get(page).content.decode(), "it is not theirs"
    assert (tier_of(cast.yunshan), tier_of(cast.songtao)) == ("A", "C")
    moves = client.get("/tiers/moves/").content.decode()
    assert "云杉仪器" in moves and "By rule" in moves
    assert read_rules(client.get("/tiers/file/").content.decode(), measures=["mrr"]).rules
    client.post("/tiers/versions/1/restore/")
    assert TierRules.objects.get(active=True).version == 3
    for name in ("oli", "song"):
        assert cast.client(name).get("/tiers/").status_code == 200
        assert cast.client(name).post("/tiers/apply/").status_code == 403
    assert "松涛" not in cast.client("song").get("/tiers/").content.decode()


def test_the_page_of_a_customer_says_why_and_lets_people_judge(cast, event_home) -> None:
    until = timezone.localdate() + timedelta(days=30)
    song, oli = cast.client("song"), cast.client("oli")
    song.post(f"/accounts/{cast.yunshan.pk}/tier/scores/", {"potential": 80, "strategy_fit": "", "brand": 7})
    oli.post(
        f"/accounts/{cast.yunshan.pk}/tier/exception/", {"tier": "A", "reason": "并购中", "expires_on": until}
    )
    panel = song.get(f"/accounts/{cast.yunshan.pk}/panels/tier/").content.decode()
    assert "并购中" in panel and "<strong>80</strong>" in panel and "In touch every 14 days" in panel
    assert "Missing: Operations" not in panel and "S → A" in panel
    assert song.post(f"/accounts/{cast.yunshan.pk}/tier/exception/end/").status_code == 403
    assert oli.get(f"/accounts/{cast.songtao.pk}/tier/scores/").status_code == 200
    assert song.get(f"/accounts/{cast.songtao.pk}/tier/scores/").status_code == 404
    oli.post(f"/accounts/{cast.yunshan.pk}/tier/exception/end/")
    assert not TierException.objects.filter(ended_at=None).exists()
