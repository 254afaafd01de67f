"""What a play is expected to keep follows the account's risk; what it gains does not."""

from decimal import Decimal

import pytest
from cast import NOW, SYSTEM
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.plays.actions import add_play, change_play, note_minutes, open_run, propose_play, switch_play
from bihuan.act.plays.models import Play, PlayRun
from bihuan.act.plays.queries import candidates, outcome_of
from bihuan.act.plays.rules import Danger, Stake, revenue_of, share_kept
from bihuan.foresee.health.models import HealthModel, HealthScore
from bihuan.foresee.warning.models import Risk, RiskModel


@pytest.fixture
def keeps(cast) -> Play:
    """Ten points, half of a year's revenue each, of every customer."""
    row = add_play(
        key="keeps", name="Keeps", trigger={"kind": "manual"}, steps=[{"kind": "task", "title": "Call them"}],
        goal={"rule": "m.usage_trend >= 0.0"}, hold_out=0, assumed_effect=Decimal("0.1"), worth=Decimal("0.5"), by=SYSTEM, at=NOW,
    )  # fmt: skip
    return switch_play(play=row, on=True, by=SYSTEM, at=NOW)


def effects() -> dict[int, float]:
    return {one.account_id: one.effect for one in candidates(at=NOW)}


def warned(risks: dict[int, float]) -> None:
    """A model in force that says these risks."""
    model = RiskModel.objects.create(
        number=1, standing="champion", verdict="usable", horizon=90, as_of=NOW.date(), trained_at=NOW,
        trained_by="test",
    )  # fmt: skip
    for rank, (account, risk) in enumerate(sorted(risks.items(), key=lambda one: -one[1]), start=1):
        Risk.objects.create(
            account_id=account, day=NOW.date(), model=model, probability=risk, rank=rank, band="list"
        )


@pytest.mark.django_db
def test_a_riskier_account_has_more_to_keep_and_never_more_than_would_be_lost(cast, keeps) -> None:
    assert list(effects().values()) == pytest.approx([0.05, 0.05]), "nothing is known of anybody's risk"
    warned({cast.yunshan.pk: 0.3, cast.songtao.pk: 0.1})
    found = effects()
    assert found[cast.yunshan.pk] == pytest.approx(0.05 * 0.3 / 0.2)
    assert found[cast.songtao.pk] == pytest.approx(0.05 * 0.1 / 0.2)
    change_play(play=keeps, assumed_effect=Decimal("0.9"), worth=Decimal(1), by=SYSTEM, at=NOW)
    assert effects()[cast.yunshan.pk] == pytest.approx(0.3)


@pytest.mark.django_db
def test_what_is_gained_does_not_depend_on_the_risk(cast, keeps) -> None:
    warned({cast.yunshan.pk: 0.3, cast.songtao.pk: 0.1})
    change_play(play=keeps, aim="gain", by=SYSTEM, at=NOW)
    assert list(effects().values()) == pytest.approx([0.05, 0.05])


@pytest.mark.django_db
def test_health_stands_in_where_there_is_too_little_signal(cast, keeps) -> None:
    model = HealthModel.objects.create(version=1, document={}, active=True, created_at=NOW)
    for account, score in ((cast.yunshan, 20), (cast.songtao, 80)):
        HealthScore.objects.create(
            account=account,
            day=NOW.date(),
            model=model,
            score=score,
            raw=score,
            band="red",
            coverage=1,
            computed_at=NOW,
        )
    found = effects()
    assert found[cast.yunshan.pk] == pytest.approx(0.05 * 80 / 50)
    assert found[cast.songtao.pk] == pytest.approx(0.05 * 20 / 50)


@given(
    risks=st.dictionaries(st.integers(1, 50), st.floats(0.001, 0.999), min_size=1),
    share=st.floats(0, 1),
    chance=st.booleans(),
)
def test_no_play_is_thought_to_keep_more_in_all_than_was_measured(risks, share, chance) -> None:
    danger = Danger(by_account=risks, probability=chance)
    usual = danger.usual(risks)
    kept = [share_kept(share=share, account=one, danger=danger, usual=usual) for one in risks]
    assert sum(kept) <= share * len(risks) + 1e-9
    assert all(0 <= one <= (risks[n] if chance else 1) for n, one in zip(risks, kept, strict=True))


@pytest.mark.django_db
def test_the_outcome_adds_up_what_the_plan_expected(cast, keeps, contracts) -> None:
    warned({cast.yunshan.pk: 0.3, cast.songtao.pk: 0.1})
    expected = {one.account_id: float(one.value) * one.effect for one in candidates(at=NOW)}
    errors = {one.account_id: float(one.value) * one.effect_se for one in candidates(at=NOW)}
    assert len(expected) == 2 and all(expected.values())
    for account in expected:
        propose_play(
            play_id=keeps.pk, account_id=account, assignee_id=cast.song.pk, by=SYSTEM, at=NOW, origin="x"
        )
    Risk.objects.all().delete()  # what it was on that day is kept with the runs
    found = outcome_of(keeps, at=NOW)
    assert float(found.gained) == pytest.approx(sum(expected.values()), rel=1e-6)
    low = sum(expected.values()) - 1.96 * sum(errors.values())
    assert float(found.gained_low) == pytest.approx(low, rel=1e-6) and found.unweighed == 0
    note_minutes(run=PlayRun.objects.first(), minutes=120, by=SYSTEM, at=NOW)
    hour = outcome_of(keeps, at=NOW).per_hour
    assert (
        float(hour[0]) == pytest.approx(sum(expected.values()) / 2, rel=1e-6) and hour[1] < hour[0] < hour[2]
    )


@pytest.mark.django_db
def test_whose_risk_was_not_kept_counts_as_usual_and_the_page_says_so(cast, keeps, contracts) -> None:
    open_run(
        play=keeps, account=cast.yunshan, origin="x", stake=Stake(value=Decimal(100_000)), by=SYSTEM, at=NOW
    )
    found = outcome_of(keeps, at=NOW)
    assert float(found.gained) == pytest.approx(5_000) and found.unweighed == 1
    page = cast.client("mei").get("/plays/keeps/").content.decode()
    assert "Of 1 account the risk at that time is not known" in page and "Revenue kept, a year" in page
    answer = cast.rest("mei").get("/api/v1/plays/keeps/outcome").json()
    assert (answer["unweighed"], answer["aim"], float(answer["gained"])) == (1, "keep", pytest.approx(5_000))
    change_play(play=keeps, aim="gain", by=SYSTEM, at=NOW)
    assert outcome_of(keeps, at=NOW).unweighed == 0
    page = cast.client("mei").get("/plays/keeps/").content.decode()
    assert "whatever its risk" in page and "Revenue gained, a year" in page


STAKES = st.dictionaries(
    st.integers(1, 40),
    st.builds(
        Stake, value=st.decimals(0, 10**6, places=2), danger=st.none() | st.floats(0.001, 0.999), chance=st.booleans()
    ),
)  # fmt: skip


@given(stakes=STAKES, share=st.floats(-1, 1))
def test_what_was_kept_is_the_plans_rule_account_by_account(stakes, share) -> None:
    total = 0.0
    for chance in (True, False):
        mine = {n: one for n, one in stakes.items() if one.danger is not None and one.chance == chance}
        danger = Danger(by_account={n: one.danger for n, one in mine.items()}, probability=chance)
        for n, one in mine.items():
            kept = share_kept(share=abs(share), account=n, danger=danger, usual=danger.usual(mine))
            total += kept * float(one.value)
    total += sum(abs(share) * float(one.value) for one in stakes.values() if one.danger is None)
    found = float(revenue_of(stakes, share=abs(share), weighs=True))
    assert found == pytest.approx(total, rel=1e-5, abs=0.1)
    if share < 0:
        assert revenue_of(stakes, share=share, weighs=True) <= 0, "harm is not hidden"


@given(stakes=STAKES, share=st.floats(-1, 1))
def test_what_is_gained_is_the_same_share_of_everybody(stakes, share) -> None:
    value = float(sum((one.value for one in stakes.values()), Decimal(0)))
    found = float(revenue_of(stakes, share=share, weighs=False))
    assert found == pytest.approx(share * value, rel=1e-5, abs=0.1)
