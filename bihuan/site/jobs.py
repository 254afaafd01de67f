"""Keeping the cards fresh."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.capture.store import StoreNotReady
from bihuan.site.cards import refresh_cards
from bihuan.site.usage import store_answers


@job("site.refresh_cards", title=_("Refresh the customer lists"), every="*/30 * * * *")
def refresh(run: Run) -> None:
    """Every card, every half hour; single accounts follow their events sooner (reactions).

    Without the event store it fails after its work, so that it is tried again soon.
    """
    run.result({"accounts": refresh_cards(at=run.at)})
    if not store_answers():
        raise StoreNotReady("The event store cannot be asked: what the lists say of use is that of before.")
