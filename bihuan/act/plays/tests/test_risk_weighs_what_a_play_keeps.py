"""What a play is expected to keep follows the account's risk; what it gains does not."""

from decimal import Decimal

import pytest
from cast import NOW, SYSTEM
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.plays.actions import add_play, change_play, switch_play
from bihuan.act.plays.models import Play
from bihuan.act.plays.queries import candidates
from bihuan.act.plays.rules import Danger, share_kept
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
