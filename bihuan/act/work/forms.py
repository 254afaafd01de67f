"""Forms of work: the form of a step as its drawing says, and those of people who leave the standard."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.act.bpmn import Field
from bihuan.act.processes.models import Version
from bihuan.act.processes.roles import role_choices
from bihuan.act.work.effort import MOST_MINUTES
from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

YES_NO = (("", "–"), ("true", _("Yes")), ("false", _("No")))


def _plain(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=500, **options)


def _long(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=20_000, widget=forms.Textarea({"rows": 4}), **options)


def _number(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=40, widget=forms.TextInput({"inputmode": "decimal"}), **options)


def _day(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.CharField(widget=forms.DateInput({"type": "date"}), **options)


def _yesno(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=YES_NO, **options)


def _choice(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", "–"), *_choices(field)], **options)


def _several(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=_choices(field), widget=forms.CheckboxSelectMultiple, **options)


def _file(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.FileField(**options)


def _person(field: Field, options: dict[str, Any]) -> forms.Field:
    people = Staff.objects.filter(is_active=True).order_by("name").values_list("username", "name")
    return forms.ChoiceField(choices=[("", "–"), *people], **options)


class AccountInput(forms.TextInput):
    """A text in which customers of the territory are proposed while one types."""

    template_name = "work/widgets/account.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the list that htmx fills."""
        context = super().get_context(name, value, attrs)
        there = f"found-{name}"
        context["widget"]["list"] = there
        context["widget"]["attrs"] |= {
            "list": there, "autocomplete": "off", "hx-get": f"{reverse('work:find_accounts')}?{urlencode({'field': name})}",
            "hx-trigger": "focus once, input changed delay:200ms", "hx-target": f"#{there}", "hx-swap": "innerHTML",
        }  # fmt: skip
        return context


def _account(field: Field, options: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=200, widget=AccountInput, **options)


def _not_for_guests(field: Field, options: dict[str, Any]) -> forms.Field:
    """What somebody outside cannot answer, with why."""
    said = {"help_text": _("Only colleagues answer this.")}
    return forms.CharField(disabled=True, **(options | said))


def _choices(field: Field) -> list[tuple[str, str]]:
    language = get_language() or ""
    return [(one.value, one.title.said(language) or one.value) for one in field.choices]


BUILT = {
    "long": _long, "number": _number, "money": _number, "date": _day, "yesno": _yesno, "choice": _choice, "choices": _several,
    "file": _file, "person": _person, "account": _account,
}  # fmt: skip


#: Beside the names of a diagram's fields, which have no hyphen.
MINUTES = "took-minutes"


class StepForm(forms.Form):
    """The fields of a step. It shows and keeps what was typed; what is right is said by the action. With
    `usual`, what the step takes, it asks for the minutes too."""

    def __init__(self, data: Any = None, files: Any = None, *, fields: Sequence[Field], signature: bool = False,
                 known: Mapping[str, Any] | None = None, guest: bool = False, people: bool = True,
                 usual: timedelta | None = None) -> None:  # fmt: skip
        initial = {one.name: (known or {}).get(one.name, one.default or None) for one in fields}
        initial = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in initial.items()
        }
        super().__init__(data, files, initial=initial, prefix="")
        language = get_language() or ""
        for one in fields:
            options = {
                "label": one.title.said(language) or one.name, "help_text": one.help.said(language), "required": False,
            }  # fmt: skip
            outside = (guest and one.kind == "account") or ((guest or not people) and one.kind == "person")
            field = (_not_for_guests if outside else BUILT.get(one.kind, _plain))(one, options)
            if one.required:
                field.label = f"{field.label} *"
            self.fields[one.name] = field
        if signature:
            self.fields["signed"] = forms.CharField(
                label=_("Sign with your name"), max_length=80, required=False
            )
        if usual is not None:
            self.fields[MINUTES] = forms.IntegerField(
                label=_("Minutes it took"), min_value=0, max_value=MOST_MINUTES, required=False,
                help_text=_("Left empty, at most %(n)s count.") % {"n": round(usual.total_seconds() / 60)},
            )  # fmt: skip


class StartForm(StepForm):
    """What a process is about, and what its start asks."""

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        fields: Sequence[Field],
        actor: Actor,
        account: Any = None,
    ) -> None:
        super().__init__(data, files, fields=fields)
        about = {
            "account": ModelChoice(
                queryset=Account.objects.visible_to(actor), label=_("Customer"), required=False, initial=account
            ),
            "title": forms.CharField(
                label=_("Title"), max_length=200, required=False,
                help_text=_("Left empty, it is the process and the customer."),
            ),
        }  # fmt: skip
        self.fields = about | self.fields


def _known_to(actor: Actor) -> Any:
    """Colleagues; for those from outside only each other."""
    rows = Staff.objects.filter(is_active=True)
    if actor.may("staff.view"):
        return rows
    return rows.filter(pk__in=[one.pk for one in rows if {*one.roles} & {*actor.roles}])


class DelegateForm(forms.Form):
    """To whom."""

    to = ModelChoice(queryset=Staff.objects.none(), label=_("To"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = _known_to(actor)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=pgettext_lazy("deviation", "Why"), max_length=500, widget=forms.Textarea({"rows": 3})
    )


class ReassignForm(ReasonForm):
    """To whom, and why not to whoever is meant to."""

    to = ModelChoice(
        queryset=get_user_model()._default_manager.filter(is_active=True),
        label=_("To a colleague"),
        required=False,
    )
    role = forms.ChoiceField(
        label=_("Or to a role"), choices=lambda: [("", "–"), *role_choices()], required=False
    )
    field_order: Sequence[str] = ("to", "role", "reason")


class ExtraForm(ReassignForm):
    """A step that the drawing does not have."""

    name = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput())
    field_order = ("name", "to", "role", "due_on", "reason")


class AheadForm(ReasonForm):
    """Which step, and why now."""

    element = forms.ChoiceField(label=_("Step"))
    field_order = ("element", "reason")

    def __init__(self, *args: Any, steps: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["element"].choices = steps  # type: ignore[attr-defined]


class VersionForm(forms.Form):
    """Another version to go on on."""

    version = ModelChoice(
        queryset=Version.objects.none(), label=_("Version"), name=lambda one: f"{one.number} {one.note}"
    )

    def __init__(self, *args: Any, process: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Version.objects.filter(process=process).exclude(state="draft").order_by("-number")
        self.fields["version"].queryset = rows  # type: ignore[attr-defined]


class AskAlsoForm(forms.Form):
    """Whom else to ask."""

    who = ModelChoice(queryset=Staff.objects.none(), label=_("Ask also"))

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["who"].queryset = _known_to(actor)  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """What was thought of a deviation."""

    review = forms.CharField(label=_("Review"), max_length=500, widget=forms.Textarea({"rows": 3}))


class InviteForm(forms.Form):
    """Who gets the link."""

    name = forms.CharField(
        label=_("For"), max_length=120, help_text=_("A person and their firm, for the record")
    )
