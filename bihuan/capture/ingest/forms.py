"""Forms of ingest: they check, the actions save."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.capture.ingest.models import RejectedEvent


class BodyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What was sent, as JSON."""

    class Meta:
        model = RejectedEvent
        fields = ("body",)
        widgets = {"body": forms.Textarea(attrs={"rows": 16, "spellcheck": "false"})}

    def clean_body(self) -> str:
        """One JSON object."""
        text: str = self.cleaned_data["body"]
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not JSON: %(error)s") % {"error": error}) from error
        if not isinstance(value, dict):
            raise ValidationError(_("An event is a JSON object."))
        return text
