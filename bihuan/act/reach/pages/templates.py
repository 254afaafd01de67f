"""Templates: the list, one with a preview for a real account, its form."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.reach import actions
from bihuan.act.reach.actions.templates import FIELDS
from bihuan.act.reach.forms import TemplateForm
from bihuan.act.reach.models import Kind, Template
from bihuan.act.reach.queries import rendered
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import ActorColumn, AgoColumn, Column, Empty, FormPage, ListPage, done, formats, nav_entry
from bihuan.know.accounts.models import Account, Membership

KINDS = dict(Kind.choices)


def page_of(row: Any) -> str:
    """The address of a template."""
    return reverse("reach:template", args=[row.pk])


def kinds_of(row: Any) -> str:
    """The channels it is for, in words."""
    return formats.listed(str(KINDS[kind]) for kind in row.kinds if kind in KINDS)


class Templates(ListPage):
    """All that are kept."""

    name, title, permission = "reach_templates", gettext_lazy("Message templates"), "reach.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, link=page_of),
        Column("subject_zh", gettext_lazy("Subject"), phone=True),
        Column("kinds", pgettext_lazy("template", "For"), get=kinds_of, sort=None),
        AgoColumn("changed_at", gettext_lazy("Changed")),
        ActorColumn("made_by_name", gettext_lazy("Added by"), hidden=True),
    )
    search = ("name", "subject_zh", "subject_en")
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New template"), "reach.write"
    empty = Empty(
        title=gettext_lazy("No templates yet"), icon="file-text",
        text=gettext_lazy("Write once what is sent often, in Chinese and English, with the name of whoever reads it."),
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those that were not removed."""
        return Template.objects.filter(removed_at=None)

    def row_url(self, record: Any) -> str:
        """Its page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form."""
        return reverse("reach:new_template")


def template_kept(pk: int) -> Template:
    """One that was not removed, or 404."""
    return get_object_or_404(Template, pk=pk, removed_at=None)


class NewTemplate(FormPage):
    """Write one."""

    name, title, permission, form = "template", gettext_lazy("New template"), "reach.write", TemplateForm

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """It can be sent from now on."""
        return _("Saved."), page_of(actions.save_template(values=form.cleaned_data, by=by, at=at))


class EditTemplate(FormPage):
    """Another text for what is sent from now on."""

    name, title, permission, form = (
        "template",
        gettext_lazy("Change the template"),
        "reach.write",
        TemplateForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """One that was not removed."""
        return template_kept(route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """What is stored."""
        return {"initial": {name: getattr(subject, name) for name in FIELDS}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """What is queued keeps its text."""
        actions.save_template(template=subject, values=form.cleaned_data, by=by, at=at)
        return _("Saved."), page_of(subject)


@allow("reach.view")
def template_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The template as somebody of a real account reads it."""
    row, actor, asked = template_kept(pk), actor_of(request), request.GET.get("account", "").strip()[:200]
    accounts = Account.objects.visible_to(actor)
    account = accounts.filter(Q(key=asked) | Q(name__icontains=asked)).first() if asked else accounts.first()
    person = None
    if account is not None and actor.may("people.view"):
        now = timezone.localdate()
        member = Membership.objects.valid_on(now).filter(account=account, person__anonymous=False).first()
        person = member.person if member is not None else None
    texts = [
        rendered(template=row, account=account, person=person, my_name=actor.name, language=language)
        for language in ("zh-hans", "en") if language != "en" or row.body_en
    ]  # fmt: skip
    context = {
        "row": row, "kinds": kinds_of(row), "account": account, "person": person, "texts": texts, "asked": asked,
        "may_write": actor.may("reach.write"), "may_send": actor.may("reach.send"),
    }  # fmt: skip
    return render(request, "reach/template.html", context)


@allow("reach.write")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """It is offered no more."""
    actions.remove_template(template=template_kept(pk), by=actor_of(request), at=timezone.now())
    return done(request, _("Removed."), to=reverse("reach:templates"))


nav_entry("message-templates", title=gettext_lazy("Message templates"), url="reach:templates", section="marketing",
          permission="reach.view", icon="file-text", order=20)  # fmt: skip
