"""Forms of processes."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.act.processes.models import Area, Kind, Process

MOST_FILE = 2_000_000


class NewProcess(forms.ModelForm):  # type: ignore[type-arg]
    """What a new process or decision table is called."""

    key = forms.CharField(
        label=_("Key"), max_length=60, required=False,
        help_text=_("Latin letters, digits and _; other diagrams call it by this. Left empty, one is made."),
    )  # fmt: skip

    begin = forms.ChoiceField(
        label=_("Begin with"), choices=[("drawing", _("A drawing")), ("list", _("A plain list of steps"))], required=False,
        help_text=_("Either can be taken up as the other later. Decision tables are always drawn."),
    )  # fmt: skip

    class Meta:
        model = Process
        fields = ("name", "name_zh", "kind", "area", "about", "key")
        widgets = {"about": forms.Textarea({"rows": 3})}

    def clean_key(self) -> str:
        """Given, or made of the name."""
        key: str = self.cleaned_data["key"]
        made = re.sub(r"[^a-z0-9]+", "_", self.cleaned_data.get("name", "").lower()).strip("_")
        key = key or (made if made[:1].isalpha() else f"process_{made}".rstrip("_"))[:50]
        if not self.data.get("key"):
            base, number = key, 2
            while Process.objects.filter(key=key).exists():
                key, number = f"{base}_{number}", number + 1
        return key


class EditProcess(forms.ModelForm):  # type: ignore[type-arg]
    """Its name, purpose, department and owner."""

    class Meta:
        model = Process
        fields = ("name", "name_zh", "area", "about", "about_zh", "owner")
        widgets = {"about": forms.Textarea({"rows": 3}), "about_zh": forms.Textarea({"rows": 3})}


class PublishForm(forms.Form):
    """What changed."""

    note = forms.CharField(
        label=_("What changed"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Whoever reads the list of versions will be glad of it."),
    )  # fmt: skip


class ImportForm(forms.Form):
    """A BPMN or DMN file."""

    file = forms.FileField(label=_("File (.bpmn or .dmn)"))
    area = forms.ChoiceField(label=_("Department"), choices=Area.choices, initial=Area.OTHER)

    def clean_file(self) -> Any:
        """Not too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_FILE:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file


KINDS = Kind
