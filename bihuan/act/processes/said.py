"""What is wrong in a diagram or table, in words that say what to do."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from bihuan.act.bpmn import Problem
from bihuan.base.ui.nav import Text

TEXTS: Mapping[str, Text] = {
    "size": _("The file is too large."),
    "doctype": _("The file declares a document type. Save it without one."),
    "malformed": _("The file is not well-formed XML: %(why)s"),
    "elements": _("The file has too many elements."),
    "not_bpmn": _("This is not a BPMN 2.0 file."),
    "not_dmn": _("This is not a DMN file."),
    "no_process": _("The file has no process."),
    "no_table": _("The file has no decision table."),
    "several_tables": _("The file has more than one decision table; give each a file of its own."),
    "script": _("“%(name)s” is a script task. Scripts are never run; use an automatic step or a decision table."),
    "unknown_element": _("“%(name)s” (%(kind)s) is not run here. Draw it with steps, gateways and events."),
    "several_processes": _("The file has %(number)s executable processes; one is run. Put the others in files of their own."),
    "no_picture": _("The file has no picture. Open it in the studio and lay it out."),
    "one_start": _("Exactly one start event is needed; there are %(number)s."),
    "no_end": _("There is no end event."),
    "loose_flow": _("The arrow “%(name)s” leads to something that is not there."),
    "unreached": _("No arrow leads to “%(name)s”."),
    "dead_end": _("No arrow leads on from “%(name)s”. Draw one, or end there with an end event."),
    "split_without_gateway": _("Several arrows leave “%(name)s”. Put a gateway behind it that says which way is taken."),
    "way_without_condition": _("The way to “%(flow)s” out of “%(name)s” has no condition. Write one, or make it the default."),
    "no_default_way": _("“%(name)s” has no default way: when no condition holds, the process stops there."),
    "compensation": _("“%(name)s” is a compensation. It is not run; draw what is to be undone as steps of their own."),
    "event_not_run": _("The event “%(name)s” (%(event)s) is not run in this place."),
    "event_without_name": _("“%(name)s” does not say which %(event)s it means."),
    "attached_to_nothing": _("The event “%(name)s” is not attached to a step."),
    "timer_without_time": _("The timer “%(name)s” has no time. Write a span such as PT4H, or a day."),
    "cycle": _("“%(text)s” at “%(name)s” is not a cycle. Write rounds such as R3/PT1H."),
    "span": _("“%(text)s” at “%(name)s” is not a span. Write 30m, 4h, 2d or PT4H."),
    "nobody": _("Nobody does “%(name)s”. Give it a role, or put it in a lane with one."),
    "unknown_role": _("“%(name)s” names the role “%(role)s”, which does not exist."),
    "assign": _("“%(name)s” is assigned to “%(assign)s”. Use owner, starter, or same: and the id of a step."),
    "no_limit": _("“%(name)s” reminds or escalates, but has no time limit."),
    "approval": _("The approval “%(approval)s” at “%(name)s” is not any, all, or a number of its approvers."),
    "field_name": _("The field “%(field)s” of “%(name)s” needs a name of Latin letters, digits and _."),
    "field_twice": _("“%(name)s” has two fields that are called “%(field)s”."),
    "field_kind": _("The field “%(field)s” of “%(name)s” has the unknown kind “%(kind)s”."),
    "field_without_choices": _("The field “%(field)s” of “%(name)s” offers no choices."),
    "service_without_step": _("“%(name)s” is done by the platform, but names no automatic step."),
    "send_what": _("“%(name)s” says neither which message it sends nor which automatic step does it."),
    "unknown_step": _("“%(name)s” names the automatic step “%(step)s”, which does not exist."),
    "unknown_decision": _("“%(name)s” asks the decision table “%(decision)s”, which is not published."),
    "unknown_process": _("“%(name)s” calls the process “%(process)s”, which is not published."),
    "many_over_nothing": _("“%(name)s” is done many times, but does not say over which list or how often."),
    "loop": _("“%(name)s” is a loop. Draw an arrow back, with a gateway that says when it ends."),
    "rule": _("The rule %(rule)s at “%(name)s” cannot be used: %(why)s"),
    "nobody_sets": _("The rule %(rule)s at “%(name)s” asks for a value that nothing in the process sets."),
    "other_id": _("The file's id is “%(id)s”; it must be “%(key)s”."),
    "calls_itself": _("The process calls itself, directly or through others."),
    "not_built": _("The engine cannot run it: %(why)s"),
    "table_policy": _("The hit policy %(text)s is not used here. Use UNIQUE, FIRST, ANY, COLLECT or RULE ORDER."),
    "table_summed": _("The sum %(text)s needs the hit policy COLLECT and one output."),
    "table_no_outputs": _("The table decides nothing: it has no output."),
    "table_no_rules": _("The table has no rules."),
    "table_too_many_rules": _("The table has %(text)s rules; 1,000 are allowed."),
    "table_output_name": _("The output “%(text)s” needs a name of Latin letters, digits and _."),
    "table_input": _("The input %(text)s cannot be used: %(why)s"),
    "table_cells": _("Row %(row)s has not as many cells as the table has columns."),
    "table_cell": _("Row %(row)s: %(why)s"),
    "table_output": _("Row %(row)s: %(why)s"),
}  # fmt: skip


def said(problem: Problem) -> str:
    """In the reader's language."""
    return str(TEXTS[problem.code]) % {"name": problem.name, **problem.values}
