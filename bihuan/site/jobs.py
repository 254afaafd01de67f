"""Keeping the cards fresh."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.site.cards import refresh_cards


@job("site.refresh_cards", title=_("Refresh the customer lists"), every="*/30 * * * *")
def refresh(run: Run) -> None:
    """Every card, every half hour; single accounts follow their events sooner (reactions)."""
    run.result({"accounts": refresh_cards(at=run.at)})
