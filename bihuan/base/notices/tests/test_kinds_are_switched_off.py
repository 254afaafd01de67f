"""Who switches a kind of notice off is told of it no more; what they were not asked about stays as it was."""

import pytest
from cast import NOW, SYSTEM

from bihuan.base.notices.actions import choose_kinds, notify
from bihuan.base.notices.models import Notice, SwitchedOff

pytestmark = pytest.mark.django_db


def tell(user: int, kind: str) -> int:
    return notify(users=[user], kind=kind, args={}, url="/", by=SYSTEM, at=NOW)


def test_it_works(cast) -> None:
    choose_kinds(wanted=["work.given"], by=cast.actor("song"), at=NOW)
    assert tell(cast.song.pk, "work.late") == 0
    assert tell(cast.song.pk, "work.given") == 1
    choose_kinds(wanted=["work.late"], by=cast.actor("song"), at=NOW)
    assert tell(cast.song.pk, "work.late") == 1
    assert tell(cast.song.pk, "work.given") == 0
    assert list(Notice.objects.values_list("kind", flat=True)) == ["work.late", "work.given"]


def test_a_kind_that_was_not_offered_is_not_switched_off(cast) -> None:
    """Whoever is made an administrator later hears of webhooks, though they saved their settings before."""
    choose_kinds(wanted=[], by=cast.actor("song"), at=NOW)
    assert not SwitchedOff.objects.filter(kind="webhooks.off").exists()
    choose_kinds(wanted=[], by=cast.actor("root"), at=NOW)
    assert SwitchedOff.objects.filter(user=cast.root, kind="webhooks.off").count() == 1
