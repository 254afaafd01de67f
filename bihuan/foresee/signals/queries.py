"""Kinds of signals and their words, and the open ones that concern somebody."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.metrics import Metric
from bihuan.base.ui.nav import Text
from bihuan.foresee.signals.models import Signal
from bihuan.know.accounts.models import AccountTeam
from bihuan.understand.metrics.queries import known_metrics, out_of_order

METRIC_ALERT = "metric_alert"
Metrics = Mapping[str, Metric]


@dataclass(frozen=True, kw_only=True)
class SignalKind:
    """A kind that rooms raise: `say` puts the numbers that a signal saw into words, given every metric by key."""

    name: str
    title: Text
    icon: str
    say: Callable[[Signal, Metrics], str]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A signal in words: its kind, what was seen, and what it is about with its address (empty when it is gone)."""

    signal: Signal
    title: str
    icon: str
    said: str
    subject: str
    url: str


_kinds: dict[str, SignalKind] = {}


def register_kind(kind: SignalKind) -> SignalKind:
    """Make a kind known; a second one of the name is an error."""
    if kind.name in _kinds:
        raise ValueError(f"the kind of signal {kind.name!r} is registered twice")
    _kinds[kind.name] = kind
    return kind


def kinds() -> dict[str, SignalKind]:
    """Every kind by name (a copy)."""
    return dict(_kinds)


def told(signals: Iterable[Signal]) -> list[Told]:
    """In the reader's language, with subjects as they are called now. A kind that is gone reads as it was named."""
    rows, metrics = list(signals), known_metrics()
    found = []
    for row in rows:
        kind = _kinds.get(row.kind)
        subject, url = _subject(row, metrics)
        found.append(Told(
            signal=row, title=str(kind.title) if kind else row.kind, icon=kind.icon if kind else "bell",
            said=kind.say(row, metrics) if kind else "", subject=subject, url=url,
        ))  # fmt: skip
    return found


def _subject(signal: Signal, metrics: Metrics) -> tuple[str, str]:
    if signal.account is not None:
        return str(signal.account), reverse("site:account", args=[signal.account.pk])
    if signal.product is not None:
        return str(signal.product), reverse("metrics:product", args=[signal.product.pk])
    metric = metrics.get(signal.metric)
    return (str(metric.title), reverse("metrics:metric", args=[metric.key])) if metric else (signal.about, "")


def open_for(actor: Actor, *, most: int) -> tuple[list[Signal], int]:
    """(the newest open ones that concern somebody, how many there are): those of the accounts they serve, and those about every
    account when they see all. Who serves none is concerned by all of the territory."""
    rows = Signal.objects.visible_to(actor).open()
    own = AccountTeam.objects.filter(staff=actor.user_id).values("account_id")
    if actor.user_id is not None and own.exists():
        rows = rows.filter(Q(account__in=own) | Q(account=None))
    return list(rows.select_related("account", "product")[:most]), rows.count()


def _alert(signal: Signal, metrics: Metrics) -> str:
    seen, metric = signal.seen, metrics.get(signal.metric)
    if metric is None:
        return ""
    return out_of_order(
        metric, side=str(seen["side"]), value=float(seen["value"]), bound=float(seen["bound"])
    )


register_kind(SignalKind(name=METRIC_ALERT, title=_("Metric out of order"), icon="bell", say=_alert))
