"""Forms of segments: they check, the actions save."""

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.plain_yaml import read_yaml
from bihuan.understand.segments.models import Segment

MAX_BEHAVIOUR = 20_000
EXAMPLE = "exports: {event: report_exported, where: 'props.rows > 10', last: 28d, count: events}"


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A live segment; the key is chosen once."""

    behaviour = forms.CharField(
        label=gettext_lazy("Behaviour (YAML)"), required=False, max_length=MAX_BEHAVIOUR,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("What behaviour.<name> counts. For example: %(example)s") % {"example": EXAMPLE},
    )  # fmt: skip

    class Meta:
        model = Segment
        fields = ("key", "title", "unit", "rule", "behaviour", "description")
        widgets = {
            "rule": forms.Textarea({"rows": 4, "spellcheck": "false"}),
            "description": forms.Textarea({"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].required = True
        self.fields["rule"].help_text = gettext_lazy(
            'For example: account.tier == "S" && measure.active_people < 5 && behaviour.exports >= 3'
        )
        if self.instance.pk:
            self.fields["key"].disabled = True
            self.initial["behaviour"] = as_yaml(self.instance.behaviour)

    def clean_behaviour(self) -> dict[str, Any]:
        """The behaviour, read; the action checks what it says."""
        try:
            found = read_yaml(self.cleaned_data["behaviour"] or "{}")
        except yaml.YAMLError as error:
            raise ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error
        if not isinstance(found, dict):
            raise ValidationError(_("Write name: {event: …} on each line."))
        return {str(name): one for name, one in found.items()}

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class ListForm(forms.ModelForm):  # type: ignore[type-arg]
    """A static segment's words."""

    class Meta:
        model = Segment
        fields = ("title", "description")


class FreezeForm(forms.Form):
    """What the list is called."""

    key = forms.CharField(label=gettext_lazy("Key"), max_length=60)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)


def as_yaml(behaviour: Any) -> str:
    """A behaviour as it is typed; empty for none."""
    return yaml.safe_dump(behaviour, allow_unicode=True, sort_keys=False) if behaviour else ""
