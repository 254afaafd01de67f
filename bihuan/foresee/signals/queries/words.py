"""Kinds of signals and their words, and the open ones that concern somebody."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.measures import measures
from bihuan.base.metrics import Metric
from bihuan.base.ui.nav import Text
from bihuan.foresee.health.queries import figure, written
from bihuan.foresee.signals.models import KindOfSignal, Severity, Signal
from bihuan.foresee.signals.rules import KindError, Wanted, filled, read_kind
from bihuan.know.accounts.models import AccountTeam
from bihuan.understand.metrics.queries import known_metrics, out_of_order

METRIC_ALERT = "metric_alert"
HEALTH_FELL = "health_fell"
SEVERITY_KINDS = {Severity.INFO: "info", Severity.WARNING: "warn", Severity.CRITICAL: "bad"}
Metrics = Mapping[str, Metric]


@dataclass(frozen=True, kw_only=True)
class SignalKind:
    """A kind that rooms raise: `say` puts the numbers that a signal saw into words, given every metric by key."""

    name: str
    title: Text
    icon: str
    say: Callable[[Signal, Metrics], str]
    severity: int = Severity.WARNING


@dataclass(frozen=True, kw_only=True)
class Told:
    """A signal in words: its kind, what was seen, and what it is about with its address (empty when it is gone)."""

    signal: Signal
    title: str
    icon: str
    said: str
    subject: str
    url: str

    @property
    def grave(self) -> str:
        """How its severity is coloured."""
        return SEVERITY_KINDS[Severity(self.signal.severity)]


_kinds: dict[str, SignalKind] = {}


def register_kind(kind: SignalKind) -> SignalKind:
    """Make a kind known; a second one of the name is an error."""
    if kind.name in _kinds:
        raise ValueError(f"the kind of signal {kind.name!r} is registered twice")
    _kinds[kind.name] = kind
    return kind


def kinds() -> dict[str, SignalKind]:
    """Every kind that rooms raise, by name (a copy)."""
    return dict(_kinds)


def titles() -> dict[str, str]:
    """The title of every kind, raised by rooms or looked for, in the reader's language."""
    own = {row.key: title_of(row) for row in KindOfSignal.objects.exclude(title="")}
    return {name: str(kind.title) for name, kind in _kinds.items()} | own


def title_of(row: KindOfSignal) -> str:
    """In the reader's language, when the kind ships with the product."""
    return gettext(row.title) if row.shipped and row.title else row.title


def sentence_of(row: KindOfSignal) -> str:
    """The sentence with its braces, in the reader's language when the kind ships with the product."""
    return gettext(row.sentence) if row.shipped and row.sentence else row.sentence


def told(signals: Iterable[Signal]) -> list[Told]:
    """In the reader's language, with subjects as they are called now. A kind that is gone reads as it was named."""
    rows, metrics = list(signals), known_metrics()
    wanted = {row.kind for row in rows}
    described = {row.key: row for row in KindOfSignal.objects.filter(key__in=wanted)} if wanted else {}
    found = []
    for row in rows:
        kind, own = _kinds.get(row.kind), described.get(row.kind)
        subject, url = _subject(row, metrics)
        title = title_of(own) if own is not None and own.title else str(kind.title) if kind else row.kind
        said = kind.say(row, metrics) if kind else in_words(own, row.seen)
        found.append(
            Told(
                signal=row,
                title=title,
                icon=kind.icon if kind else "bell",
                said=said,
                subject=subject,
                url=url,
            )
        )
    return found


def in_words(kind: KindOfSignal | None, seen: Mapping[str, Any]) -> str:
    """What was seen, in a sentence: the kind's own, else every number with its name."""
    sentence = sentence_of(kind) if kind is not None else ""
    if sentence:
        return filled(sentence, write=lambda how, text: number_in_words(text, seen.get(text), how=how))
    return gettext("; ").join(
        f"{name_of(text)} {number_in_words(text, value)}" for text, value in seen.items()
    )


def name_of(text: str) -> str:
    """What a column is called: the title of its measure, and whether it is from before."""
    whose, _dot, name = text.partition(".")
    measure = measures().get(name)
    title = str(measure.title) if measure is not None else name
    return gettext("%(name)s before") % {"name": title} if whose == "before" else title


def number_in_words(text: str, value: Any, *, how: str = "") -> str:
    """A value as `how` says, else as the measure of its column is written."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if how == "fall":
        return written("percent", -abs(value))
    measure = measures().get(text.partition(".")[2])
    kind = how or (measure.kind if measure is not None else "number")
    if kind == "percent":
        places = 1 if abs(value) < 0.1 else 0
        return gettext("%(number)s %%") % {"number": figure(value * 100, places)}
    return written(kind, value)


def _subject(signal: Signal, metrics: Metrics) -> tuple[str, str]:
    if signal.person is not None:
        return str(signal.person), reverse("accounts:person", args=[signal.person.pk])
    if signal.account is not None:
        return str(signal.account), reverse("site:account", args=[signal.account.pk])
    if signal.product is not None:
        return str(signal.product), reverse("metrics:product", args=[signal.product.pk])
    if signal.region is not None:
        return str(signal.region), f"{reverse('site:accounts')}?region={signal.region.pk}"
    metric = metrics.get(signal.metric)
    return (str(metric.title), reverse("metrics:metric", args=[metric.key])) if metric else (signal.about, "")


def open_for(actor: Actor, *, most: int) -> tuple[list[Signal], int]:
    """(the open ones that concern somebody, the gravest first, how many there are): those that they own, those of the accounts
    they serve, and those about every account when they see all. Who serves none is concerned by all of the territory."""
    rows = Signal.objects.visible_to(actor).open()
    own = AccountTeam.objects.filter(staff=actor.user_id).values("account_id")
    if actor.user_id is not None and own.exists():
        rows = rows.filter(Q(account__in=own) | Q(account=None) | Q(owner_id=actor.user_id))
    shown = rows.select_related(*SUBJECTS).order_by("-severity", "-raised_at", "-id")[:most]
    return list(shown), rows.count()


SUBJECTS = ("account", "person", "product", "region", "owner")


def _alert(signal: Signal, metrics: Metrics) -> str:
    seen, metric = signal.seen, metrics.get(signal.metric)
    if metric is None:
        return ""
    return out_of_order(
        metric, side=str(seen["side"]), value=float(seen["value"]), bound=float(seen["bound"])
    )


def _fell(signal: Signal, metrics: Metrics) -> str:
    score = signal.seen.get("score")
    if score is None:
        return gettext("Health is endangered now.")
    return gettext("Health fell to %(score)s: endangered.") % {"score": figure(float(score), 0)}


register_kind(SignalKind(name=METRIC_ALERT, title=_("Metric out of order"), icon="bell", say=_alert))
register_kind(
    SignalKind(
        name=HEALTH_FELL,
        title=_("Health endangered"),
        icon="heartbeat",
        say=_fell,
        severity=Severity.CRITICAL,
    )
)


def kinds_looked_for(keys: Iterable[str]) -> list[Wanted]:
    """The kinds of these keys that have a rule, read; those of rooms, unknown ones and broken ones are left out."""
    found = []
    for row in KindOfSignal.objects.filter(key__in=list(keys)).exclude(rule="").order_by("key"):
        try:
            found.append(
                read_kind(about=row.about, rule=row.rule, behaviour=row.behaviour, against=row.against)
            )
        except KindError:
            continue
    return found


def kinds_hidden_from(actor: Actor) -> set[str]:
    """The kinds whose signals the actor may not see wherever they are about."""
    needed = KindOfSignal.objects.exclude(needs="").values_list("key", "needs")
    return {key for key, permission in needed if not actor.may(permission)}
