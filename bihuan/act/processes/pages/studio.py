"""The studio: a diagram or a table in the browser, kept as a draft, with what is wrong said at once."""

from datetime import datetime
from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.processes import actions
from bihuan.act.processes.models import Kind, Process, State, Version
from bihuan.act.processes.pages.kinds import field_kinds
from bihuan.act.processes.queries import known, problems_of
from bihuan.act.processes.roles import role_choices
from bihuan.act.processes.said import said
from bihuan.base.access import actor_of, allow

MOST_XML = 2_000_000


@allow("processes.draw")
@csp_update({"style-src-attr": [UNSAFE_INLINE], "style-src-elem": ["'self'", UNSAFE_INLINE]})  # type: ignore[arg-type]  # bpmn.io writes sizes and colours into elements
def studio(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft, or the newest version to begin one from."""
    process = get_object_or_404(Process, pk=pk)
    draft = process.versions.filter(state=State.DRAFT).first()
    version = draft or process.versions.first()
    xml = version.xml if version else ""
    if xml and process.kind == Kind.PROCESS:
        xml = with_picture(xml)
    data = {
        "xml": xml, "language": get_language() or "", "keep": reverse("processes:keep", args=[pk]),
        "seen": draft.edited_at.isoformat() if draft else "", "problems": _problems(process, xml), "said": _words(),
        **_choices(process),
    }  # fmt: skip
    context = {"process": process, "data": data, "is_table": process.kind == Kind.DECISION}
    return render(request, "processes/studio.html", context)


def _problems(process: Process, xml: str) -> list[dict[str, str]]:
    found = problems_of(kind=process.kind, key=process.key, xml=xml)
    return [{"level": one.level, "text": said(one), "element": one.element} for one in found]


def _choices(process: Process) -> dict[str, Any]:
    outside = known()
    named = dict(Process.objects.live().values_list("key", "name"))
    return {
        "roles": [list(one) for one in role_choices()],
        "steps": [[name, name] for name in sorted(outside.steps)],
        "decisions": [[key, named.get(key, key)] for key in sorted(outside.decisions)],
        "processes": [[key, named.get(key, key)] for key in sorted(outside.processes) if key != process.key],
    }


@allow("processes.draw")
@require_POST
def keep_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was drawn; answers when it was kept and what is wrong in it."""
    process = get_object_or_404(Process, pk=pk)
    xml, seen = request.POST.get("xml", ""), request.POST.get("seen", "")
    if not xml or len(xml) > MOST_XML:
        return JsonResponse({"detail": _("There is no diagram, or it is too large.")}, status=422)
    try:
        version = actions.save_draft(
            process=process, xml=xml, by=actor_of(request), at=timezone.now(),
            seen=datetime.fromisoformat(seen) if seen else None,
        )  # fmt: skip
    except ValidationError as error:
        return JsonResponse({"detail": " ".join(error.messages)}, status=409)
    except ValueError:
        return JsonResponse({"detail": _("“seen” is not a moment.")}, status=422)
    return JsonResponse({"seen": _seen(version), "problems": _problems(process, xml)})


def _seen(version: Version) -> str:
    return version.edited_at.isoformat()


def _words() -> dict[str, Any]:
    """What the studio says, in the reader's language."""
    return {
        "kinds": field_kinds(), "none": _("None"), "unnamed": _("Unnamed"), "zh": _("Name in Chinese"), "who": _("Who does it"),
        "when": _("By when"), "role": _("Role"), "assign": _("Whose bench"), "queue": _("The queue of the role"),
        "owner": _("The account's owner"), "starter": _("Whoever started it"), "approval": _("Approval"),
        "approval_help": _("any, all, or how many must agree; empty for none"), "approvers": _("Approvers"),
        "approvers_help": _("Roles or sign-in names with commas between, in order"), "inOrder": _("One after the other"),
        "signature": _("Signed with a name"), "gate": _("Only when"),
        "gate_help": _("A rule that must hold, such as score >= 80"),
        "limit": _("Time limit"), "limit_help": _("Such as 30m, 4h or 2d; a d is a working day"), "calendar": _("Clock"),
        "service_time": _("By the business calendar"), "wall": _("Every hour counts"),
        "of_role": _("By the calendar of the role %s"), "of_account": _("By the calendar of one customer"),
        "of_account_help": _("The key of the customer; empty for none"), "remind": _("Remind before"),
        "escalateTo": _("Escalate to"), "escalateAfter": _("Escalate after"), "effort": _("Usual effort"),
        "effort_help": _("How long it takes to do, such as 30m or 2h; the weekly plan counts with it"),
        "span": _("Write a span such as 30m, 4h or 2d."),
        "form": _("Form"), "field": _("Field"), "field_name": "field", "title": pgettext("field", "Title"), "name": _("Name"),
        "name_help": _("Latin letters, digits and _; rules use it"), "kind": _("Kind"), "required": _("Needed"),
        "choices": _("Choices"), "choices_help": _("value=Title=Chinese title, with ; between"), "least": _("At least"),
        "most": _("At most"), "help": _("Help"), "helpZh": _("Help in Chinese"), "checklist": _("Check-list"),
        "check": _("Check"), "step": _("Automatic step"), "inputs": _("What it is given"), "outputs": _("What it gives"),
        "value": _("Value"), "cel": _("A rule over the values of the process, such as account.name"),
        "decision": _("Decision"), "table": _("Decision table"), "into": _("Put the answer into"),
        "into_help": _("Empty: each output under its own name"), "message": _("Message"), "correlate": _("For which"),
        "correlate_help": _("A rule whose value the message must carry, such as account.key"), "kept": _("Kept"),
        "keeping": _("Keeping …"), "changed": pgettext("draft", "Changed"),
        "not_kept": _("Not kept. Look at your connection and try again."),
        "condition": _("Condition"), "condition_help": _("A rule over what was asked, such as amount > 1000.0"),
        "is_default": _("Taken when no other way fits"), "called": _("Which process"),
        "process": pgettext("standard", "Process"),
        "many": _("Done for each of a list"), "over": _("Over which list"),
        "over_help": _("The name of a value that is a list"), "item": _("Name of one"),
        "item_help": _("Under which each of them is known in its turn"),
        "no_problems": _("Nothing keeps it from running."),
    }  # fmt: skip
