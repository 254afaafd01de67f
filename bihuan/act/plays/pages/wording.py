"""Trigger, audience and goal of a play in the reader's words, with the expression that they stand for."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.act.plays.forms import LEVELS, TRIGGERS
from bihuan.act.plays.models import Play
from bihuan.act.plays.rules import DefinitionError, Trigger, read_goal, read_trigger
from bihuan.base.measures import measures
from bihuan.base.ui import formats
from bihuan.base.wording import quoted
from bihuan.foresee.signals.queries import titles
from bihuan.know.accounts.models import Stage
from bihuan.understand.segments.queries import rule_in_words, segments_of


@dataclass(frozen=True, kw_only=True)
class Said:
    """A rule as it is written (`rule`, empty when there is none) and `words`; without words the rule stands alone."""

    words: str
    rule: str = ""

    def __str__(self) -> str:
        """Where one line must do."""
        return self.words or self.rule


def trigger_said(play: Play) -> Said:
    """What sets it off."""
    try:
        one: Trigger = read_trigger(play.trigger)
    except DefinitionError as error:
        return Said(words=str(error))
    if one.kind == "signal":
        named = titles()
        text = _("Signal: %(names)s") % {"names": formats.listed(named.get(key, key) for key in one.signals)}
        level = "" if one.least == "info" else " · " + _("from %(level)s") % {"level": LEVELS[one.least]}
        return Said(words=text + level)
    if one.kind == "date":
        known = measures().get(one.measure)
        return Said(words=_("%(days)s days before the date (%(measure)s)") % {
            "days": formats.listed(str(day) for day in one.days), "measure": known.title if known else one.measure,
        })  # fmt: skip
    if one.kind == "stage":
        named_stages = dict(Stage.choices)
        return Said(words=_("Enters: %(stages)s") % {
            "stages": formats.listed(str(named_stages.get(stage, stage)) for stage in one.stages)
        })  # fmt: skip
    if one.kind == "segment":
        return _segment_said(one.segment)
    if one.kind == "risk":
        return Said(words=_("Risk from %(level)s") % {"level": formats.percent(one.level)})
    return Said(words=str(TRIGGERS["manual"]))


def _segment_said(text: str) -> Said:
    """A saved segment by its title, a rule in words."""
    if text.startswith("@"):
        saved = segments_of("account").filter(key=text[1:]).first()
        return Said(
            words=_("In the segment: %(segment)s") % {"segment": quoted(saved.title) if saved else text}
        )
    words = rule_in_words(text)
    return Said(words=_("As soon as: %(rule)s") % {"rule": words} if words else "", rule=text)


def audience_said(play: Play) -> Said:
    """Who it is for; empty for every customer."""
    return Said(words=rule_in_words(play.audience) if play.audience else "", rule=play.audience)


def goal_said(play: Play) -> Said:
    """What it is for: its title, and in words what must be done or become true."""
    try:
        goal = read_goal(play.goal)
    except DefinitionError as error:
        return Said(words=str(error))
    title = (goal.title_zh if play.said_name == play.name_zh else "") or goal.title
    if goal.rule:
        told = rule_in_words(goal.rule)
        words = (
            _("%(title)s: %(value)s") % {"title": title, "value": told} if title and told else told or title
        )
        return Said(words=words, rule=goal.rule)
    events = pgettext("one of", " or ").join(quoted(one) for one in goal.events)
    return Said(words=_("%(title)s: %(value)s") % {"title": title, "value": events} if title else events)
