"""One work item: its form, its check-list, its votes, what was said, and what can be done with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.bpmn.diagram import Node
from bihuan.act.processes.roles import role_title
from bihuan.act.work import actions
from bihuan.act.work.actions.doing import check_theirs
from bihuan.act.work.actions.voting import asked_of
from bihuan.act.work.effort import usual_effort
from bihuan.act.work.forms import MINUTES, AskAlsoForm, DelegateForm, ReasonForm, ReassignForm, StepForm
from bihuan.act.work.models import ItemKind, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.act.work.pages.marks import CLOCK_KINDS, CLOCKS, STATE_KINDS, page_of
from bihuan.act.work.queries import answers_of, clock_of, node_of
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, done, put_errors, refusals_at
from bihuan.know.absences.queries import stands_in_for
from bihuan.know.staff.models import Staff


def item_of(request: HttpRequest, pk: int) -> WorkItem:
    """Within what the reader may see, else 404."""
    rows = WorkItem.objects.visible_to(actor_of(request)).select_related(
        "instance__process", "instance__version", "account", "assignee"
    )
    return get_object_or_404(rows, pk=pk)


@allow("work.do")
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that one needs to do it."""
    return _page(request, item_of(request, pk))


def _page(
    request: HttpRequest, item: WorkItem, form: StepForm | None = None, status: int = 200
) -> HttpResponse:
    actor, node, language = actor_of(request), node_of(item), get_language() or ""
    open_ = item.state in WAITING and item.kind != ItemKind.AUTOMATIC and item.instance.ended_at is None
    if form is None and open_:
        form = form_of(item, people=actor.may("staff.view"))
    ticked = {row.line: row for row in item.ticks.all()}
    checks = [
        {"line": line, "title": one.title.said(language), "required": one.required, "tick": ticked.get(line)}
        for line, one in enumerate(node.checks if node else ())
    ]
    votes = list(item.votes.all())
    clock = clock_of(item, at=timezone.now())
    context = {
        "item": item, "instance": item.instance, "node": node, "form": form, "checks": checks, "votes": votes,
        "role": role_title(item.role), "state_kind": STATE_KINDS.get(item.state, ""), "clock_text": CLOCKS[clock.kind],
        "clock_kind": CLOCK_KINDS[clock.kind], "is_open": open_, "is_mine": item.assignee_id == actor.user_id is not None,
        "may_take": open_ and item.assignee_id is None and theirs(item, actor), "may_do": open_ and theirs(item, actor),
        "may_deviate": open_ and actor.may("work.deviate"), "text": node.text.said(language) if node else "",
        "is_vote": bool(node and node.work.approval), "my_vote": my_vote(item, votes, actor),
        "signs": bool(node and node.work.signature),
        "comments": item.instance.comments.all(), "files": item.instance.files.all(),
        "answers": answers_of(item, language=language), "gate": node.work.gate if node else "",
        "may_invite": open_ and item.role in ("customer", "partner"), "link": link_in(request),
        "links": item.invitations.filter(revoked_at=None, used_at=None, ends_at__gt=timezone.now()),
        "in_place_of": item.hand_overs.filter(back_at=None, to=item.assignee).select_related("was").first(),
    }  # fmt: skip
    return render(request, "work/item.html", context, status=status)


def link_in(request: HttpRequest) -> str:
    """The address for somebody outside that was just made, when there is one."""
    secret = request.GET.get("link", "")
    known = bool(secret) and secret.replace("-", "").replace("_", "").isalnum() and secret.isascii()
    return request.build_absolute_uri(reverse("work:guest", args=[secret])) if known else ""


def form_of(
    item: WorkItem, data: Any = None, files: Any = None, *, guest: bool = False, people: bool = True
) -> StepForm:
    """The form of its step, filled with what the process knows already; `people` for those who see colleagues."""
    node = node_of(item)
    return StepForm(
        data, files, fields=node.fields if node else (), signature=bool(node and node.work.signature),
        known=item.instance.values, guest=guest, people=people,
        usual=None if guest else expected_of(item, node),
    )  # fmt: skip


def expected_of(item: WorkItem, node: Node | None) -> timedelta:
    """What it is expected to take."""
    known = item.effort_seconds
    return usual_effort(node.work if node else None) if known is None else timedelta(seconds=known)


def theirs(item: WorkItem, actor: Actor) -> bool:
    """Whether the actor may do it."""
    try:
        check_theirs(item, by=actor)
    except actions.NotTheirs:
        return False
    return True


def my_vote(item: WorkItem, votes: list[Any], actor: Actor) -> bool:
    """Whether it is the reader's turn to vote."""
    node = node_of(item)
    if node is None or not node.work.approval or actor.user_id is None:
        return False
    username = Staff.objects.values_list("username", flat=True).get(pk=actor.user_id)
    others = stands_in_for(actor.user_id, at=timezone.now())
    return asked_of(votes, work=node.work, by=actor, username=username, instead_of=others) is not None


@allow("work.do")
@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Done; what is missing stands beside its field and nothing that was typed is lost."""
    item, actor = item_of(request, pk), actor_of(request)
    form = form_of(item, request.POST, request.FILES, people=actor.may("staff.view"))
    form.is_valid()
    values = {name: form.cleaned_data.get(name) for name in form.fields if name not in ("signed", MINUTES)}
    if form.has_error(MINUTES):
        return _page(request, item, form=form, status=422)
    try:
        actions.complete(
            item=item, values=values, signed=request.POST.get("signed", ""), minutes=form.cleaned_data.get(MINUTES),
            by=actor, at=timezone.now(),
        )  # fmt: skip
    except (actions.TakenAlready, actions.NotTheirs) as error:
        return done(request, " ".join(error.messages), to=page_of(item), kind="error")
    except ValidationError as error:
        put_errors(form, error)
        return _page(request, item, form=form, status=422)
    return done(request, _("Done: %(step)s") % {"step": item}, to=_next(request, item))


def _next(request: HttpRequest, item: WorkItem) -> str:
    """The next item of the same instance that is the reader's, else the bench."""
    rows = WorkItem.objects.waiting().of(actor_of(request)).filter(instance=item.instance_id)
    following = rows.order_by("due_at", "pk").first()
    return page_of(following) if following else reverse("work:bench")


def _posted(run: Callable[..., Any], text: Any, to: str = "") -> Callable[..., Any]:
    """A button: one action on the item, and back to it."""

    @allow("work.do")
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        item = item_of(request, pk)
        with refusals_at(page_of(item)):
            run(request, item, actor_of(request), timezone.now())
        return done(request, str(text), to=to or page_of(item))

    return view


claim = _posted(
    lambda request, item, by, at: actions.claim(item=item, by=by, at=at),
    gettext_lazy("It lies on your bench."),
)
give_back = _posted(
    lambda request, item, by, at: actions.give_back(item=item, by=by, at=at),
    gettext_lazy("Back in the queue."),
    "/bench/",
)
vote = _posted(
    lambda request, item, by, at: actions.vote(
        item=item,
        approved=request.POST.get("vote") == "yes",
        note=request.POST.get("note", ""),
        signed=request.POST.get("signed", ""),
        by=by,
        at=at,
    ),
    gettext_lazy("Your vote is counted."),
)


@allow("work.do")
@require_POST
def tick(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Tick a line, or take the tick away."""
    item = item_of(request, pk)
    with refusals_at(page_of(item)):
        actions.tick(
            item=item,
            line=line,
            done=request.POST.get("done") == "1",
            by=actor_of(request),
            at=timezone.now(),
        )
    return done(request, _("Kept."), to=f"{page_of(item)}#checks")


class _OfItem(FormPage):
    """A form about an item."""

    name = "work"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The item, within what the actor may see."""
        return get_object_or_404(WorkItem.objects.visible_to(actor), pk=route["pk"])


class Delegate(_OfItem):
    """Give it to a colleague."""

    title, permission, form, submit = (
        gettext_lazy("Give it to a colleague"),
        "work.do",
        DelegateForm,
        gettext_lazy("Give"),
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Those whom the actor knows."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """On their bench now."""
        to = form.cleaned_data["to"]
        actions.delegate(item=subject, to=to, note=form.cleaned_data["note"], by=by, at=at)
        return _("It lies on the bench of %(who)s.") % {"who": to}, reverse("work:bench")


class Skip(_OfItem):
    """Go on without doing it."""

    title, permission, form = gettext_lazy("Skip this step"), "work.deviate", ReasonForm
    submit = gettext_lazy("Skip")

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """With the reason kept."""
        actions.skip_step(item=subject, reason=form.cleaned_data["reason"], by=by, at=at)
        return _("Skipped."), reverse("work:instance", args=[subject.instance_id])


class Reassign(_OfItem):
    """Give it to whoever is not meant to do it."""

    title, permission, form = gettext_lazy("Give it to somebody else"), "work.deviate", ReassignForm
    submit = gettext_lazy("Give")

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """With the reason kept."""
        actions.reassign(item=subject, by=by, at=at, **form.cleaned_data)
        return _("Given."), page_of(subject)


class AskAlso(_OfItem):
    """One more approver."""

    title, permission, form, submit = (
        gettext_lazy("Ask somebody else too"),
        "work.do",
        AskAlsoForm,
        gettext_lazy("Ask"),
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Those whom the actor knows."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """After those who are asked already."""
        actions.ask_also(item=subject, who=form.cleaned_data["who"], by=by, at=at)
        return _("Asked."), page_of(subject)
