"""Forms of metrics: they read, the actions check and save."""

import re
from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.measures import measures
from bihuan.base.plain_yaml import read_yaml
from bihuan.understand.metrics.models import MetricAlert, OwnMetric, ProductStageName

LONGEST = 20_000


class MetricForm(forms.ModelForm):  # type: ignore[type-arg]
    """A metric of one's own; the question as YAML, drivers as keys."""

    question = forms.CharField(
        label=_("Question (YAML)"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Without a period: the reader chooses it. The last column of the first row is the value."),
    )  # fmt: skip
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    drivers = forms.CharField(
        label=_("Drivers"),
        required=False,
        max_length=1000,
        help_text=_("Keys of metrics, such as traffic, conversion, price."),
    )

    class Meta:
        model = OwnMetric
        fields = ("key", "title", "definition", "unit", "kind", "layer", "higher_is_better", "formula", "question",
                  "pick", "measure", "over", "how", "drivers")  # fmt: skip
        help_texts = {
            "formula": _("Over keys of metrics, such as mrr_total / active_people_total."),
            "pick": _("Instead of the last column: such as total."),
            "key": _("What formulas call it; it does not change later."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *((name, one.title) for name, one in sorted(measures().items()))]
        self.fields["measure"].choices = choices  # type: ignore[attr-defined]
        row = self.instance
        if row.pk:
            self.fields["key"].disabled = True
            self.initial["drivers"] = ", ".join(row.drivers)
            asked = yaml.safe_dump(row.question, allow_unicode=True, sort_keys=False) if row.question else ""
            self.initial["question"] = asked

    def clean_question(self) -> Any:
        """The document, read."""
        try:
            return read_yaml(self.cleaned_data["question"]) or None
        except yaml.YAMLError as error:
            raise ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error

    def clean_drivers(self) -> list[str]:
        """The keys."""
        return [key for key in re.split(r"[\s,，、]+", self.cleaned_data["drivers"]) if key]


class TargetForm(forms.Form):
    """What a metric shall reach."""

    value = forms.FloatField(
        label=_("Target"),
        required=False,
        help_text=_("Empty: no target from then on. A percentage as a share: 0.25 is 25%."),
    )
    from_day = forms.DateField(label=_("From"), initial=timezone.localdate,
                               help_text=_("Counts for periods that end on this day or later."))  # fmt: skip
    note = forms.CharField(label=_("Why"), required=False, max_length=200)


class AlertForm(forms.ModelForm):  # type: ignore[type-arg]
    """When to alarm."""

    class Meta:
        model = MetricAlert
        fields = ("rule", "above", "below", "change", "k", "days", "cooldown_days", "active")
        help_texts = {
            "above": _("For a bound; a percentage as a share."),
            "below": _("For a bound; a percentage as a share."),
            "change": _("For a change: more than this up or down."),
            "k": _("For the unusual: deviations from the median of the same weekday in eight weeks."),
            "days": _("Ended yesterday; the unusual is always about one day."),
        }


class StageForm(forms.Form):
    """A stage set by judgement."""

    stage = forms.ChoiceField(label=_("Stage"), choices=ProductStageName.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
                             help_text=_("What you know that the numbers do not."))  # fmt: skip
