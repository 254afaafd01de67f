"""For whom a play is on a day: its audience, and whom its trigger names. One pass over every account for many plays."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.act.plays.models import Play
from bihuan.act.plays.rules import DefinitionError, Trigger, read_goal, read_trigger
from bihuan.base.access import Actor, system_actor
from bihuan.base.measures import measures
from bihuan.foresee.signals.actions import read_checked
from bihuan.foresee.signals.queries import Seen, kinds_hidden_from, kinds_looked_for, subjects_of
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments.queries import members, resolve

#: Whom a play is for that says nothing.
EVERYBODY = "account.stage != 'lost'"
ALL = system_actor("plays")


class NotTold(ValueError):
    """Why it cannot be told for whom a play is."""


@dataclass(frozen=True, kw_only=True)
class Whom:
    """An account that a trigger names: `sign` tells two moments of the same trigger apart (the day that a date lies on)."""

    account_id: int
    sign: str


def rule_of_risk(level: float) -> str:
    """The rule "in danger": the one place that knows what measures it. NotTold while nothing does."""
    if "risk" not in measures():
        raise NotTold(
            _("Nothing measures the risk of customers yet: choose another trigger, or wait for warnings.")
        )
    return f"m.risk >= {level}"


def checked(rule: str) -> Any:
    """A rule over accounts, read; ValidationError with the field `rule`."""
    return read_checked({"about": "account", "rule": rule})


def accounts_of(rules: Sequence[str], *, day: date, actor: Actor = ALL) -> list[dict[int, Seen] | NotTold]:
    """For each rule the accounts of which it is true at the end of the day, or why it cannot be told."""
    wanted: dict[int, Any] = {}
    found: list[dict[int, Seen] | NotTold] = [NotTold("")] * len(rules)
    for place, rule in enumerate(rules):
        try:
            wanted[place] = checked(rule)
        except ValidationError as error:
            found[place] = NotTold("; ".join(error.messages))
    answers = subjects_of(list(wanted.values()), day=day, actor=actor)
    for place, seen in zip(wanted, answers, strict=True):
        found[place] = {one.unit: one for one in seen} if isinstance(seen, list) else NotTold(str(seen))
    return found


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Accounts of a play's `audience`, and those of which its goal is true already (`there`: none where that is an event, or
    cannot be told)."""

    audience: frozenset[int]
    there: frozenset[int]


def audiences_of(plays: Sequence[Play], *, day: date, actor: Actor = ALL) -> dict[int, set[int] | NotTold]:
    """By play the accounts that it may meet: those of its audience of which the goal is not true already. Whoever has what the
    play is for would count as reached at once, in either arm: a goal is something that becomes true."""
    return {
        play: one if isinstance(one, NotTold) else set(one.audience - one.there)
        for play, one in standings_of(plays, day=day, actor=actor).items()
    }


def standings_by_number(numbers: Collection[int], *, day: date) -> dict[int, Standing | NotTold]:
    """The same of the plays with these numbers."""
    return standings_of(list(Play.objects.filter(pk__in=numbers)), day=day)


def standings_of(plays: Sequence[Play], *, day: date, actor: Actor = ALL) -> dict[int, Standing | NotTold]:
    """By play how accounts stand to it at the end of the day, or why that cannot be told."""
    rules = {play.pk: play.audience.strip() or EVERYBODY for play in plays}
    goals = {play.pk: goal_rule(play) for play in plays}
    wanted = list(dict.fromkeys([*rules.values(), *filter(None, goals.values())]))
    found = dict(zip(wanted, accounts_of(wanted, day=day, actor=actor), strict=True))
    result: dict[int, Standing | NotTold] = {}
    for play in plays:
        seen, there = found[rules[play.pk]], found.get(goals[play.pk])
        reached = frozenset(there if isinstance(there, dict) else ())
        result[play.pk] = (
            Standing(audience=frozenset(seen), there=reached) if isinstance(seen, dict) else seen
        )
    return result


def goal_rule(play: Play) -> str:
    """The rule that its goal makes true; "" for events, and for a goal that cannot be read."""
    try:
        return read_goal(play.goal).rule.strip()
    except DefinitionError:
        return ""


def fired(play: Play, *, day: date, actor: Actor = ALL) -> list[Whom]:
    """Whom the trigger names on this day, of risk, date and segment as they stand, of a signal by the rule of its kind, of a
    stage by where accounts are; those outside the audience left out. NotTold says why it cannot be told."""
    trigger = trigger_of(play)
    audience = audiences_of([play], day=day, actor=actor)[play.pk]
    if isinstance(audience, NotTold):
        raise audience
    return [one for one in _named(trigger, day=day, actor=actor) if one.account_id in audience]


def trigger_of(play: Play) -> Trigger:
    """NotTold when it cannot be read."""
    try:
        return read_trigger(play.trigger)
    except DefinitionError as error:
        raise NotTold(str(error)) from None


def _named(trigger: Trigger, *, day: date, actor: Actor) -> Iterable[Whom]:
    if trigger.kind == "manual":
        return []
    if trigger.kind == "segment":
        return [
            Whom(account_id=one, sign="")
            for one in sorted(_in_segment(trigger.segment, day=day, actor=actor))
        ]
    if trigger.kind == "signal":
        return [Whom(account_id=one, sign="") for one in sorted(_signalled(trigger, day=day, actor=actor))]
    if trigger.kind == "date":
        return _dated(trigger, day=day, actor=actor)
    stages = ", ".join(f"'{one}'" for one in trigger.stages)
    rule = rule_of_risk(trigger.level) if trigger.kind == "risk" else f"account.stage in [{stages}]"
    return [Whom(account_id=one, sign="") for one in sorted(_told(rule, day=day, actor=actor))]


def _told(rule: str, *, day: date, actor: Actor) -> Mapping[int, Seen]:
    (found,) = accounts_of([rule], day=day, actor=actor)
    if isinstance(found, NotTold):
        raise found
    return found


def _in_segment(text: str, *, day: date, actor: Actor) -> set[int]:
    try:
        found = members(segment=resolve(text, actor=actor), actor=actor, as_of=day)
    except QuestionError as error:
        raise NotTold(str(error)) from None
    if found.unit != "account":
        raise NotTold(
            _("%(segment)s is a segment of people; a play needs one of accounts.") % {"segment": text}
        )
    return set(found.ids.tolist())


def _signalled(trigger: Trigger, *, day: date, actor: Actor) -> set[int]:
    if hidden := sorted(kinds_hidden_from(actor) & set(trigger.signals)):
        raise NotTold(_("You may not see signals of this kind: %(kinds)s.") % {"kinds": ", ".join(hidden)})
    wanted = [one for one in kinds_looked_for(trigger.signals) if one.about in ("account", "person")]
    found: set[int] = set()
    for seen in subjects_of(wanted, day=day, actor=actor):
        if not isinstance(seen, list):
            raise NotTold(str(seen))
        found |= {one.account if one.account is not None else one.unit for one in seen}
    return found


def _dated(trigger: Trigger, *, day: date, actor: Actor) -> list[Whom]:
    """The smallest of the days that is not past yet: whoever was not looked at for a while is met once, not four times."""
    measure = f"m.{trigger.measure}"
    rule = f"{measure} >= 0.0 && {measure} <= {max(trigger.days)}.0"
    found = []
    for account, seen in sorted(_told(rule, day=day, actor=actor).items()):
        left = float(seen.numbers[measure])
        step = min(one for one in trigger.days if one >= left)
        on = date.fromordinal(day.toordinal() + int(left))
        found.append(Whom(account_id=account, sign=f"{step}:{on.isoformat()}"))
    return found
