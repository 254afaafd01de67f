"""What those who answer for a process do with an instance."""

from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.act.work import actions
from bihuan.act.work.forms import AheadForm, ExtraForm, ReasonForm, ReviewForm, VersionForm
from bihuan.act.work.models import Deviation, Instance
from bihuan.act.work.pages.instances import page_of, steps_ahead
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, done, refusals_at


class _OfInstance(FormPage):
    """A form about an instance."""

    name = "instance"
    about = Instance


class Pause(_OfInstance):
    """Stop its clocks."""

    title, permission, form = gettext_lazy("Pause the process"), "work.manage", ReasonForm
    submit = gettext_lazy("Pause")

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """With the reason."""
        actions.pause(instance=subject, reason=form.cleaned_data["reason"], by=by, at=at)
        return _("Paused. Its clocks stand still."), page_of(subject)


class Cancel(_OfInstance):
    """End it here."""

    title, permission, form = gettext_lazy("End the process here"), "work.manage", ReasonForm
    submit = gettext_lazy("End it")

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """With the reason."""
        actions.cancel_instance(instance=subject, reason=form.cleaned_data["reason"], by=by, at=at)
        return _("Ended. Nothing of it waits any more."), page_of(subject)


class AddStep(_OfInstance):
    """A step that the drawing does not have."""

    title, permission, form = gettext_lazy("Add a step"), "work.deviate", ExtraForm
    submit = gettext_lazy("Add")

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Beside what goes on."""
        found = dict(form.cleaned_data)
        due = found.pop("due_on")
        due_at = timezone.make_aware(datetime.combine(due, time(18))) if due else None
        actions.add_step(instance=subject, due_at=due_at, by=by, at=at, **found)
        return _("Added."), page_of(subject)


class DoAhead(_OfInstance):
    """A later step now."""

    title, permission, form = gettext_lazy("Do a later step now"), "work.deviate", AheadForm
    submit = gettext_lazy("Do it now")

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The steps that were not reached yet."""
        return {"steps": steps_ahead(subject)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """On one's own bench."""
        item = actions.do_ahead(instance=subject, by=by, at=at, **form.cleaned_data)
        return _("It lies on your bench."), f"/work-items/{item.pk}/"


class ChangeVersion(_OfInstance):
    """Go on on another version."""

    title, permission, form = gettext_lazy("Go on on another version"), "work.manage", VersionForm
    submit = gettext_lazy("Go on")

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Versions of the same process."""
        return {"process": subject.process_id}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """When it has a place for where the instance stands."""
        actions.change_version(instance=subject, to=form.cleaned_data["version"], by=by, at=at)
        return _("It goes on on the other version."), page_of(subject)


def _button(action: Any, text: Any) -> Any:
    @allow("work.manage")
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        instance = get_object_or_404(Instance.objects.visible_to(actor_of(request)), pk=pk)
        with refusals_at(page_of(instance)):
            action(instance=instance, by=actor_of(request), at=timezone.now())
        return done(request, str(text), to=page_of(instance))

    return view


resume = _button(actions.resume, gettext_lazy("It goes on. Its clocks run again."))
try_again = _button(actions.try_again, gettext_lazy("Tried again."))


class Review(FormPage):
    """Somebody looks at a deviation."""

    name, title, permission, form = (
        "deviation",
        gettext_lazy("Review the deviation"),
        "work.manage",
        ReviewForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """Within the territory."""
        rows = Deviation.objects.filter(instance__in=Instance.objects.visible_to(actor))
        return get_object_or_404(rows, pk=route["pk"])

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """What was thought of it."""
        actions.review_deviation(deviation=subject, by=by, at=at, **form.cleaned_data)
        return _("Reviewed."), page_of(subject.instance)
