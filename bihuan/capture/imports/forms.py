"""The upload form: it checks that there is something, the action says what is wrong with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A list of uploaded files."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file as Django checks one."""
        one = super().clean
        return (
            [one(file, initial) for file in data]
            if isinstance(data, (list, tuple)) and data
            else [one(data, initial)]
        )


class UploadForm(forms.Form):
    """A mapping and its files."""

    uploads = ManyFilesField(
        label=_("Mapping and files"),
        help_text=_("One mapping file (.yaml) and the files it names: CSV, CSV.gz, XLSX, Parquet or JSONL."),
    )
    check = forms.BooleanField(
        label=_("Check only"),
        required=False,
        initial=True,
        help_text=_("Say what would happen, and write nothing."),
    )
