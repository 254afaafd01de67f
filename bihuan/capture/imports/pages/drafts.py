"""The page of a file that was sent: what its rows are, what becomes of each column, the first rows as they would be read."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.ui import FormPage, done, is_fragment
from bihuan.capture.imports.actions import (
    FileRefused,
    drop_mapping,
    file_of,
    forget_draft,
    import_draft,
    keep_mapping,
    kept_for,
    look,
    mapping_text,
    nouns_for,
    preview_mapping,
    redraft,
    save_draft,
    start_draft,
    stored_keys,
)
from bihuan.capture.imports.forms import FileForm, changed
from bihuan.capture.imports.models import ImportDraft, KeptMapping
from bihuan.capture.imports.pages.lines import Lines, previewed
from bihuan.capture.imports.rules.draft import Draft, document, draft_from, missing
from bihuan.capture.imports.rules.values import Shape, shape_of


def whole(actor: Actor) -> Actor:
    """The actor, if their territory is all customers: an import knows no other."""
    if actor.reach != Reach.ALL:
        raise PermissionDenied(_("Importing needs the territory of all customers."))
    return actor


class NewImport(FormPage):
    """Send one table."""

    name = "import"
    title = gettext_lazy("Import files")
    permission = "imports.run"
    form = FileForm
    submit = gettext_lazy("Read the file")
    template = "imports/new.html"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The kept mappings, for those who may write every customer."""
        return list(KeptMapping.objects.filter(noun__in=nouns_for(whole(actor))))

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What this actor may import."""
        return {"nouns": nouns_for(actor)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the file and draft its mapping."""
        row = start_draft(file=form.cleaned_data["file"], noun=form.cleaned_data["noun"], by=by, at=at)
        return _("The file was read; nothing is stored yet."), reverse("imports:draft", args=[row.pk])


def _mine(request: HttpRequest, pk: int) -> tuple[ImportDraft, Actor]:
    """A draft of whoever asks, while they may import what it holds; those of others are not there."""
    actor = actor_of(request)
    row = get_object_or_404(ImportDraft, pk=pk, by_id=actor.user_id)
    if row.draft["noun"] not in nouns_for(whole(actor)):
        raise PermissionDenied(_("You may not import such rows any more; send the file again."))
    return row, actor


@allow("imports.run")
def draft_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns of a file; a post changes what becomes of them, and imports, checks, keeps or discards when it says so."""
    row, actor = _mine(request, pk)
    do = request.POST.get("do", "")
    if do == "discard":
        forget_draft(row)
        return done(request, _("The file was discarded; nothing was stored."), to=reverse("imports:list"))
    problems: list[str] = []
    try:
        if request.method == "POST":
            draft = _changed(request, row, actor)
            if do in ("import", "check"):
                run = import_draft(row=row, check=do == "check", by=actor, at=timezone.now())
                return HttpResponseRedirect(reverse("imports:page", args=[run.pk]))
            if do == "keep":
                name = request.POST.get("keep_as", "")
                keep_mapping(name=name, draft=draft, by=actor, at=timezone.now())
                save_draft(row=row, draft=draft, kept=name.strip())
                text = _("The mapping “%(name)s” is kept; the next file with these columns is read by it.")
                return done(request, text % {"name": name.strip()}, to=request.path)
    except ValidationError as error:
        problems = error.messages
    except FileRefused as refused:
        problems = [str(refused)]
    return _show(request, row, actor, problems)


def _changed(request: HttpRequest, row: ImportDraft, actor: Actor) -> Draft:
    """The draft after what was posted: begun again when noun, sheet or kept mapping are others, else changed line by line."""
    draft, posted = draft_from(row.draft), request.POST
    noun, sheet = posted.get("noun", draft.noun), posted.get("sheet", draft.sheet)
    if "kept" in posted and posted["kept"] != row.kept:
        return redraft(row=row, by=actor, sheet=sheet, kept=posted["kept"])
    if (noun, sheet) != (draft.noun, draft.sheet):
        return redraft(row=row, by=actor, noun=noun, sheet=sheet)
    draft = changed(
        draft, posted=posted, shapes=_shapes(row, draft), nouns=nouns_for(actor), known=stored_keys()
    )
    save_draft(row=row, draft=draft)
    return draft


def _shapes(row: ImportDraft, draft: Draft) -> dict[str, Shape]:
    seen = look(file_of(row), sheet=draft.sheet)
    return {name: shape_of(cells) for name, cells in seen.columns.items()}


def _show(request: HttpRequest, row: ImportDraft, actor: Actor, problems: list[str]) -> HttpResponse:
    draft, mine = draft_from(row.draft), nouns_for(actor)
    try:
        seen = look(file_of(row), sheet=draft.sheet)
    except (FileRefused, FileNotFoundError):
        forget_draft(row)
        return done(
            request,
            _("The file is not here any more; send it again."),
            to=reverse("imports:new"),
            kind="warning",
        )
    part = is_fragment(request) and request.headers.get("HX-Target") == "draft"
    return render(
        request,
        "imports/draft_form.html" if part else "imports/draft.html",
        {
            "row": row,
            "draft": draft,
            "lines": Lines(draft=draft, seen=seen, nouns=mine),
            "kept": list(kept_for(draft, by=actor)),
            "problems": problems,
        },
    )


@allow("imports.run")
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows as they would be read; nothing is kept of them."""
    row, actor = _mine(request, pk)
    draft, mine = draft_from(row.draft), nouns_for(actor)
    lacking = missing(draft, mine)
    found = None
    if not lacking:
        found = preview_mapping(
            document=document(draft, mine), folder=file_of(row).parent, by=actor, at=timezone.now()
        )
    return render(
        request,
        "imports/preview.html",
        {"row": row, "lacking": lacking, "preview": previewed(found, mine), "draft": draft},
    )


@allow("imports.run")
@require_safe
def mapping_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The mapping of a draft as YAML, for the command and the REST API."""
    row, actor = _mine(request, pk)
    return _yaml(draft_from(row.draft), actor)


@allow("imports.run")
@require_safe
def kept_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept mapping as YAML."""
    actor = whole(actor_of(request))
    row = get_object_or_404(KeptMapping, pk=pk, noun__in=nouns_for(actor))
    return _yaml(draft_from(row.draft), actor)


def _yaml(draft: Draft, actor: Actor) -> HttpResponse:
    answer = HttpResponse(
        mapping_text(draft, nouns_for(actor)), content_type="application/yaml; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="mapping.yaml"'
    return answer


@allow("imports.run")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a kept mapping away."""
    actor = whole(actor_of(request))
    row = get_object_or_404(KeptMapping, pk=pk, noun__in=nouns_for(actor))
    drop_mapping(row=row, by=actor, at=timezone.now())
    text = _("The mapping “%(name)s” was removed.") % {"name": row.name}
    return done(request, text, to=reverse("imports:new"))
