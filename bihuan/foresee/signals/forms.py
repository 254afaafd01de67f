"""Forms of signals: they check, the actions save."""

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.access.policy import permissions
from bihuan.base.access.titles import permission_title
from bihuan.base.plain_yaml import read_yaml
from bihuan.foresee.signals.models import KindOfSignal, OwnerRule
from bihuan.foresee.signals.queries import sentence_of, title_of
from bihuan.know.staff.models import Staff

MOST_BEHAVIOUR = 20_000
EXAMPLE = "exports: {event: report_exported, where: 'props.rows > 10', last: 28d, count: events}"


class DismissForm(forms.Form):
    """Why nothing is to be done."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}))


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What can be set of every kind: how grave it is, how long it rests, who is told and who sees it."""

    class Meta:
        model = KindOfSignal
        fields: tuple[str, ...] = ("severity", "cooldown", "owner_rule", "staff", "needs", "on")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"] = forms.ModelChoiceField(
            label=gettext_lazy("Person"), queryset=Staff.objects.filter(is_active=True), required=False,
            help_text=gettext_lazy("Only for “One person”."),
        )  # fmt: skip
        held = sorted(name for name in permissions() if actor.may(name) and name.endswith(".view"))
        kept = [self.instance.needs] if self.instance.needs and self.instance.needs not in held else []
        self.fields["needs"] = forms.ChoiceField(
            label=gettext_lazy("Needs the permission"), required=False,
            choices=[("", _("None but to see signals")), *((name, permission_title(name)) for name in held + kept)],
            help_text=gettext_lazy("Without it nobody sees these signals."),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A person belongs to “One person” only."""
        if self.cleaned_data.get("owner_rule") != OwnerRule.STAFF:
            self.cleaned_data["staff"] = None
        return self.cleaned_data

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class KindForm(SettingsForm):
    """A kind that is looked for; the key is chosen once."""

    behaviour = forms.CharField(
        label=gettext_lazy("Behaviour (YAML)"), required=False, max_length=MOST_BEHAVIOUR,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("What behaviour.<name> and before.<name> count. For example: %(example)s")
        % {"example": EXAMPLE},
    )  # fmt: skip

    class Meta:
        model = KindOfSignal
        fields = (
            "key",
            "title",
            "about",
            "rule",
            "behaviour",
            "against",
            "sentence",
            *SettingsForm.Meta.fields,
        )
        widgets = {
            "rule": forms.Textarea({"rows": 4, "spellcheck": "false"}),
            "sentence": forms.Textarea({"rows": 2, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].required = True
        self.fields["rule"].help_text = gettext_lazy(
            "m.<measure> and behaviour.<name> are now, before.<name> is the same so many days back. For example: "
            "m.active_people < 0.8 * before.active_people"
        )
        self.fields["sentence"].help_text = gettext_lazy(
            "What was seen, with numbers in braces: {m.active_people} active people, {before.active_people} before. "
            "Without one every number of the rule is listed."
        )
        if self.instance.pk:
            self.fields["key"].disabled = True
            self.initial["behaviour"] = as_yaml(self.instance.behaviour)
            self.initial["title"] = title_of(self.instance)
            self.initial["sentence"] = sentence_of(self.instance)

    def clean_behaviour(self) -> dict[str, Any]:
        """The behaviour, read; the action checks what it says."""
        try:
            found = read_yaml(self.cleaned_data["behaviour"] or "{}")
        except yaml.YAMLError as error:
            raise ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error
        if not isinstance(found, dict):
            raise ValidationError(_("Write name: {event: …} on each line."))
        return {str(name): one for name, one in found.items()}


def as_yaml(behaviour: Any) -> str:
    """A behaviour as it is typed; empty for none."""
    return yaml.safe_dump(behaviour, allow_unicode=True, sort_keys=False) if behaviour else ""
