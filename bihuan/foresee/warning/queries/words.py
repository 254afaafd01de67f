"""The early warning in words: features, reasons, what would change a risk, verdicts and why a model stands where it stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.measures import measures
from bihuan.base.ui import formats
from bihuan.foresee.health.queries import sentence, written
from bihuan.foresee.signals.queries import SignalKind, register_kind
from bihuan.foresee.warning import rules
from bihuan.foresee.warning.models import Risk, RiskModel

#: Why a feature is left out: it says nothing, it tells the loss, or its source does not know since when its values hold; then
#: the columns follow.
EMPTY, LEAK, UNDATED = "empty", "leak", "undated"
RISK_HIGH = "risk_high"
#: As signals grade them: 1 is worth knowing, 2 needs somebody.
GRAVE = 2


def feature_title(name: str, *, horizon: int) -> str:
    """What a feature is called."""
    if name == rules.SOON:
        return _("Contract anniversary within %(n)d days") % {"n": horizon}
    known = measures().get(name.removesuffix(rules.ENDING))
    title = str(known.title) if known is not None else name
    return _("%(measure)s against own past") % {"measure": title} if name.endswith(rules.ENDING) else title


def feature_in_words(name: str, value: float, *, horizon: int) -> str:
    """A feature's value: "Days without use 34 days", "Active people −40 % against its own past"."""
    if name == rules.SOON:
        if value > 0:
            return _("The contract's anniversary falls within %(n)d days") % {"n": horizon}
        return _("The contract's anniversary is more than %(n)d days away") % {"n": horizon}
    if name.endswith(rules.ENDING):
        known = measures().get(name.removesuffix(rules.ENDING))
        if known is None:
            return name
        return _("%(measure)s %(change)s against its own last three months") % {
            "measure": known.title, "change": change_in_words(value),
        }  # fmt: skip
    return sentence(name, value)


def change_in_words(value: float) -> str:
    """A change as a signed percentage."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{formats.percent(abs(value), 0)}"


def risk_reasons_in_words(row: Risk) -> list[str]:
    """What raises the risk most, the gravest first."""
    return [feature_in_words(name, value, horizon=row.model.horizon) for name, value, _adds in row.reasons]


def changes_in_words(row: Risk) -> list[str]:
    """What the team could move, and the risk that the model would say then."""
    return [
        _("%(measure)s from %(now)s to %(then)s: risk %(risk)s instead of %(before)s") % {
            "measure": measures()[name].title, "now": written(measures()[name].kind, now),
            "then": written(measures()[name].kind, then), "risk": formats.percent(risk, 1),
            "before": formats.percent(row.probability, 1),
        }
        for name, now, then, risk in row.changes if name in measures()
    ]  # fmt: skip


def candidate_title(name: str) -> str:
    """What a candidate is called."""
    return {"naive": _("Days without use alone"), "logistic": _("Logistic regression"),
            "trees": _("Gradient boosting")}.get(name, name)  # fmt: skip


def verdict_in_words(row: RiskModel | None) -> str:
    """What the backtest says, in a sentence or two with its numbers."""
    told: Mapping[str, Any] = row.backtest if row is not None else {}
    if row is None:
        return _("No model has been trained yet. Accounts are ranked by health, without a probability.")
    if not told:
        return _("Too little signal: no past day has enough losses before it to learn from. Accounts are ranked by health, "
                 "without a probability.")  # fmt: skip
    best = told["candidates"][told["chosen"]]
    words = {"n": told["positives"], "auc": formats.number(best["auc"], 2), "low": formats.number(best["low"], 2),
             "high": formats.number(best["high"], 2), "least": 30}  # fmt: skip
    if row.verdict == "few":
        return _("Too little signal: %(n)d losses on the judged days, fewer than %(least)d. Accounts are ranked by health, "
                 "without a probability.") % words  # fmt: skip
    if row.verdict == "weak":
        return _("Too little signal: the AUC is %(auc)s, and it may be as low as %(low)s (95 %% interval %(low)s to %(high)s); "
                 "above 0.55 is needed. Accounts are ranked by health, without a probability.") % words  # fmt: skip
    capacity, lead = told["capacity"], told["lead"]
    words |= {
        "share": formats.percent(capacity["precision"], 0), "base": formats.percent(capacity["base"], 0),
        "found": formats.percent(capacity["recall"], 0),
        "lead": formats.number(lead["median"], 0) if lead["median"] is not None else "–",
    }  # fmt: skip
    return _("Usable: AUC %(auc)s (95 %% interval %(low)s to %(high)s) on %(n)d losses. Of the accounts on the list %(share)s "
             "were lost, of all accounts %(base)s; the lists held %(found)s of the losses, the median %(lead)s days "
             "ahead.") % words  # fmt: skip


def notes_in_words(stored: Iterable[Any]) -> str:
    """Why a model stands where it stands; `stored` is [code, number or text]."""
    code, *rest = [*stored] or [""]
    value = rest[0] if rest else None
    gain = (
        ""
        if not isinstance(value, int | float)
        else f"{'+' if value > 0 else '−' if value < 0 else '±'}{formats.number(abs(value), 3)}"
    )
    texts = {
        "first": _("The first usable model."),
        "other_question": _("The one before answers another question, or a measure that it needs is gone."),
        "better": _("Better than the one before by more than noise on days that neither had learnt from: AUC %(gain)s.")
        % {"gain": gain},
        "not_better": _("Not better than the model in force by more than noise: AUC %(gain)s.") % {"gain": gain},
        "not_comparable": _("Too few losses since the model in force was trained to tell which is better."),
        "too_little": _("Too little signal: health stands in."),
        "replaced": _("Replaced by model %(n)s.") % {"n": value},
        "chosen": _("Put in force by hand."),
        "declined": _("Declined: the model in force was kept."),
    }  # fmt: skip
    return texts.get(str(code), str(code))


def _risk_high(signal: Any, metrics: Any) -> str:
    seen = signal.seen
    horizon = int(seen.get("horizon", 0))
    reasons = [
        feature_in_words(name, value, horizon=horizon) for name, value, _adds in seen.get("reasons", [])
    ]
    words = {"risk": formats.percent(seen.get("risk"), 0), "n": horizon, "rank": seen.get("rank")}
    text = _("Risk %(risk)s of being lost within %(n)d days, place %(rank)s of all customers.") % words
    return f"{text} {_('; ').join(reasons)}" if reasons else text


register_kind(SignalKind(
    name=RISK_HIGH, title=gettext_lazy("High risk of loss"), icon="alert-triangle", say=_risk_high, severity=GRAVE,
))  # fmt: skip


def definition_of(row: RiskModel) -> list[str]:
    """The lines under a backtest: what exactly was counted."""
    told, card = row.backtest, row.card
    return [
        _("Rows: every paying customer on a day every %(step)d days, with what was known by the end of that day; customers "
          "already gone are out.") % {"step": card["step"]},
        _("Loss: within %(n)d days, at their end, at least %(share)d %% less revenue a month than on the day. A renewal signed "
          "late but within them is none. The day of a loss is known to %(check)d days.")
        % {"n": row.horizon, "share": card["contraction"], "check": card["check"]},
        _("Split by time: what is judged on a day has learnt only from days whose horizon had passed by then. The last twelve "
          "days that can be judged are."),
        _("AUC interval: 95 %, clustered by customer, for each stands in it on many days."),
        _("List: the %(list)d highest risks of each day, which is %(weekly)d customers a week.")
        % {"list": told["capacity"]["list"], "weekly": told["capacity"]["weekly"]},
        _("Choice: the simplest candidate that no more complex one beats by more than noise."),
        _("Too little signal: fewer than 30 losses, or the lower bound of the AUC is not above 0.55. Then health stands in."),
    ]  # fmt: skip


def column_title(column: str) -> str:
    """What a column, as table.column, is called on forms; as it is written when its room is gone."""
    table, _dot, name = column.partition(".")
    for model in apps.get_models():
        if model._meta.db_table == table:
            return next(
                (str(field.verbose_name) for field in model._meta.concrete_fields if field.column == name),
                column,
            )
    return column


def left_out_in_words(why: str) -> str:
    """Why a feature was not learnt from."""
    if why == EMPTY:
        return _("No value, or the same for everybody.")
    reason, *columns = why.split(" ")
    if reason == UNDATED:
        return _("Only the present value is known, not since when: %(columns)s.") % {
            "columns": formats.listed(column_title(one) for one in columns)
        }
    return _("It tells the loss almost alone, so it can hardly have been known before.")
