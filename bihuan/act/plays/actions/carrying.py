"""Doing the steps of runs that are due: each step is one transaction and done once, however often we die between."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.plays.actions.runs import held
from bihuan.act.plays.actions.standard import TASK, process_of, put_on_bench
from bihuan.act.plays.events import PlayStarted, PlayStepDone
from bihuan.act.plays.models import Mode, PlayRun, RunStep, State
from bihuan.act.plays.queries.reaching import products_used
from bihuan.act.reach.actions import save_template, send_message
from bihuan.act.reach.queries import channels_for, rendered, templates_for
from bihuan.act.work.actions import start_process
from bihuan.act.work.automatic import Around, StepFailed, automatic_steps
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.know.accounts.models import Membership, Person
from bihuan.know.chain.models import ChainMember

AT_ONCE = 500
USED_WITHIN = timedelta(days=90)
MOST_PEOPLE = 50
TEMPLATE = "Play | 策略"
CHANNELS = ["in_app", "email", "wecom", "dingtalk", "feishu", "webhook", "call"]
TO_A_PERSON = ("in_app", "email", "call")


def carry_due(*, at: datetime) -> int:
    """Do every step that is due, the oldest first; how many."""
    ids = list(
        RunStep.objects.filter(done_at=None, due_at__lte=at, run__state__in=[State.CONFIRMED, State.RUNNING])
        .order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE]
    )  # fmt: skip
    return sum(carry_step(pk, at=at) for pk in ids)


def carry_run(*, run: PlayRun, at: datetime) -> int:
    """The due steps of one run."""
    rows = (
        RunStep.objects.filter(run=run, done_at=None, due_at__lte=at)
        .order_by("number")
        .values_list("pk", flat=True)
    )
    return sum(carry_step(pk, at=at) for pk in list(rows))


@transaction.atomic
def carry_step(pk: int, *, at: datetime) -> bool:
    """One step, once: what it makes and that it was made are written together. What cannot be done is passed over with the
    reason."""
    found = RunStep.objects.filter(pk=pk).select_related("run").first()
    if found is None:
        return False
    row = held(found.run)
    step = RunStep.objects.select_for_update().get(pk=pk)
    if step.done_at is not None or row.state not in (State.CONFIRMED, State.RUNNING):
        return False
    by = _by(row)
    if row.state == State.CONFIRMED:
        row.state, row.started_at = State.RUNNING, at
        row.save(update_fields=["state", "started_at"])
        publish(PlayStarted(**row.about), by=by, at=at)
    step.run = row
    try:
        with transaction.atomic():
            _DO[step.spec["kind"]](step, by=by, at=at)
    except (ValidationError, StepFailed) as error:
        why = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        step.problem, step.made, step.instance_id = why[:300], "", None
    step.done_at = at
    step.save(update_fields=["done_at", "made", "instance_id", "problem"])
    publish(
        PlayStepDone(**row.about, number=step.number, kind=step.spec["kind"], problem=step.problem),
        by=by,
        at=at,
    )
    return True


def _by(row: PlayRun) -> Actor:
    """Whoever it is for, when a person said yes: messages are signed by them, processes begin with them."""
    if row.play.mode == Mode.ASKED and row.assignee is not None and row.assignee.is_active:
        return row.assignee.actor()
    return system_actor("plays")


def _message(step: RunStep, *, by: Actor, at: datetime) -> None:
    """To everybody it is for, each under a key of its own."""
    row, kind = step.run, step.spec["channel"]
    channel = _channel(kind, account_id=row.account_id, at=at)
    if channel is None:
        raise ValidationError(_("No channel of this kind (%(kind)s) is on.") % {"kind": kind})
    template = _template(step, by=by, at=at)
    sent = 0
    for person in people_of(step, at=at):
        text = said_to(step, template=template, person=person, by=by)
        send_message(
            key=f"play:{row.pk}:{step.number}:{person.pk if person else 0}", channel=channel, template=template,
            account=row.account, person=person, by=by, at=at, data=text, origin=f"play:{row.play.key}",
        )  # fmt: skip
        sent += 1
    step.made = _("%(n)d messages") % {"n": sent}


def _channel(kind: str, *, account_id: int, at: datetime) -> Any:
    """The account's own channel, else one of all; of several inboxes that of the product which the account uses most, for
    nobody sees a message in another. None without any."""
    mine = [one for one in channels_for(system_actor("plays")) if one.kind == kind]
    own = [one for one in mine if one.account_id == account_id]
    found = own or [one for one in mine if one.account_id is None]
    if kind == "in_app" and len(found) > 1:
        used = products_used(account_id=account_id, since=at - USED_WITHIN, until=at)
        place: dict[int | None, int] = {product: number for number, product in enumerate(used)}
        found.sort(key=lambda one: place.get(one.product_id, len(used)))
    return found[0] if found else None


def _template(step: RunStep, *, by: Actor, at: datetime) -> Any:
    """The one that the step names, while nobody wrote other words; else ours, whose places are the words themselves."""
    name = step.spec.get("template", "")
    if name and "edited" not in step.spec:
        found = next((one for one in templates_for(step.spec["channel"]) if one.name == name), None)
        if found is None:
            raise ValidationError(
                _("There is no template “%(name)s” for this kind of channel.") % {"name": name}
            )
        return found
    ours = next((one for one in templates_for() if one.name == TEMPLATE), None)
    return ours or save_template(values={
        "name": TEMPLATE, "kinds": CHANNELS, "subject_zh": "{{ data.subject }}", "body_zh": "{{ data.text }}",
    }, by=system_actor("plays"), at=at)  # fmt: skip


def said_to(step: RunStep, *, template: Any, person: Person | None, by: Actor) -> dict[str, str]:
    """Subject and text for this reader, places filled in; `template` None or ours: the words of the step itself."""
    own = template if template is not None and template.name != TEMPLATE else _words_of(step)
    text = rendered(template=own, account=step.run.account, person=person, my_name=by.name)
    return {"subject": text.subject, "text": text.body}


def _words_of(step: RunStep) -> Any:
    """The words of the step, or those that somebody wrote instead, read as a template is."""
    spec, edited = step.spec, step.spec.get("edited")
    words = {
        "subject_zh": spec.get("title_zh") or spec["title"], "body_zh": spec.get("text_zh") or spec.get("text", ""),
        "subject_en": spec["title"], "body_en": spec.get("text", ""),
    }  # fmt: skip
    if edited:
        words = {
            "subject_zh": edited["subject"] or words["subject_zh"],
            "body_zh": edited["text"],
            "subject_en": "",
            "body_en": "",
        }
    return SimpleNamespace(link="", link_zh="", link_en="", **words)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A message as its first reader would get it; `readers` are all of them, `problem` why it could not go out."""

    step: RunStep
    reader: str
    subject: str
    text: str
    readers: int
    problem: str


def preview_of(step: RunStep, *, by: Actor, at: datetime) -> Preview:
    """Nothing is written or sent."""
    name, kind = step.spec.get("template", ""), step.spec["channel"]
    template = (
        next((one for one in templates_for(kind) if one.name == name), None)
        if name and "edited" not in step.spec
        else None
    )
    try:
        people, problem = people_of(step, at=at), ""
    except ValidationError as error:
        people, problem = [None], " ".join(error.messages)
    if not any(one.kind == kind for one in channels_for(system_actor("plays"))):
        problem = problem or _("No channel of this kind (%(kind)s) is on.") % {"kind": kind}
    said = said_to(step, template=template, person=people[0], by=by)
    return Preview(
        step=step, reader=str(people[0] or step.run.account), subject=said["subject"], text=said["text"],
        readers=0 if problem else len(people), problem=problem,
    )  # fmt: skip


def people_of(step: RunStep, *, at: datetime) -> list[Person | None]:
    """Whom a message goes to: members of the account on that day. ValidationError when there is nobody."""
    row = step.run
    if step.spec["channel"] not in TO_A_PERSON:
        return [None]
    here = (
        Membership.objects.valid_on(timezone.localdate(at)).filter(account=row.account_id).values("person_id")
    )
    people = Person.objects.themselves().filter(pk__in=here, anonymous=False)
    if step.spec.get("to", "deciders") == "deciders":
        people = people.filter(pk__in=ChainMember.objects.filter(account=row.account_id).values("person_id"))
    found: list[Person | None] = list(people.order_by("pk")[:MOST_PEOPLE])
    if (
        row.person_id is not None
        and row.person is not None
        and all(one is None or one.pk != row.person_id for one in found)
    ):
        found = [*found, row.person] if row.person.merged_into_id is None else found
    if not found:
        raise ValidationError(_("Nobody of the customer is known whom it could go to."))
    return found


def title_of(step: RunStep) -> str:
    """As it is read on the bench, in both languages' common one: the installation's own is Chinese first."""
    return str(step.spec.get("title_zh") or step.spec["title"])


def _task(step: RunStep, *, by: Actor, at: datetime) -> None:
    row = step.run
    instance, _item = put_on_bench(
        TASK, account=row.account, title=f"{title_of(step)} · {row.account}", assignee=row.assignee,
        once=f"play:{row.pk}:{step.number}", by=system_actor("plays"), at=at, effort=_share(row),
    )  # fmt: skip
    step.instance_id, step.made = instance.pk, title_of(step)[:200]


def _share(row: PlayRun) -> timedelta | None:
    """The minutes that the play is planned with, shared out among its tasks; None where it says nothing of them."""
    minutes, tasks = (
        sum(row.play.minutes.values()),
        sum(1 for one in row.steps.all() if one.spec["kind"] == "task"),
    )
    return timedelta(minutes=minutes / max(tasks, 1)) if minutes else None


def _process(step: RunStep, *, by: Actor, at: datetime) -> None:
    _start(step, key=step.spec["process"], values=dict(step.spec.get("values") or {}), by=by, at=at)


def _visit(step: RunStep, *, by: Actor, at: datetime) -> None:
    _start(step, key="customer_visit", values={"aim": "know"}, by=by, at=at)


def _training(step: RunStep, *, by: Actor, at: datetime) -> None:
    here = Membership.objects.valid_on(timezone.localdate(at)).filter(account=step.run.account_id)
    _start(
        step, key="training", values={"topic": title_of(step), "people": max(here.count(), 1)}, by=by, at=at
    )


def _start(step: RunStep, *, key: str, values: dict[str, Any], by: Actor, at: datetime) -> None:
    row = step.run
    instance = start_process(
        process=process_of(key, at=at), by=by, at=at, account=row.account, values=values,
        title=f"{title_of(step)} · {row.account}"[:200], key=f"play:{row.pk}:{step.number}",
    )  # fmt: skip
    step.instance_id, step.made = instance.pk, str(instance.process)[:200]


def _ticket(step: RunStep, *, by: Actor, at: datetime) -> None:
    """Through the automatic step that tickets contribute; where there are no tickets it is a task."""
    opens = automatic_steps().get("open_ticket")
    if opens is None:
        _task(step, by=by, at=at)
        return
    around = Around(
        by=by, at=at, instance_id=0, account_id=step.run.account_id, once=f"play:{step.run_id}:{step.number}"
    )
    made = opens.run(around=around, subject=title_of(step))
    step.made = str(made.get("ticket", ""))[:200]


Doing = Callable[..., None]
_DO: dict[str, Doing] = {
    "message": _message, "task": _task, "ticket": _ticket, "visit": _visit, "training": _training, "process": _process,
}  # fmt: skip
