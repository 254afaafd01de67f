"""The worker sends deliveries, and clears old ones."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.base.webhooks import actions
from bihuan.base.webhooks.models import Delivery
from bihuan.base.webhooks.watching import send_soon

KEEP = timedelta(days=30)


@job("webhooks.send", title=_("Send webhooks"), every="* * * * *", attempts=1)
def send(run: Run) -> None:
    """What is due; a rest is sent by the next run."""
    sent, rest = actions.send_due(at=run.at)
    run.result({"sent": sent})
    if rest:
        send_soon()


@job("webhooks.sweep", title=_("Clear old deliveries of webhooks"), every="51 3 * * *")
def sweep(run: Run) -> None:
    """Those that are over, after a month."""
    old = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(at__lt=run.at - KEEP)
    gone, _by_model = old.delete()
    run.result({"deleted": gone})
