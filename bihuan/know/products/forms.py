"""Forms of products."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ProductForm(forms.Form):
    """A product."""

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=60, required=False, allow_unicode=True,
                           help_text=_("Empty: made from the name. It does not change later."))  # fmt: skip
