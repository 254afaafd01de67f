"""What staff and customers did, as lines of the time line: each fact in words, with a kind and an icon."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from bihuan.base.ui import formats
from bihuan.know.accounts.models import Stage

KINDS = {
    "usage": gettext_lazy("Usage"),
    "people": gettext_lazy("People"),
    "service": gettext_lazy("Service"),
    "money": gettext_lazy("Money"),
    "team": gettext_lazy("Team"),
    "signals": gettext_lazy("Signals"),
}
STAGES = dict(Stage.choices)
#: What changed, as forms call it.
FIELDS = {
    "name": gettext_lazy("name"),
    "short_name": gettext_lazy("short name"),
    "parent": gettext_lazy("parent"),
    "industry": gettext_lazy("industry"),
    "region": gettext_lazy("region"),
    "country": gettext_lazy("country"),
    "city": gettext_lazy("city"),
    "size": gettext_lazy("employees"),
    "tier": gettext_lazy("tier"),
    "stage": gettext_lazy("life-cycle stage"),
    "signed_up_on": gettext_lazy("customer since"),
    "product": gettext_lazy("product"),
    "starts_on": gettext_lazy("start"),
    "ends_on": gettext_lazy("end"),
    "billing": gettext_lazy("billing period"),
    "auto_renew": gettext_lazy("renews by itself"),
    "currency": gettext_lazy("currency"),
    "signed_on": gettext_lazy("signed"),
}
Payload = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a kind of fact reads."""

    kind: str
    icon: str
    say: Callable[[Payload], str]


def changed_fields(payload: Payload) -> str:
    """ "customer tier B → A, life-cycle stage Adoption → Value"."""
    before, after = payload.get("before") or {}, payload.get("after") or {}
    if not isinstance(after, Mapping) or not isinstance(before, Mapping):
        return ""
    return formats.listed(
        f"{FIELDS.get(name, name)} {_value(name, before.get(name))} → {_value(name, value)}"
        for name, value in after.items()
    )


def _value(name: str, value: object) -> str:
    """A stored value as pages write it."""
    return str(STAGES.get(str(value), value) if name == "stage" else value or "–")


def words_for(name: str) -> Wording | None:
    """The wording of a fact; None for facts the time line tells from the records themselves."""
    return WORDINGS.get(name)


def _health_band(payload: Payload) -> str:
    from bihuan.site.health import BANDS

    before = BANDS.get(str(payload.get("before")), payload.get("before"))
    after = BANDS.get(str(payload.get("after")), payload.get("after"))
    return _("Health moved: %(before)s → %(after)s") % {"before": before, "after": after}


def _signal(payload: Payload) -> str:
    """What was seen, without its numbers: a kind may hide them from those who lack a permission."""
    from bihuan.foresee.signals.queries import titles

    kind = str(payload.get("kind"))
    return _("Signal: %(kind)s") % {"kind": titles().get(kind, kind)}


def _play(text: str) -> Callable[[Payload], str]:
    """A sentence about a play, with its name in the reader's language."""

    def say(payload: Payload) -> str:
        from bihuan.act.plays.queries import name_of

        return _(text) % {"play": name_of(str(payload.get("play", "")))}

    return say


WORDINGS: dict[str, Wording] = {
    "account_added": Wording(kind="team", icon="building", say=lambda p: _("Account added")),
    "account_changed": Wording(
        kind="team", icon="edit", say=lambda p: _("Account changed: %(what)s") % {"what": changed_fields(p)}
    ),
    "account_team_changed": Wording(
        kind="team",
        icon="users",
        say=lambda p: _("Owner team: %(team)s") % {"team": formats.listed(p.get("after") or []) or "–"},
    ),
    "note_added": Wording(kind="team", icon="note", say=lambda p: str(p.get("text", ""))),
    "question_asked": Wording(
        kind="team", icon="message-question", say=lambda p: _("Asked: %(text)s") % {"text": p.get("text", "")}
    ),
    "task_assigned": Wording(
        kind="team", icon="checklist", say=lambda p: _("Task: %(text)s") % {"text": p.get("text", "")}
    ),
    "follow_up_done": Wording(kind="team", icon="circle-check", say=lambda p: _("Follow-up done")),
    "follow_up_reopened": Wording(kind="team", icon="rotate", say=lambda p: _("Follow-up reopened")),
    "person_added": Wording(kind="people", icon="user-plus", say=lambda p: _("Person added")),
    "chain_member_set": Wording(kind="people", icon="sitemap", say=lambda p: _("Decision chain updated")),
    "chain_member_removed": Wording(
        kind="people", icon="sitemap", say=lambda p: _("Taken out of the decision chain")
    ),
    "chain_contacted": Wording(kind="people", icon="phone", say=lambda p: _("Contact noted")),
    "contract_changed": Wording(
        kind="money",
        icon="file-text",
        say=lambda p: _("Contract changed: %(what)s") % {"what": changed_fields(p)},
    ),
    "contract_line_set": Wording(
        kind="money",
        icon="file-text",
        say=lambda p: (
            (
                _("Contract line added: %(mrr)s a month")
                if p.get("added")
                else _("Contract line changed: %(mrr)s a month")
            )
            % {"mrr": formats.money(Decimal(str(p.get("mrr") or 0)), str(p.get("currency") or ""))}
        ),
    ),
    "play_proposed": Wording(kind="team", icon="target", say=_play(gettext_noop("Play proposed: %(play)s"))),
    "play_confirmed": Wording(
        kind="team", icon="target", say=_play(gettext_noop("Play confirmed: %(play)s"))
    ),
    "play_declined": Wording(kind="team", icon="target", say=_play(gettext_noop("Play declined: %(play)s"))),
    "play_goal_reached": Wording(
        kind="team", icon="target", say=_play(gettext_noop("Goal reached: %(play)s"))
    ),
    "signal_raised": Wording(kind="signals", icon="bell", say=_signal),
    "tier_exception_granted": Wording(
        kind="team",
        icon="star",
        say=lambda p: (
            _("Exception: tier %(tier)s until %(day)s: %(reason)s")
            % {"tier": p.get("tier"), "day": p.get("expires_on"), "reason": p.get("reason", "")}
        ),
    ),
    "health_band_changed": Wording(kind="usage", icon="heartbeat", say=_health_band),
    "health_overridden": Wording(
        kind="team",
        icon="heartbeat",
        say=lambda p: (
            _("Health set to %(score)s by hand: %(reason)s")
            % {"score": p.get("score"), "reason": p.get("reason", "")}
        ),
    ),
    "health_override_ended": Wording(
        kind="team", icon="heartbeat", say=lambda p: _("The computed health counts again")
    ),
    "message_sent": Wording(
        kind="team",
        icon="send",
        say=lambda p: _("Message sent: %(subject)s") % {"subject": p.get("subject", "")},
    ),
    "message_opened": Wording(
        kind="usage",
        icon="eye",
        say=lambda p: _("Message opened: %(subject)s") % {"subject": p.get("subject", "")},
    ),
    "message_clicked": Wording(
        kind="usage",
        icon="link",
        say=lambda p: _("Link of a message followed: %(subject)s") % {"subject": p.get("subject", "")},
    ),
    "ticket_answered": Wording(kind="service", icon="message", say=lambda p: _("Ticket answered")),
    "ticket_reopened": Wording(kind="service", icon="rotate", say=lambda p: _("Ticket reopened")),
    "ticket_rated": Wording(
        kind="service",
        icon="star",
        say=lambda p: _("Ticket rated %(stars)s of 5") % {"stars": p.get("satisfaction", "–")},
    ),
}
