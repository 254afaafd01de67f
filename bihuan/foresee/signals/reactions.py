"""What raises signals beside the look at every kind: a metric that is out of order, health that fell to endangered."""

from datetime import date

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.foresee.health.events import HealthBandChanged
from bihuan.foresee.signals.actions import raise_signal
from bihuan.foresee.signals.queries import HEALTH_FELL, METRIC_ALERT
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.events import MetricAlerted
from bihuan.understand.metrics.queries import known_metrics


@reaction(MetricAlerted)
def signal_a_metric_out_of_order(fact: MetricAlerted, *, context: Delivery) -> None:
    """One for each metric, brought up to date by each alert and day; a metric that is gone meanwhile is nobody's matter."""
    metric = known_metrics().get(fact.metric)
    if metric is None:
        return
    raise_signal(
        kind=METRIC_ALERT, day=date.fromisoformat(fact.day), origin=f"{METRIC_ALERT}:{fact.alert_id}:{fact.day}",
        about=str(metric.title), metric=fact.metric, needs=metric.permission,
        seen={"rule": fact.rule, "side": fact.side, "value": fact.value, "bound": fact.bound},
        by=system_actor("signals"), at=context.at,
    )  # fmt: skip


@reaction(HealthBandChanged)
def signal_health_that_fell(fact: HealthBandChanged, *, context: Delivery) -> None:
    """When it is endangered now; an account that is gone meanwhile is nobody's matter."""
    account = Account.objects.filter(pk=fact.account_id).first()
    if fact.after != "red" or account is None:
        return
    day = timezone.localdate(context.at)
    raise_signal(
        kind=HEALTH_FELL, day=day, origin=f"{HEALTH_FELL}:{account.pk}:{day}", about=account.name, account=account,
        seen={"score": fact.score, "before": fact.before}, needs="health.view", by=system_actor("signals"), at=context.at,
    )  # fmt: skip
