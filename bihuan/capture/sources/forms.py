"""Forms of sources: they check, the actions save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import ModelChoice
from bihuan.capture.sources.models import Source
from bihuan.know.products.models import Product


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new source."""

    product = ModelChoice(queryset=Product.objects.none(), label=_("Product"))

    class Meta:
        model = Source
        fields = ("code", "name", "product")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.all()  # type: ignore[attr-defined]
        self.fields["code"].help_text = _("Short and lasting, such as web or server.")
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Empty: the code.")


class EditForm(forms.ModelForm):  # type: ignore[type-arg]
    """Another name for a source, and for how long its events are kept."""

    class Meta:
        model = Source
        fields = ("name", "keep_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep_days"].required = False  # left out: it stays as it is


class SureForm(forms.Form):
    """A step that cannot be taken back."""

    sure = forms.BooleanField(label=_("I know that the present key is refused from this moment."))
