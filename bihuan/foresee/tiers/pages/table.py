"""The rules as a table, with who would move before they are applied."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.decisions import Table, read_table, rule_of
from bihuan.base.jobs.models import Job
from bihuan.base.measures import measures
from bihuan.base.ui import done, nav_entry, refusals_at
from bihuan.foresee.tiers import actions
from bihuan.foresee.tiers.forms import RulesForm
from bihuan.foresee.tiers.models import TierRules
from bihuan.foresee.tiers.queries import Moves, moves_by
from bihuan.foresee.tiers.rules import FIELDS, TIERS, RulesError, as_dmn, grid_of, read_rules
from bihuan.understand.segments.queries import rule_in_words

SHOWN = 30
VERSIONS = 20


def table_in(row: TierRules) -> Table:
    """The rules of a version; those of a measure that is gone still read as they were written."""
    try:
        return read_rules(row.xml, measures=list(measures()))
    except RulesError:
        return read_table(row.xml)


def numbers_of(found: Moves) -> list[tuple[str, int, int, int]]:
    """(tier, how many now, how many then, the difference) of each tier, those without one last."""
    tiers = [*TIERS, *([""] if found.before.get("") or found.after.get("") else [])]
    return [
        (
            tier or _("none"),
            found.before.get(tier, 0),
            found.after.get(tier, 0),
            found.after.get(tier, 0) - found.before.get(tier, 0),
        )
        for tier in tiers
    ]


def said_of(table: Table) -> list[tuple[str, str, str, str]]:
    """(tier, the row in words, the row as an expression, why) of each row; a row that fits everything has no expression."""
    found = []
    for row in grid_of(table).rows:
        cells = zip((one.expression for one in table.inputs), row.cells, strict=True)
        rule = " && ".join(f"({one})" for one in (rule_of(*pair) for pair in cells) if one)
        found.append(
            (
                row.tier,
                rule_in_words(rule) if rule else _("Every other customer"),
                rule,
                _(row.note) if row.note else "",
            )
        )
    return found


def preview_of(table: Table, *, actor: Actor) -> dict[str, Any]:
    """Who of the territory would move."""
    found = moves_by(table, day=timezone.localdate(), actor=actor)
    return {
        "found": found, "numbers": numbers_of(found), "moves": found.moves[:SHOWN], "more": max(0, len(found.moves) - SHOWN),
        "problems": sorted(found.problems.items()), "said": said_of(table),
    }  # fmt: skip


@allow("tiers.view")
def rules_page(request: HttpRequest) -> HttpResponse:
    """The rules in force as a table, and who would move if they were applied now; `job` is one that applies them."""
    row = actions.ensure_rules(at=timezone.now())
    return render(request, "tiers/rules.html", _context(request, row, RulesForm(grid=grid_of(table_in(row)))))


def _context(request: HttpRequest, row: TierRules, form: RulesForm) -> dict[str, Any]:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "row": row, "form": form, "may_edit": actor.may("tiers.edit"), "versions": TierRules.objects.all()[:VERSIONS],
        "measures": measures().values(), "fields": FIELDS, **_applying(request),
    }  # fmt: skip
    if context["waits"]:
        return context
    try:
        context |= preview_of(actions.checked(row.xml), actor=actor)
    except ValidationError as error:
        context["errors"] = error.messages
    return context


def _applying(request: HttpRequest) -> dict[str, Any]:
    """The reader's own job that the address names: how far it is, and what came of it."""
    wish = request.GET.get("job", "")
    rows = Job.objects.filter(name=actions.APPLY, by_id=actor_of(request).user_id)
    job = rows.filter(pk=int(wish)).first() if wish.isdecimal() and len(wish) < 19 else None
    waits = job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING)
    text, result = "", (job.result or {}) if job is not None else {}
    if "moved" in result:
        text = ngettext("%(n)d customer moved.", "%(n)d customers moved.", result["moved"]) % {
            "n": result["moved"]
        }
    elif job is not None and not waits:
        text = result.get("refused") or _("It did not end; whoever was moved stays there. Apply again.")
    return {"job": job, "waits": waits, "applied": text}


def xml_of(form: RulesForm) -> str:
    """The table of a valid form as DMN; ValidationError for letters that no file may hold."""
    try:
        return as_dmn(form.grid())
    except ValueError:
        raise ValidationError(_("A cell holds a control character; delete it and write it again.")) from None


@allow("tiers.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Who would move by the table in the form; nothing is saved."""
    row = actions.ensure_rules(at=timezone.now())
    form = RulesForm(request.POST, grid=grid_of(table_in(row)))
    if not form.is_valid():
        errors = [
            f"{form.fields[name].label}: {' '.join(map(str, texts))}" for name, texts in form.errors.items()
        ]
        return render(request, "tiers/preview.html", {"errors": errors})
    try:
        table = actions.checked(xml_of(form))
    except ValidationError as error:
        return render(request, "tiers/preview.html", {"errors": error.messages})
    return render(request, "tiers/preview.html", preview_of(table, actor=actor_of(request)))


@allow("tiers.edit")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Put the table in force as a new version; nobody moves yet. What was typed comes back when it cannot be."""
    now = timezone.now()
    row = actions.ensure_rules(at=now)
    form = RulesForm(request.POST, grid=grid_of(table_in(row)))
    if form.is_valid():
        try:
            new = actions.save_rules(
                xml=xml_of(form), note=form.cleaned_data["note"], by=actor_of(request), at=now
            )
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            text = _("Version %(n)d is in force; nobody has moved yet. See below who would, and apply.") % {
                "n": new.version
            }
            return done(request, text, to=reverse("tiers:rules"))
    return render(request, "tiers/rules.html", _context(request, row, form), status=422)


@allow("tiers.edit")
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Let a job move everybody to where the rules in force put them; the page follows it."""
    with refusals_at(reverse("tiers:rules")):
        job = actions.ask_to_apply(by=actor_of(request), at=timezone.now())
    return done(request, _("The rules are being applied."), to=f"{reverse('tiers:rules')}?job={job.pk}")


@allow("tiers.edit")
@require_POST
def restore(request: HttpRequest, version: int) -> HttpResponse:
    """Put an earlier version's rules in force again, as a new version."""
    row = get_object_or_404(TierRules, version=version)
    with refusals_at(reverse("tiers:rules")):
        actions.restore_rules(version=row, by=actor_of(request), at=timezone.now())
    return done(request, _("Restored; nobody has moved yet."), to=reverse("tiers:rules"))


@allow("tiers.view")
def as_file(request: HttpRequest) -> HttpResponse:
    """The rules in force as a DMN file."""
    row = actions.ensure_rules(at=timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="tiers-v{row.version}.dmn"'}
    return HttpResponse(row.xml, content_type="application/xml", headers=headers)


nav_entry("tiers", title=gettext_lazy("Tiers"), url="tiers:rules", section="customers", permission="tiers.view",
          icon="star", order=40)  # fmt: skip
