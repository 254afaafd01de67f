"""What plays put on benches: two small processes of our own, brought in when they are first needed."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Choice, Field, Words, Work
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed, Row, Way
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.models import Kind, Process
from bihuan.act.work.actions import delegate, start_process
from bihuan.act.work.models import Instance, WorkItem
from bihuan.base.access import Actor, system_actor
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

PROPOSAL, TASK = "play_proposal", "play_task"


def _said(text: str, zh: str) -> Words:
    return Words(text=text, zh=zh)


WORK = Work(role="operator", assign="owner", limit="3d", remind="1d")
LISTS = {
    PROPOSAL: Listed(
        key=PROPOSAL, name=_said("Proposed play", "策略建议"),
        text=_said("A play waits for somebody's word; its page shows every step.", "策略等待确认；其页面列出每一步。"),
        rows=(Row(
            id="decide", name=_said("Decide on a play", "确认策略"), work=WORK,
            fields=(
                Field(name="decision", title=_said("Decision", "决定"), kind="choice", required=True, choices=(
                    Choice(value="confirm", title=_said("Do it", "执行")),
                    Choice(value="decline", title=_said("Do not", "不执行")),
                )),
                Field(name="reason", title=_said("Reason, if not", "不执行的原因"), kind="text", required=False),
            ),
            ways=(Way(end=_said("Decided", "已决定")),),
        ),),
    ),
    TASK: Listed(
        key=TASK, name=_said("Task of a play", "策略任务"),
        text=_said("Something that a play asks of somebody; its title says what.", "策略安排的一项任务，标题说明要做什么。"),
        rows=(Row(
            id="do", name=_said("Do what the play asks", "完成策略任务"), work=WORK,
            fields=(Field(name="note", title=_said("What came of it", "结果"), kind="long", required=False),),
            ways=(Way(end=_said("Done", "完成")),),
        ),),
    ),
}  # fmt: skip


def process_of(key: str, *, at: datetime) -> Process:
    """The process of this key; ours is brought in when it is missing. ValidationError for another one."""
    found = Process.objects.filter(key=key).first()
    if found is not None:
        return found
    if key not in LISTS:
        raise ValidationError({"process": _("There is no process %(key)s.") % {"key": key}})
    listed, by = LISTS[key], system_actor("library")
    row = create_process(
        key=key, kind=Kind.PROCESS, name=listed.name.text, name_zh=listed.name.zh, about=listed.text.text,
        about_zh=listed.text.zh, area="improve", xml=to_bpmn(listed), shipped=True, by=by, at=at,
    )  # fmt: skip
    publish_draft(process=row, by=by, at=at, note="")
    return row


def put_on_bench(
    key: str, *, account: Account, title: str, assignee: Staff | None, once: str, by: Actor, at: datetime,
    values: dict[str, Any] | None = None, effort: timedelta | None = None,
) -> tuple[Instance, WorkItem | None]:  # fmt: skip
    """An instance with its first item on the bench of the assignee; where they may not or cannot have it, on that of the
    account's owner or in the queue of operators, as the process says. `effort` is what it is expected to take."""
    instance = start_process(
        process=process_of(key, at=at),
        by=by,
        at=at,
        values=values or {},
        account=account,
        title=title[:200],
        key=once,
    )
    item = WorkItem.objects.filter(instance=instance).order_by("pk").first()
    if item is not None and effort is not None:
        item.effort_seconds = round(effort.total_seconds())
        item.save(update_fields=["effort_seconds"])
    if item is not None and assignee is not None and item.assignee_id != assignee.pk:
        try:
            item = delegate(item=item, to=assignee, by=system_actor("plays"), at=at)
        except ValidationError:
            return instance, item
    return instance, item
