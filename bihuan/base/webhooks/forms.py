"""The form of a webhook: it validates and never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.bus import fact_class, fact_names
from bihuan.base.bus.facts import title_of


def choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(the facts of processes, all others), each with what people call it."""
    kinds = {name: fact_class(name) for name in fact_names()}
    named = sorted(
        ((name, title_of(name)) for name, kind in kinds.items() if kind and kind.title),
        key=lambda one: one[1],
    )
    of_processes = {
        name for name, kind in kinds.items() if kind is not None and kind.__module__.startswith("bihuan.act.")
    }
    return [one for one in named if one[0] in of_processes], [
        one for one in named if one[0] not in of_processes
    ]


class EndpointForm(forms.Form):
    """Where to, and what."""

    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.URLInput({"placeholder": "https://"}),
        help_text=_("Facts are sent here as JSON by POST, signed. Redirects are not followed."),
    )  # fmt: skip
    active = forms.BooleanField(label=_("On"), required=False)
    processes = forms.MultipleChoiceField(
        label=_("What happens in processes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.MultipleChoiceField(
        label=_("Everything else"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, facts: Any = (), **options: Any) -> None:
        super().__init__(*args, **options)
        of_processes, others = choices()
        fields: Any = self.fields
        fields["processes"].choices, fields["others"].choices = of_processes, others
        chosen = set(facts)
        self.initial["processes"] = [name for name, _title in of_processes if name in chosen]
        self.initial["others"] = [name for name, _title in others if name in chosen]

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"facts": [*found.pop("processes"), *found.pop("others")]}

    def add_error(self, field: Any, error: Any) -> None:
        """What is wrong with the facts stands beside the first of the two lists."""
        super().add_error("processes" if field == "facts" else field, error)
