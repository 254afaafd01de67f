"""Saved questions: the list, keeping one, changing and removing it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import AgoColumn, BadgeColumn, Column, Empty, FormPage, ListPage, Undo, done, undoable
from bihuan.capture.store import StoreError
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.explore import actions
from bihuan.understand.explore.document import read_text
from bihuan.understand.explore.forms import ListForm, QuestionForm
from bihuan.understand.explore.forms.saving import Sharing
from bihuan.understand.explore.models import SavedQuestion
from bihuan.understand.explore.pages.keeping import own, removing
from bihuan.understand.explore.pages.state import state_of
from bihuan.understand.explore.present import Presented
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import KINDS

SHARED = {True: gettext_lazy("shared"), False: gettext_lazy("only me")}


def opened(question: SavedQuestion) -> str:
    """Where a saved question opens."""
    return reverse("explore:open", args=[question.pk])


class Questions(ListPage):
    """One's own and shared questions."""

    name, title, permission = "questions", gettext_lazy("Saved questions"), "explore.view"
    columns = (
        Column("title", gettext_lazy("Title"), pinned=True, link=opened),
        BadgeColumn("kind", gettext_lazy("Kind"), choices={name: title for name, (title, _icon) in KINDS.items()}, phone=True),
        Column("owner", gettext_lazy("Owner"), get="owner.name"),
        BadgeColumn("shared", gettext_lazy("Shared"), choices=SHARED),
        AgoColumn("changed_at", gettext_lazy("Changed")),
    )  # fmt: skip
    search = ("title", "text")
    default_sort = "title"
    export = False
    template = "explore/questions.html"
    empty = Empty(
        title=gettext_lazy("No saved questions yet"),
        text=gettext_lazy("Ask something in the explorer and save it; colleagues see what you share."),
        action=gettext_lazy("Open the explorer"), url="/explore/", icon="bookmark",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """What the actor may open."""
        return SavedQuestion.objects.readable_by(actor).select_related("owner")

    def row_url(self, record: Any) -> str:
        """The explorer with it."""
        return opened(record)


@allow("explore.view")
@require_GET
def open_question(request: HttpRequest, pk: int) -> HttpResponse:
    """The explorer with the saved question."""
    row = get_object_or_404(SavedQuestion.objects.readable_by(actor_of(request)), pk=pk)
    return HttpResponseRedirect(f"{reverse('explore:page')}?{urlencode({'q': row.text, 'saved': row.pk})}")


class SaveQuestion(FormPage):
    """Keep the question of the explorer."""

    name, title, permission, form = (
        "save-question",
        gettext_lazy("Save the question"),
        "explore.save",
        QuestionForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The question comes with the address."""
        text = request.GET.get("q", "")
        shown = state_of(text, actor=actor)
        return {"actor": actor, "initial": {"text": text, "title": _title(shown)}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Keep it, and put it on the chosen dashboard."""
        said = form.cleaned_data
        try:
            row = actions.save_question(
                title=said["title"], text=said["text"], shared=bool(said.get("shared")), by=by, at=at
            )
        except ValidationError as error:  # of the hidden text: it stands above the form
            raise ValidationError(error.messages) from None
        if said["dashboard"] is None:
            return _("Saved."), opened(row)
        actions.add_tile(dashboard=said["dashboard"], question=row, by=by, at=at)
        return _("Saved, and on the dashboard."), reverse("explore:dashboard", args=[said["dashboard"].pk])


class KeepList(FormPage):
    """Who is behind a number, as a segment written down today."""

    name, title, permission, form = (
        "keep-list",
        gettext_lazy("Save as a segment"),
        "segments.edit",
        ListForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The question comes with the address."""
        text, day = request.GET.get("q", ""), timezone.localdate()
        shown = state_of(text, actor=actor)
        key = f"{shown.document['kind']}-{timezone.localtime():%Y%m%d-%H%M%S}" if shown.document else ""
        return {"initial": {"text": text, "title": f"{_title(shown)[:100]} {day}", "key": key}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Ask once more, and write down who is listed."""
        said = form.cleaned_data
        try:
            row = actions.keep_listed(
                question=read_text(said["text"]), key=said["key"], title=said["title"], by=by, at=at
            )
        except QuestionError as error:
            raise ValidationError(in_words(error.message)) from None
        except StoreError:
            raise ValidationError(_("Events cannot be read right now")) from None
        text = _("%(n)d members are written down.") % {"n": row.size}
        return text, reverse("segments:page", args=[row.pk])


def _title(state: Any) -> str:
    if state.document is None:
        return ""
    empty = Answer(
        kind=state.document["kind"], question=state.document, definition=(), columns=(), rows=(), summary={}
    )
    return Presented(answer=empty, actor=state.actor, today=timezone.localdate(timezone.now())).title[:120]


class EditQuestion(FormPage):
    """Another title; shared or not."""

    name, title, permission, form = (
        "edit-question",
        gettext_lazy("Change the saved question"),
        "explore.save",
        Sharing,
    )

    def subject(self, *, actor: Actor, **route: Any) -> SavedQuestion:
        """One's own."""
        return own(SavedQuestion, actor, route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """As it is."""
        return {
            "actor": actor,
            "was_shared": subject.shared,
            "initial": {"title": subject.title, "shared": subject.shared},
        }

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Change it."""
        said = form.cleaned_data
        actions.change_question(
            question=subject, title=said["title"], shared=said.get("shared"), by=by, at=at
        )
        return _("Changed."), opened(subject)


@allow("explore.save")
@require_POST
def write_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the saved question ask what the explorer asks now; can be undone."""
    actor = actor_of(request)
    row = own(SavedQuestion, actor, pk)
    before, text = row.text, request.POST.get("text", "")
    if state_of(text, actor=actor).document is None:
        return done(request, _("This cannot be asked, so it was not saved."), to=opened(row), kind="warning")
    actions.change_question(question=row, text=text, by=actor, at=timezone.now())
    return done(
        request,
        _("Saved."),
        to=opened(row),
        undo=Undo(name="explore.question", args={"pk": pk, "text": before}),
    )


@undoable("explore.question", permission="explore.save")
def unwrite(*, by: Actor, at: datetime, pk: int, text: str) -> str:
    """Ask what it asked before."""
    actions.change_question(question=own(SavedQuestion, by, pk), text=text, by=by, at=at)
    return _("The question is as before.")


remove = removing("question", to="explore:questions")
