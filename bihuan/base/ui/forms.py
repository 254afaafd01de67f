"""Forms: one look for every field, and FormPage, which serves a form as a page or as a dialog."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui.nav import Text
from bihuan.base.ui.responses import done, is_fragment
from bihuan.base.ui.undo import Undo

#: The sentence for the toast, the address to go to, and how to take it back, if that can be done.
Saved = tuple[str, str] | tuple[str, str, Undo]

CHECKS = (forms.CheckboxInput,)
CHOICES = (forms.Select,)
GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class ModelChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among records with an own way to name them: `ModelChoice(queryset, name=lambda r: …)`."""

    def __init__(self, queryset: Any, *, name: Callable[[Any], str] = str, **options: Any) -> None:
        super().__init__(queryset, **options)
        self._name = name

    def label_from_instance(self, obj: Any) -> str:
        """The name of a record."""
        return self._name(obj)


def widget_kind(widget: forms.Widget) -> str:
    """Which part of the field template draws a widget."""
    if isinstance(widget, GROUPS):
        return "group"
    if isinstance(widget, CHECKS):
        return "check"
    return "hidden" if widget.is_hidden else "box"


def dress(bound: forms.BoundField) -> forms.BoundField:
    """Give a field's widget our classes and tie it to its help and errors for screen readers."""
    widget = bound.field.widget
    kind = widget_kind(widget)
    css = {"check": "form-check-input", "group": "", "hidden": ""}.get(
        kind, "form-select" if isinstance(widget, CHOICES) else "form-control"
    )
    if bound.errors:
        css += " is-invalid"
        widget.attrs["aria-invalid"] = "true"
    if css and css not in widget.attrs.get("class", ""):
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described and kind != "hidden":
        widget.attrs["aria-describedby"] = " ".join(described)
    if type(widget) is forms.DateInput:
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    return bound


def put_errors(form: Any, error: ValidationError) -> None:
    """What an action refused stands beside its field, or above the form when it names none of them."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class FormPage:
    """Subclass in `pages.py`; route `EditAccount.as_view()`.

    Opened as a link it is a page, with `hx-get` into `#dialog-body` a dialog. What was typed is never lost:
    an invalid form comes back with its values and sentences that say what to do.
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    permission: ClassVar[str]
    form: ClassVar[Callable[..., forms.BaseForm]]
    submit: ClassVar[Text] = _("Save")
    template: ClassVar[str] = "ui/form_page.html"
    stay: ClassVar[str] = ""
    about: ClassVar[Any] = None

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """What the form is about, passed on as `subject`: the record of `about` within the actor's territory, else
        Http404; nothing when `about` names no model."""
        if self.about is None:
            return None
        return get_object_or_404(self.about._default_manager.visible_to(actor), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Arguments for the form's constructor (`initial`, `instance`, …)."""
        return {}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> Saved:
        """Call one action; return the sentence for the toast, the address to go to, and what undoes it."""
        raise NotImplementedError

    def title_for(self, subject: Any) -> Text:
        """The title for this subject."""
        return self.title

    @classmethod
    def as_view(cls) -> Callable[..., Any]:
        """The guarded view."""
        page = cls()

        def view(request: HttpRequest, **route: Any) -> HttpResponse:
            return page.answer(request, route)

        view.__name__ = cls.__name__
        view.__module__ = cls.__module__
        return allow(cls.permission)(view)

    def answer(self, request: HttpRequest, route: dict[str, Any]) -> HttpResponse:
        """Show, check, save."""
        actor = actor_of(request)
        subject = self.subject(actor=actor, **route)
        options = self.options(subject=subject, actor=actor, request=request)
        build: Any = type(self).form
        if request.method == "POST":
            form = build(request.POST, request.FILES, **options)
            if form.is_valid():
                try:
                    text, to, *undo = self.save(form=form, subject=subject, by=actor, at=timezone.now())
                except ValidationError as error:
                    put_errors(form, error)
                else:
                    return done(request, text, to=to, stay=self.stay, undo=undo[0] if undo else None)
        else:
            form = build(**options)
        context = {
            "form": form,
            "page": self,
            "subject": subject,
            "title": self.title_for(subject),
            "url": request.get_full_path(),
        }
        dialog = is_fragment(request) and request.headers.get("HX-Target") == "dialog-body"
        return render(request, "ui/parts/dialog_form.html" if dialog else self.template, context)
