"""How health looks on our pages: bands with colour, shape and label; what a card keeps of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import html
from bihuan.foresee.health.queries import COLOURS, SHAPES, active_model, current_health, reasons

UNKNOWN = "unknown"
BANDS = {
    "green": _("Healthy"),
    "amber": _("Watch"),
    "red": _("Endangered"),
    UNKNOWN: _("Unknown"),
}


@dataclass(frozen=True, kw_only=True)
class HealthNow:
    """An account's health for its card. `reasons` is what `reasons_in_words` turns into sentences."""

    score: float | None = None
    band: str = UNKNOWN
    delta: float | None = None
    reasons: list[Any] = field(default_factory=list)


def health_by_account(*, account_ids: Iterable[int] | None = None) -> dict[int, HealthNow]:
    """The health that counts now, of every account that was ever scored."""
    active = active_model()
    if active is None:
        return {}
    row, model = active
    return {
        account_id: HealthNow(
            score=health.score,
            band=health.band,
            delta=health.delta,
            reasons=reasons(model=model, parts=health.parts, floor=health.floor)
            if health.version == row.version
            else [],
        )
        for account_id, health in current_health(account_ids=account_ids).items()
    }


def badge(band: str, score: float | None, *, language: str | None = None) -> SafeString:
    """The band with colour, shape and label, and the score in front. `language` is the reader's, when it is known."""
    known = band if band in BANDS else UNKNOWN
    return badge_of(known, None if score is None else round(score), language or get_language())


@lru_cache(maxsize=1024)
def badge_of(band: str, score: int | None, language: str | None) -> SafeString:
    """The same, remembered. `language` is the reader's."""
    return html.band(BANDS[band], colour=COLOURS[band], shape=SHAPES[band], score=score)
