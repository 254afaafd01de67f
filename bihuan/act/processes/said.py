"""What is wrong in a diagram or table, in words that say what to do."""

from collections.abc import Mapping

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bihuan.act.bpmn import Problem
from bihuan.act.bpmn.spans import parts_of
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
    "no_picture": _("The file has no picture. The studio lays it out when it is opened there."),
    "reserved_id": _("“%(name)s” has the id “%(id)s”, which the engine keeps for itself. Change the id in the properties."),
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
    "start_time": _("The process begins at a time at “%(name)s” that cannot be used: %(why)s."),
    "approval_form": _(
        "“%(name)s” is decided by votes, and has a form that nobody would fill in. Ask in a step before or after it."
    ),
    "calendar_role": _("The time of “%(name)s” follows the calendar of the role “%(role)s”, which does not exist."),
    "calendar_account": _(
        "The time of “%(name)s” follows the calendar of the customer “%(key)s”, which does not exist. Give its key."
    ),
    "start_asks": _("“%(name)s” begins the process by itself, and has fields that are needed. Nobody is there to fill them."),
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
    "list_empty": _("The list has no step yet. Add one."),
    "list_id_twice": _("Two steps have the id “%(name)s”."),
    "list_no_step": _("A way of “%(name)s” leads to “%(to)s”, which is not in the list."),
    "list_kind": _("“%(name)s” is of the unknown kind “%(kind)s”."),
    "list_two_otherwise": _("“%(name)s” has two ways without a condition. One is taken when no other fits; the rest need one."),
    "list_no_rule": _("A way of “%(name)s” has no condition yet. Write one, or remove the way."),
    "list_pools": _("The drawing has pools, and a list has none. It is edited as a drawing."),
    "list_starts": _("The drawing has %(number)s starts, and a list has one. It is edited as a drawing."),
    "list_element": _("“%(name)s” is %(kind)s, which a list cannot say. The process is edited as a drawing."),
    "list_event": _("“%(name)s” waits for something other than a time or a message (%(event)s), which a list cannot say. The "
                    "process is edited as a drawing."),
    "list_foreign": _("“%(name)s” carries something of another program (%(kind)s) that a list would lose. The process is "
                      "edited as a drawing."),
    "list_says_more": _("“%(name)s” says more than a list can. The process is edited as a drawing."),
    "list_dead_end": _("No arrow leads on from “%(name)s”. Draw one first."),
    "list_split": _("Several arrows leave “%(name)s” without a gateway, which a list cannot say. The process is edited as a "
                    "drawing."),
    "list_ruled": _("The only way out of “%(name)s” has a condition, which a list cannot say. The process is edited as a "
                    "drawing."),
    "list_no_default": _("“%(name)s” does not have exactly one way that is taken when no other fits; in a list each decision "
                         "has. Make one the default in the drawing."),
    "list_shared_fork": _("The gateway “%(name)s” does not stand behind one step alone, which a list cannot say. The process "
                          "is edited as a drawing."),
    "list_fork_behind_fork": _("The gateway “%(name)s” stands behind another gateway, which a list cannot say. The process is "
                               "edited as a drawing."),
    "list_start": _("“%(name)s” does not lead to one step, with which a list would begin. The process is edited as a drawing."),
    "list_start_again": _("An arrow leads back to the start “%(name)s”. The process is edited as a drawing."),
    "list_loose": _("The arrow “%(name)s” leads to something that is not there."),
    "list_unreached": _("No arrow leads to “%(name)s”, and a list would lose it. Remove it from the drawing first."),
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

#: What people call the elements of BPMN, after “is”.
ELEMENTS: Mapping[str, Text] = {
    "parallelGateway": _("a parallel gateway"), "inclusiveGateway": _("an inclusive gateway"),
    "eventBasedGateway": _("an event-based gateway"), "complexGateway": _("a complex gateway"),
    "subProcess": _("a sub-process"),
    "eventSubProcess": _("a sub-process that an event starts"),
    "adHocSubProcess": _("an ad-hoc sub-process"), "transaction": _("a transaction"), "boundaryEvent": _("an event on a step"),
    "intermediateThrowEvent": _("an event that is thrown"), "receiveTask": _("a receive task"), "sendTask": _("a send task"),
    "scriptTask": _("a script task"), "laneSet": _("a set of lanes"), "textAnnotation": _("a note"), "group": _("a group"),
    "association": _("a line to a note"), "dataObject": _("a data object"), "dataObjectReference": _("a data object"),
    "dataStoreReference": _("a data store"), "multiInstanceLoopCharacteristics": _("a step done many times"),
    "standardLoopCharacteristics": _("a loop"),
}  # fmt: skip


def said(problem: Problem) -> str:
    """In the reader's language."""
    values = {"name": problem.name, **problem.values}
    if problem.code.startswith("list_") and values.get("kind") in ELEMENTS:
        values["kind"] = str(ELEMENTS[values["kind"]])
    return str(TEXTS[problem.code]) % values


def span_said(text: str, *, wall: bool = False) -> str:
    """A span such as "1d 4h" as the reader says it: days are working days unless time runs by the `wall` clock. What is written
    otherwise (ISO 8601, a rule) stays as it is."""
    parts = parts_of(text)
    if parts is None:
        return text
    days, hours, minutes = parts
    many = 1 if days == "1" else 2
    said_days = (
        ngettext("%(n)s day", "%(n)s days", many)
        if wall
        else ngettext("%(n)s working day", "%(n)s working days", many)
    )
    words = ((days, said_days), (hours, gettext("%(n)s h")), (minutes, gettext("%(n)s min")))
    return " ".join(word % {"n": number} for number, word in words if number)
