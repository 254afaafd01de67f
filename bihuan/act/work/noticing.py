"""What people are told about work: from the facts of a change to notices, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bihuan.act.work.events import (
    ProcessEnded,
    ProcessStuck,
    StepClaimed,
    StepEscalated,
    StepFact,
    StepHandedOver,
    StepOpened,
    StepOverdue,
    StepReminded,
)
from bihuan.act.work.models import Instance, WorkItem
from bihuan.base.access import Actor
from bihuan.base.bus import Fact
from bihuan.base.notices import notice_kind
from bihuan.base.notices.actions import notify
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

#: A role may have many people; so many of them are told of an escalation.
MOST_TOLD = 100


def step_in(args: Mapping[str, Any]) -> str:
    """The name of the step in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return str((args.get("step_zh") if chinese else "") or args.get("step") or "")


def _sentence(text: Any) -> Any:
    return lambda args: str(text) % {
        "step": step_in(args), "about": args.get("about", ""), "who": args.get("who", "")
    }  # fmt: skip


for _place, (_name, _title, _icon, _text) in enumerate((
    ("given", gettext_lazy("Given to me"), "checks", gettext_lazy("“%(step)s” lies on your bench – %(about)s")),
    ("mentioned", gettext_lazy("Mentioned"), "at", gettext_lazy("%(who)s asks you to look – %(about)s")),
    ("soon", gettext_lazy("Due soon"), "clock", gettext_lazy("“%(step)s” is due soon – %(about)s")),
    ("late", gettext_lazy("Overdue"), "alert-circle", gettext_lazy("“%(step)s” is overdue – %(about)s")),
    ("escalated", gettext_lazy("Escalated to my role"), "alert-triangle",
     gettext_lazy("“%(step)s” was escalated to your role – %(about)s")),
    ("handed_over", gettext_lazy("Handed over because of an absence"), "user-check",
     gettext_lazy("“%(step)s” went to %(who)s because of an absence – %(about)s")),
    ("came_back", gettext_lazy("Come back after an absence"), "arrow-back-up",
     gettext_lazy("“%(step)s” is back with %(who)s after an absence – %(about)s")),
    ("ended", gettext_lazy("A process I started has ended"), "circle-check", gettext_lazy("Ended: %(about)s")),
    ("stuck", gettext_lazy("A process I started is stuck"), "player-pause", gettext_lazy("Stuck: %(about)s")),
)):  # fmt: skip
    notice_kind(f"work.{_name}", title=_title, icon=_icon, say=_sentence(_text), order=10 + _place)


def tell_people(
    facts: Sequence[Fact], *, instance: Instance, items: Iterable[WorkItem], by: Actor, at: datetime
) -> None:
    """Notices for whom the facts of one change concern; the last thing of its transaction but the facts."""
    known = {item.pk: item for item in items}
    handed = {fact.item_id for fact in facts if isinstance(fact, StepHandedOver)}
    for fact in facts:
        found = _concerned(fact, instance=instance, handed=handed)
        if found is None:
            continue
        kind, users, who = found
        if not any(one is not None and one != by.user_id for one in users):
            continue
        args = {"about": instance.title, "who": who}
        url = f"/instances/{instance.pk}/"
        if isinstance(fact, StepFact):
            item = known.get(fact.item_id) or WorkItem.objects.filter(pk=fact.item_id).only("name_zh").first()
            args |= {"step": fact.step, "step_zh": item.name_zh if item else ""}
            url = f"/work-items/{fact.item_id}/"
        notify(users=users, kind=f"work.{kind}", args=args, url=url, by=by, at=at)


def _concerned(
    fact: Fact, *, instance: Instance, handed: set[int]
) -> tuple[str, Sequence[int | None], str] | None:
    """(the kind, whom it concerns, a name that the sentence says); None for what concerns nobody in particular."""
    if isinstance(fact, StepHandedOver):
        to = Staff.objects.filter(pk=fact.to_id or 0).first()
        who = str(to) if to else _("the queue")
        return ("came_back" if fact.back else "handed_over"), [fact.from_id, fact.to_id], who
    if isinstance(fact, StepOpened | StepClaimed):
        return None if fact.item_id in handed else ("given", [fact.assignee_id], "")
    if isinstance(fact, StepReminded | StepOverdue):
        return ("soon" if isinstance(fact, StepReminded) else "late"), [fact.assignee_id], ""
    if isinstance(fact, StepEscalated):
        return "escalated", people_with(fact.to, account_id=fact.account_id), ""
    if isinstance(fact, ProcessEnded | ProcessStuck):
        return ("ended" if isinstance(fact, ProcessEnded) else "stuck"), [instance.started_by_id], ""
    return None


def people_with(role: str, *, account_id: int | None) -> list[int | None]:
    """Those who have a role and serve the customer."""
    rows = [one for one in Staff.objects.filter(is_active=True).order_by("pk") if role in one.roles][
        :MOST_TOLD
    ]
    if account_id is not None:
        mine = Account.objects.filter(pk=account_id)
        rows = [one for one in rows if mine.visible_to(one.actor()).exists()]
    return [one.pk for one in rows]
