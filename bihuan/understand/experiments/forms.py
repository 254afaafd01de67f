"""Forms of experiments: the plan, its variants and its metrics, and the calculator's few questions."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.understand.experiments.models import Experiment

SPAN = RegexValidator(r"^[1-9]\d{0,4}[smhdw]\Z", _("Write a span such as 30m, 12h or 7d."))
PROPERTY = RegexValidator(r"^[\w$]+\Z", _("Write the name of a property, such as amount."))
KINDS = (
    ("conversion", _("Conversion: did it")), ("mean", _("Mean: how often, or how much")),
    ("ratio", _("Ratio: one thing per another")), ("retention", _("Retention: came back")),
)  # fmt: skip
#: Which fields of a metric say something for its kind.
SPOKEN = {
    "conversion": ("within",), "mean": ("amount", "within"), "ratio": ("amount", "per", "per_where", "within"),
    "retention": ("after", "within"),
}  # fmt: skip
OPTIONAL = ("amount", "per", "per_where", "after", "within")


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is planned; the key is chosen once."""

    class Meta:
        model = Experiment
        fields = (
            "name",
            "key",
            "hypothesis",
            "product",
            "unit",
            "method",
            "planned",
            "matters",
            "cuped_days",
        )
        widgets = {"hypothesis": forms.Textarea({"rows": 3})}
        help_texts = {
            "key": _("Small letters, digits, _ and -: what the product asks by."),
            "hypothesis": _("What you change, for whom, and what you expect of it."),
            "unit": _("When colleagues would see different things, assign accounts; variances are then those between them."),
            "method": _("A fixed end and Bayesian are read once, at the planned end; the other takes about twice the units."),
            "matters": _("Absolute, of the first metric: 0.02 of a share is 2 points."),
            "cuped_days": _("The same metric so many days before takes away what was different already (CUPED)."),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["key"].disabled = True

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be changed of one that was started."""

    class Meta:
        model = Experiment
        fields = ("name", "hypothesis")
        widgets = {"hypothesis": forms.Textarea({"rows": 3})}

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class VariantForm(forms.Form):
    """A variant; the first is the control."""

    name = forms.CharField(label=pgettext_lazy("experiment", "Variant"), max_length=60)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=1_000_000)


class MetricForm(forms.Form):
    """A metric; the first is the primary one."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    event = forms.CharField(label=_("Event, or several with commas"), max_length=500, required=False)
    where = forms.CharField(label=_("where (CEL)"), max_length=1000, required=False)
    amount = forms.CharField(label=_("Sum of the property"), max_length=60, required=False, validators=[PROPERTY],
                             help_text=_("Empty: the number of events."))  # fmt: skip
    per = forms.CharField(label=_("Per event"), max_length=500, required=False)
    per_where = forms.CharField(label=_("Per event where (CEL)"), max_length=1000, required=False)
    after = forms.CharField(label=_("Back after"), max_length=10, required=False, validators=[SPAN])
    within = forms.CharField(label=_("Within"), max_length=10, required=False, validators=[SPAN],
                             help_text=_("Of the exposure, such as 14d; empty: until the end."))  # fmt: skip
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=(("", _("What it is about")), ("guard", _("Guard-rail: must not get worse")))
    )  # fmt: skip
    better = forms.ChoiceField(
        label=_("Better is"),
        choices=(("higher", pgettext_lazy("better", "higher")), ("lower", pgettext_lazy("better", "lower"))),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=_("Counted"), choices=(("unit", _("per assigned unit")), ("person", _("per person of the account")))
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """An event is named by all but retention."""
        data = super().clean() or {}
        kind = data.get("kind")
        for name, needed in (
            ("event", kind != "retention"),
            ("per", kind == "ratio"),
            ("after", kind == "retention"),
        ):
            if needed and not data.get(name) and name not in self.errors:
                self.add_error(name, _("This metric needs it."))
        return data

    @property
    def spoken(self) -> tuple[str, ...]:
        """The optional fields that say something for the kind chosen."""
        return SPOKEN.get(str(self["kind"].value() or KINDS[0][0]), ())

    @property
    def rows(self) -> list[Any]:
        """The optional fields to show, and the others to keep what was typed."""
        return [self[name] for name in OPTIONAL if name in self.spoken]

    @property
    def kept(self) -> list[Any]:
        """Fields that say nothing for this kind."""
        return [self[name] for name in OPTIONAL if name not in self.spoken]


class EffortForm(forms.Form):
    """What the calculator asks beside the plan."""

    arrival = forms.CharField(label=_("They come by the event"), max_length=200, required=False,
                              help_text=_("At which they would see a variant; empty: any product event."))  # fmt: skip
    base = forms.FloatField(label=_("The first metric today"), required=False,
                            help_text=_("Empty: measured in the last 28 days, for a conversion."))  # fmt: skip
    spread = forms.FloatField(label=_("Standard deviation between units"), required=False, min_value=0,
                              help_text=_("Only of a mean or a ratio."))  # fmt: skip


VariantForms: Any = forms.formset_factory(
    VariantForm, extra=0, min_num=2, max_num=10, validate_min=True, validate_max=True
)
MetricForms: Any = forms.formset_factory(
    MetricForm, extra=0, min_num=1, max_num=20, validate_min=True, validate_max=True
)


def metric_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """A metric as the question about experiments has it, from a clean form."""
    kind = data["kind"]
    spoken = SPOKEN[kind]
    said: dict[str, Any] = {"name": data["name"], "kind": kind}
    said |= selector_of(data["event"], data["where"])
    if "amount" in spoken and data["amount"]:
        said["measure"] = f"sum(props.{data['amount']})"
    if "per" in spoken:
        said["per"] = selector_of(data["per"], data["per_where"])
    said |= {name: data[name] for name in ("after", "within") if name in spoken and data[name]}
    if data["role"] == "guard":
        said["guard"] = True
    if data["better"] == "lower":
        said["higher_is_better"] = False
    if data["by"] == "person":
        said["by"] = "person"
    return said


def selector_of(events: str, where: str) -> dict[str, Any]:
    """Events, several with commas between, and a condition, as a question has them."""
    names = [name.strip() for name in re.split("[,，]", events) if name.strip()]
    said: dict[str, Any] = {} if not names else {"event": names[0]} if len(names) == 1 else {"events": names}
    return said | ({"where": where} if where else {})


def events_of(selector: Mapping[str, Any]) -> str:
    """The way back: names with commas between."""
    found = selector.get("events", selector.get("event", ""))
    return found if isinstance(found, str) else ", ".join(found)


def row_of(metric: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values for a stored metric."""
    per = metric.get("per") or {}
    per = per if isinstance(per, Mapping) else {"event": per}
    measure = str(metric.get("measure", "count"))
    return {
        "name": metric["name"], "kind": metric.get("kind", "conversion"), "event": events_of(metric),
        "where": metric.get("where", ""), "per": events_of(per), "per_where": per.get("where", ""),
        "amount": "" if measure == "count" else measure.removeprefix("sum(props.").removesuffix(")"),
        "after": metric.get("after", ""), "within": metric.get("within", ""),
        "role": "guard" if metric.get("guard") else "",
        "better": "higher" if metric.get("higher_is_better", True) else "lower", "by": metric.get("by", "unit"),
    }  # fmt: skip
