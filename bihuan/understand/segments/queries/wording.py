"""What the names of a rule over accounts and people are called, and such a rule in words."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bihuan.base.measures import measures
from bihuan.base.wording import Deed, Known, Named, Names, in_words
from bihuan.know.accounts.models import Account, Person, Stage, Tier
from bihuan.know.chain.models import ChainMember, ChainRole
from bihuan.understand.engine.scope import Selector
from bihuan.understand.engine.segment import Behaviour
from bihuan.understand.segments.queries.units import CHAIN, CHAIN_NUMBERS

MEASURED = ("m", "measure")


def rule_in_words(
    rule: str, *, behaviour: Iterable[Behaviour] = (), back: int = 0, own: Mapping[str, Named] | None = None
) -> str:
    """The rule as a sentence in the reader's language; empty when a part of it has no words.

    `behaviour` is what `behaviour.<name>` counts, `back` how many days `before.<name>` lies back, `own` what else is known
    by its full name, such as "region.people".
    """
    return in_words(rule, names=names_of(behaviour=behaviour, back=back, own=own or {}))


def names_of(*, behaviour: Iterable[Behaviour] = (), back: int = 0, own: Mapping[str, Named]) -> Names:
    """Every name that such a rule may speak of."""
    counted = {one.name: one for one in behaviour}

    def known(path: tuple[str, ...]) -> Known | None:
        whose, *rest = path
        name = ".".join(rest)
        if (found := own.get(".".join(path))) is not None:
            return found
        if whose in MEASURED:
            return _measure(name)
        if whose == "behaviour":
            return _deed(counted[name], back=0) if name in counted else None
        if whose == "before":
            return _deed(counted[name], back=back) if name in counted else _earlier(name, back)
        if whose == "chain":
            return _in_chain(name)
        if whose in ("account", "person") and name:
            return _field(whose, name)
        return None

    return known


def _measure(name: str) -> Named | None:
    found = measures().get(name)
    return None if found is None else Named(title=found.title, kind=found.kind, change=found.change)


def _earlier(name: str, back: int) -> Named | None:
    now = measures().get(name)
    if now is None:
        return None
    then = ngettext("%(days)s day ago", "%(days)s days ago", back) % {"days": back}
    title = gettext("%(title)s %(then)s") % {"title": now.title, "then": then}
    return Named(title=title, kind=now.kind, earlier=f"m.{name}", then=then)


def _deed(behaviour: Behaviour, *, back: int) -> Deed:
    selector = behaviour.selector
    return Deed(
        what=(selector.label,) if selector.label else selector.events, where="" if selector.label else _where(selector),
        days=behaviour.days, back=back, daily=behaviour.count == "days",
    )  # fmt: skip


def _where(selector: Selector) -> str:
    """The rule over the properties of an event in words; one that has none stands as it is written."""
    return in_words(selector.where, names=_of_event) or selector.where if selector.where else ""


def _of_event(path: tuple[str, ...]) -> Known | None:
    whose, *rest = path
    if whose == "props" and rest:
        return Named(title=gettext("“%(text)s”") % {"text": ".".join(rest)}, kind="number")
    return Named(title=OF_EVENTS[whose]) if whose in OF_EVENTS and not rest else None


def _in_chain(name: str) -> Named | None:
    if name in CHAIN:
        return _measure(CHAIN[name])
    if name in CHAIN_NUMBERS:
        return Named(title=_title(ChainMember, name))
    if name in ChainRole.values:
        role = str(ChainRole(name).label)
        return Named(
            title=role, present=gettext("In the decision chain as %(role)s") % {"role": role},
            absent=gettext("Not in the decision chain as %(role)s") % {"role": role},
        )  # fmt: skip
    return None


def _field(whose: str, name: str) -> Named:
    """A field of an account or a person; a name that no model has is an imported property."""
    if (whose, name) in FIELDS:
        return FIELDS[whose, name]
    return Named(title=gettext("property “%(name)s”") % {"name": name.removeprefix("props.")}, kind="number")


def _title(model: type, name: str) -> str | Promise:
    found: str | Promise = model._meta.get_field(name).verbose_name  # type: ignore[attr-defined]
    return found


def _fields(model: type, *names: str) -> dict[str, Named]:
    return {name: Named(title=_title(model, name), kind="text") for name in names}


OF_EVENTS: Mapping[str, str | Promise] = {
    "name": _("name of the event"), "ts": _("time of the event"), "distinct_id": _("distinct id"),
    "person_id": _("person"), "account_id": _("account"),
}  # fmt: skip
FIELDS: Mapping[tuple[str, str], Named] = {
    ("account", name): named
    for name, named in {
        **_fields(Account, "name", "industry", "country", "city", "region", "key"),
        "tier": Named(title=_("tier of the customer"), kind="text", choices=dict(Tier.choices)),
        "stage": Named(title=_title(Account, "stage"), kind="text", choices=dict(Stage.choices)),
        "size": Named(title=_title(Account, "size")),
        "signed_up_on": Named(title=_title(Account, "signed_up_on"), kind="date"),
        "owner": Named(title=_("owner of the customer"), kind="text"),
        "owner_left": Named(title=_("owner who left"), kind="text", present=_("The owner of the customer has left us"),
                            absent=_("The owner of the customer is still with us")),
    }.items()
} | {
    ("person", name): named
    for name, named in {
        **_fields(Person, "title", "key"),
        "name": Named(title=_("name of the person"), kind="text"),
        "anonymous": Named(title=_("anonymous"), present=_("The person is anonymous"), absent=_("The person is known by name")),
    }.items()
}  # fmt: skip
