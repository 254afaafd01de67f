"""The rule of a kind of signal in words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from bihuan.base.wording import Named, noun_in_words
from bihuan.foresee.signals.models import KindOfSignal
from bihuan.foresee.signals.queries.words import sentence_of
from bihuan.foresee.signals.rules import KindError, Wanted, filled, read_kind
from bihuan.understand.segments.queries import names_of, rule_in_words

#: What products, regions and features have beside measures and behaviour.
OWN: Mapping[str, Named] = {
    "product.name": Named(title=_("name of the product"), kind="text"),
    "product.key": Named(title=_("key of the product"), kind="text"),
    "region.name": Named(title=_("name of the region"), kind="text"),
    "region.key": Named(title=_("key of the region"), kind="text"),
    "region.accounts": Named(title=_("customers of the region")),
    "region.people": Named(title=_("people of the region")),
    "feature.name": Named(title=_("name of the feature"), kind="text"),
}


def kind_in_words(kind: KindOfSignal) -> str:
    """What is looked for, in the reader's language; empty for a kind without a rule, or when a part of it has no words."""
    wanted = _read(kind)
    return wanted_in_words(wanted) if wanted is not None else ""


def sentence_in_words(kind: KindOfSignal) -> str:
    """Its sentence with the name of each number in the place of the number; what is computed is "…"."""
    wanted = _read(kind)
    if wanted is None:
        return sentence_of(kind)
    names = names_of(behaviour=wanted.behaviour, back=wanted.against, own=OWN)
    return filled(sentence_of(kind), write=lambda how, text: f"[{noun_in_words(text, names=names) or '…'}]")


def _read(kind: KindOfSignal) -> Wanted | None:
    try:
        return read_kind(about=kind.about, rule=kind.rule, behaviour=kind.behaviour, against=kind.against)
    except KindError:
        return None


def wanted_in_words(wanted: Wanted) -> str:
    """The same of a kind that is read."""
    return rule_in_words(wanted.rule, behaviour=wanted.behaviour, back=wanted.against, own=OWN)
