"""What the fields of facts, and the fields that a fact says changed, are called."""

from collections.abc import Mapping
from functools import lru_cache

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
FIELDS: Mapping[str, Text] = {
    "label": _("label"), "scopes": pgettext_lazy("fact", "may do"), "username": pgettext_lazy("fact", "sign-in name"),
    "called": pgettext_lazy("fact", "name"), "name": pgettext_lazy("fact", "name"), "zone": pgettext_lazy("fact", "time zone"),
    "definition": pgettext_lazy("fact", "definition"), "valid_from": pgettext_lazy("fact", "valid from"),
    "role": pgettext_lazy("fact", "role"), "roles": pgettext_lazy("fact", "roles"), "url": pgettext_lazy("fact", "address"),
    "facts": pgettext_lazy("fact", "told of"), "why": pgettext_lazy("fact", "why"), "reach": pgettext_lazy("fact", "territory"),
    "noun": pgettext_lazy("fact", "what was imported"), "created": pgettext_lazy("fact", "new"),
    "updated": pgettext_lazy("fact", "changed"), "changed": pgettext_lazy("fact", "changed"),
    "added": pgettext_lazy("fact", "new"), "code": pgettext_lazy("fact", "code"), "key": pgettext_lazy("fact", "key"),
    "first_day": pgettext_lazy("fact", "from"), "last_day": pgettext_lazy("fact", "until"),
    "first_on": pgettext_lazy("fact", "from"), "last_on": pgettext_lazy("fact", "until"),
    "starts_on": pgettext_lazy("fact", "from"), "ends_on": pgettext_lazy("fact", "until"),
    "withdrawn": pgettext_lazy("fact", "withdrawn"), "fields": pgettext_lazy("fact", "fields"),
    "reason": pgettext_lazy("fact", "reason"), "rows": pgettext_lazy("fact", "rows"), "text": pgettext_lazy("fact", "text"),
    "due_on": pgettext_lazy("fact", "due"), "due_at": pgettext_lazy("fact", "due"),
    "contact_on": pgettext_lazy("fact", "last contact"), "since": pgettext_lazy("fact", "since"),
    "usual_seconds": pgettext_lazy("fact", "usual pause in seconds"), "event": pgettext_lazy("fact", "event"),
    "state": pgettext_lazy("fact", "state"), "status": pgettext_lazy("fact", "state"),
    "drafted": pgettext_lazy("fact", "drafted"), "blocks": pgettext_lazy("fact", "blocks"),
    "stored": pgettext_lazy("fact", "stored"), "still_rejected": pgettext_lazy("fact", "still rejected"),
    "mapping": pgettext_lazy("fact", "mapping file"), "rejected": pgettext_lazy("fact", "rejected"),
    "suspicious": pgettext_lazy("fact", "suspicious"), "error": pgettext_lazy("fact", "error"),
    "kind": pgettext_lazy("fact", "kind"), "kinds": pgettext_lazy("fact", "kinds"), "metric": pgettext_lazy("fact", "metric"),
    "metrics": pgettext_lazy("fact", "metrics"), "value": pgettext_lazy("fact", "value"),
    "values": pgettext_lazy("fact", "what was filled in"), "from_day": pgettext_lazy("fact", "from"),
    "rule": pgettext_lazy("fact", "rule"), "active": pgettext_lazy("fact", "in use"), "day": pgettext_lazy("fact", "day"),
    "monday": pgettext_lazy("fact", "week from"), "stage": pgettext_lazy("fact", "stage"),
    "side": pgettext_lazy("fact", "side"), "bound": pgettext_lazy("fact", "bound"), "unit": pgettext_lazy("fact", "unit"),
    "mode": pgettext_lazy("fact", "mode"), "source": pgettext_lazy("fact", "source"),
    "members": pgettext_lazy("fact", "members"), "segments": pgettext_lazy("fact", "segments"),
    "shared": pgettext_lazy("fact", "shared"), "tiles": pgettext_lazy("fact", "tiles"),
    "variants": pgettext_lazy("fact", "variants"), "method": pgettext_lazy("fact", "method"),
    "chosen": pgettext_lazy("fact", "chosen"), "version": pgettext_lazy("fact", "version"),
    "number": pgettext_lazy("fact", "number"), "note": pgettext_lazy("fact", "note"),
    "moved": pgettext_lazy("fact", "moved"), "without_rule": pgettext_lazy("fact", "without a rule"),
    "tier": pgettext_lazy("fact", "tier"), "expires_on": pgettext_lazy("fact", "until"),
    "minutes": pgettext_lazy("fact", "minutes"), "hours": pgettext_lazy("fact", "hours"),
    "score": pgettext_lazy("fact", "score"), "accounts": pgettext_lazy("fact", "customers"),
    "seen": pgettext_lazy("fact", "seen"), "severity": pgettext_lazy("fact", "severity"),
    "feature": pgettext_lazy("fact", "feature"), "raised": pgettext_lazy("fact", "raised"),
    "repeated": pgettext_lazy("fact", "repeated"), "verdict": pgettext_lazy("fact", "verdict"),
    "standing": pgettext_lazy("fact", "standing"), "model": pgettext_lazy("fact", "model"),
    "capacity": pgettext_lazy("fact", "capacity"), "practical": pgettext_lazy("fact", "practical share (%)"),
    "horizon": pgettext_lazy("fact", "horizon in days"), "contraction": pgettext_lazy("fact", "loss from (%)"),
    "process_key": pgettext_lazy("fact", "process"), "about": pgettext_lazy("fact", "about"),
    "passed": pgettext_lazy("fact", "passed"), "outcome": pgettext_lazy("fact", "outcome"),
    "cancelled": pgettext_lazy("fact", "cancelled"), "element": pgettext_lazy("fact", "place in the diagram"),
    "step": pgettext_lazy("fact", "step"), "given_by": pgettext_lazy("fact", "given by"), "back": pgettext_lazy("fact", "back"),
    "waiting_seconds": pgettext_lazy("fact", "waited (seconds)"), "work_seconds": pgettext_lazy("fact", "took (seconds)"),
    "late": pgettext_lazy("fact", "late"), "skipped": pgettext_lazy("fact", "skipped"),
    "automatic": pgettext_lazy("fact", "automatic"), "to": pgettext_lazy("fact", "to"), "cause": pgettext_lazy("fact", "cause"),
    "paused": pgettext_lazy("fact", "paused"), "message": pgettext_lazy("fact", "message"),
    "mentions": pgettext_lazy("fact", "mentions"), "approved": pgettext_lazy("fact", "agreed"),
    "channel": pgettext_lazy("fact", "channel"), "origin": pgettext_lazy("fact", "origin"),
    "subject": pgettext_lazy("fact", "subject"), "how": pgettext_lazy("fact", "how"), "play": pgettext_lazy("fact", "play"),
    "problem": pgettext_lazy("fact", "problem"), "arm": pgettext_lazy("fact", "arm"), "lines": pgettext_lazy("fact", "lines"),
    "worth": pgettext_lazy("fact", "worth"), "gap": pgettext_lazy("fact", "gap to the best"),
    "what": pgettext_lazy("fact", "what"), "runs": pgettext_lazy("fact", "runs"),
    "mrr": pgettext_lazy("fact", "amount a month"), "currency": pgettext_lazy("fact", "currency"),
    "family": pgettext_lazy("fact", "family"), "priority": pgettext_lazy("fact", "priority"),
    "satisfaction": pgettext_lazy("fact", "satisfaction"), "looked_at": pgettext_lazy("fact", "looked at"),
    "owner": pgettext_lazy("fact", "owner"), "audience": pgettext_lazy("fact", "who it is for"),
    "trigger": pgettext_lazy("fact", "trigger"), "goal": pgettext_lazy("fact", "goal"), "steps": pgettext_lazy("fact", "steps"),
    "on": pgettext_lazy("fact", "on"), "times": pgettext_lazy("fact", "times"), "despite": pgettext_lazy("fact", "in spite of"),
}  # fmt: skip
#: Codes that several facts share, in words.
VALUES: Mapping[str, Text] = {
    "green": _("Healthy"), "amber": _("Watch"), "red": _("Endangered"), "unknown": pgettext_lazy("fact", "unknown"),
    "treated": pgettext_lazy("fact", "treated"), "held": pgettext_lazy("fact", "held out"), "on": pgettext_lazy("fact", "on"),
    "off": pgettext_lazy("fact", "off"), "info": pgettext_lazy("fact", "info"), "warning": pgettext_lazy("fact", "warning"),
    "critical": pgettext_lazy("fact", "critical"), "account": pgettext_lazy("fact", "customer"),
    "person": pgettext_lazy("fact", "person"),
}  # fmt: skip


def field_said(name: str) -> str:
    """The name of a field in the reader's language: its own, else that of a model's field, else as it is written."""
    if name in FIELDS:
        return str(FIELDS[name])
    return str(_titles().get(name) or name.replace("_", " "))


def code_said(name: str, value: str) -> str:
    """A code as the choices of the field of that name say it; as it is written when they do not agree, or have none."""
    labels = {str(label) for label in _choices().get((name, value), ())}
    if len(labels) == 1:
        return labels.pop()
    return str(VALUES.get(value, value))


@lru_cache(maxsize=1)
def _titles() -> dict[str, Text]:
    found: dict[str, Text] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field.verbose_name, Promise):
                found.setdefault(field.name, field.verbose_name)
    return found


@lru_cache(maxsize=1)
def _choices() -> dict[tuple[str, str], tuple[Text, ...]]:
    found: dict[tuple[str, str], tuple[Text, ...]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            for value, label in field.flatchoices:
                key = (field.name, str(value))
                found[key] = (*found.get(key, ()), label)
    return found
