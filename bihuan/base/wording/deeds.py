"""How often something was done, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.wording.known import Deed
from bihuan.base.wording.shapes import one_of
from bihuan.base.wording.values import figure, quoted


def noun(deed: Deed) -> str:
    """ "number of “export” in 28 days"."""
    shape = _("days with %(what)s %(period)s") if deed.daily else _("number of %(what)s %(period)s")
    return shape % {"what": _what(deed), "period": _period(deed)}


def before(deed: Deed) -> str:
    """When it was, after "against"."""
    if deed.back == deed.days:
        return ngettext("the %(days)s day before", "the %(days)s days before", deed.days) % {
            "days": figure(deed.days)
        }
    return ngettext("%(days)s day earlier", "%(days)s days earlier", deed.back) % {"days": figure(deed.back)}


def compared(deed: Deed, sign: str, number: float) -> str:
    """ "“export” at least 3 times in 28 days". What is counted is whole, so that more than 2 is at least 3."""
    whole = float(number).is_integer()
    if sign == ">" and whole:
        sign, number = ">=", number + 1
    if sign == "<" and whole:
        sign, number = "<=", number - 1
    if sign == "<=" and number == 0:
        sign = "=="
    if sign == "==" and number == 0:
        return _said(deed, _("%(what)s not once %(period)s"), _("no day with %(what)s %(period)s"))
    if sign == ">=" and number == 1:
        return _said(
            deed, _("%(what)s at least once %(period)s"), _("at least one day with %(what)s %(period)s")
        )
    times = {
        "==": _("%(what)s exactly %(n)s times %(period)s"), "!=": _("%(what)s not exactly %(n)s times %(period)s"),
        "<": _("%(what)s less than %(n)s times %(period)s"), "<=": _("%(what)s at most %(n)s times %(period)s"),
        ">": _("%(what)s more than %(n)s times %(period)s"), ">=": _("%(what)s at least %(n)s times %(period)s"),
    }  # fmt: skip
    days = {
        "==": _("exactly %(n)s days with %(what)s %(period)s"), "!=": _("not exactly %(n)s days with %(what)s %(period)s"),
        "<": _("less than %(n)s days with %(what)s %(period)s"), "<=": _("at most %(n)s days with %(what)s %(period)s"),
        ">": _("more than %(n)s days with %(what)s %(period)s"), ">=": _("at least %(n)s days with %(what)s %(period)s"),
    }  # fmt: skip
    return _said(deed, times[sign], days[sign], n=figure(number))


def between(deed: Deed, *, low: float, high: float) -> str:
    """From so often to so often."""
    return _said(
        deed, _("%(what)s %(low)s to %(high)s times %(period)s"), _("%(low)s to %(high)s days with %(what)s %(period)s"),
        low=figure(low), high=figure(high),
    )  # fmt: skip


def _said(deed: Deed, times: str, days: str, **numbers: str) -> str:
    return (days if deed.daily else times) % {"what": _what(deed), "period": _period(deed), **numbers}


def _what(deed: Deed) -> str:
    what = one_of(quoted(one) for one in deed.what) if deed.what else _("product events")
    return _("%(what)s (where %(rule)s)") % {"what": what, "rule": deed.where} if deed.where else what


def _period(deed: Deed) -> str:
    days = figure(deed.days)
    if not deed.back:
        return ngettext("in %(days)s day", "in %(days)s days", deed.days) % {"days": days}
    if deed.back == deed.days:
        return ngettext("in the %(days)s day before", "in the %(days)s days before", deed.days) % {
            "days": days
        }
    return ngettext("in %(days)s day, %(back)s days earlier", "in %(days)s days, %(back)s days earlier", deed.days) % {
        "days": days, "back": figure(deed.back)}  # fmt: skip
