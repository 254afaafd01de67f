"""The form of an annotation: it validates and never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from bihuan.understand.annotations.models import Annotation


class AnnotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What happened, when; `to` is the page to go back to."""

    to = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24_000)

    class Meta:
        model = Annotation
        fields = ("title", "kind", "first_on", "last_on", "product")
        widgets = {"first_on": forms.DateInput(), "last_on": forms.DateInput()}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        product: Any = self.fields["product"]
        product.empty_label = gettext_lazy("none")

    def _post_clean(self) -> None:
        """The action validates the whole record."""

    @property
    def said(self) -> dict[str, Any]:
        """The fields of the annotation alone."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
