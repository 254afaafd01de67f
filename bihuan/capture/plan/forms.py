"""Forms of the tracking plan: they check, the actions save."""

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.base.plain_yaml import read_yaml
from bihuan.base.ui import ModelChoice
from bihuan.capture.plan.models import PlannedEvent, PlannedProperty
from bihuan.capture.sources.models import Source
from bihuan.know.products.models import Product

MAX_DOCUMENT = 2 * 2**20


class EventForm(forms.ModelForm):  # type: ignore[type-arg]
    """A planned event."""

    product = ModelChoice(queryset=Product.objects.none(), label=_("Product"))

    class Meta:
        model = PlannedEvent
        fields = ("product", "name", "state", "owner", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.all()  # type: ignore[attr-defined]


class PropertyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A property of a planned event."""

    class Meta:
        model = PlannedProperty
        fields = ("name", "type", "required", "state", "owner", "description")


class ProductForm(forms.Form):
    """Which product."""

    product = ModelChoice(queryset=Product.objects.none(), label=_("Product"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.all()  # type: ignore[attr-defined]


class DocumentForm(ProductForm):
    """A plan as YAML."""

    document = forms.CharField(
        label=_("Plan (YAML)"), widget=forms.Textarea(attrs={"rows": 18}), max_length=MAX_DOCUMENT
    )

    def clean_document(self) -> Any:
        """The document, read."""
        try:
            return read_yaml(self.cleaned_data["document"])
        except yaml.YAMLError as error:
            raise ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error


class BlockingForm(forms.Form):
    """Whether a source blocks."""

    source = ModelChoice(queryset=Source.objects.none(), label=_("Source"))
    blocks = forms.BooleanField(label=_("Reject what breaches the plan"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Source.objects.filter(kind=Source.Kind.PRODUCT)  # type: ignore[attr-defined]
