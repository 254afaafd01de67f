"""What happens with metrics, as facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class MetricSaved(Fact):
    """A metric of one's own was defined or is defined differently now; `before` is empty for a new one."""

    title = gettext_lazy("Metric saved")
    metric: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class MetricRemoved(Fact):
    """A metric of one's own is gone; its targets and alarms are kept."""

    title = gettext_lazy("Metric removed")
    metric: str


@dataclass(frozen=True, kw_only=True)
class MetricTargetSet(Fact):
    """A metric shall reach this from a day on; None: nothing any more."""

    title = gettext_lazy("Target set")
    metric: str
    value: float | None
    from_day: str


@dataclass(frozen=True, kw_only=True)
class MetricAlertSaved(Fact):
    """When to alarm was added, changed, paused or taken up again."""

    title = gettext_lazy("Metric alert saved")
    alert_id: int
    metric: str
    rule: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class ProductStagesCounted(Fact):
    """The numbers of products as of a day were counted and are kept."""

    title = gettext_lazy("Product stages counted")
    day: str
    product_ids: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class ProductStageMoved(Fact):
    """The numbers of a product say another stage than those kept before; "" where nothing is known."""

    title = gettext_lazy("Product came into another stage")
    product_id: int
    day: str
    before: str
    stage: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ProductStageOverridden(Fact):
    """Somebody set the stage of a product, with a reason."""

    title = gettext_lazy("Product stage set")
    product_id: int
    override_id: int
    stage: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductStageOverrideEnded(Fact):
    """The stage that the numbers say counts again."""

    title = gettext_lazy("Product stage follows the numbers again")
    product_id: int


@dataclass(frozen=True, kw_only=True)
class MetricAlerted(Fact):
    """A metric is out of order: `side` of `bound` on the day."""

    title = gettext_lazy("Metric out of order")
    alert_id: int
    metric: str
    rule: str
    day: str
    side: str
    value: float
    bound: float
