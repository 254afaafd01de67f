"""The whole form of a kind: its inputs from a document, a document from what was filled in."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import PERIOD, Field
from bihuan.understand.explore.forms import inputs, of_units
from bihuan.understand.explore.forms.base import Input, Said, Unsayable
from bihuan.understand.explore.forms.inputs import OF_UNITS, PRESETS
from bihuan.understand.explore.registry import Kind, kinds
from bihuan.understand.explore.said import in_words
from bihuan.understand.explore.words import CHOICES, choice_title, field_title

#: What a trend measures is one list here, whether its YAML says it in one series or in several.
OF_SERIES = ("measure", "event", "events")
#: What a rule over accounts and people speaks of: a refusal that names one of them is about the segment.
OF_RULES = ("account", "person", "measure", "chain", "behaviour")
SHOWN_FIRST = {
    "trend": ("series", "every", "by", "period"),
    "funnel": ("steps", "within", "unit", "by", "period"),
    "retention": ("start", "return", "every", "periods", "unit", "period"),
    "stickiness": ("activity", "every", "unit", "period"),
    "lifecycle": ("activity", "every", "unit", "period"),
    "process": ("unit", "events", "show", "period"),
    "path": ("from", "to", "steps", "unit", "period"),
    "attribution": ("touch", "conversion", "model", "within", "unit", "period"),
    "survival": ("start", "end", "by", "columns", "every", "unit"),
    "tree": ("did", "columns", "unit", "segment"),
    "cluster": ("measures", "method", "clusters", "unit", "segment"),
    "segment": ("segment", "behaviour", "unit", "compare", "every", "period", "by"),
    "revenue": ("every", "period", "by", "pareto"),
    "tickets": ("by", "period", "segment"),
    "experiment": ("experiment", "method", "period"),
}
#: A life that is given as a number and a yes or no has no start and end to choose.
OF_DURATIONS = ("duration", "event", "by", "columns", "every", "unit")
SUGGESTIONS = {"within": "spans", "half_life": "spans"}
REMEDIES = {"did": "m.days_silent > 14.0", "compare": "rest"}
SPANS = ("30m", "12h", "1d", "7d", "14d", "30d")
NOTHING_SAID = {
    "clusters": gettext_lazy("by silhouette"),
    "from": gettext_lazy("the first event of each"), "to": gettext_lazy("no end chosen"),
    "touch": gettext_lazy("event, or several with commas"), "conversion": gettext_lazy("event, or several with commas"),
}  # fmt: skip


class Shown:
    """The form of a question as the page draws it."""

    def __init__(self, document: Mapping[str, Any], *, error: QuestionError | None = None) -> None:
        self.kind = kinds()[document["kind"]]
        self.document = document
        self.inputs: list[Input] = []
        self.unsaid: list[str] = [
            str(name) for name in document if name not in {"kind", *(one.name for one in self.kind.fields)}
        ]
        for one in fields_of(self.kind):
            if not (widget := inputs.widget_of(one)):
                self.unsaid += [one.name] if one.name in document else []
                continue
            try:
                self.inputs.append(self._input(one, widget, document))
            except Unsayable:
                self.unsaid.append(one.name)
        first = OF_DURATIONS if "duration" in document else SHOWN_FIRST.get(self.kind.name)
        order = {name: place for place, name in enumerate(first or [])}
        self.inputs.sort(key=lambda one: order.get(one.name, len(order)))
        for each in self.inputs:
            each.more = first is not None and each.name not in order
        self.error = ""
        if error is not None:
            self._place(error)

    @property
    def first(self) -> list[Input]:
        """What is always in sight."""
        return [one for one in self.inputs if not one.more]

    @property
    def further(self) -> list[Input]:
        """What is folded away."""
        return [one for one in self.inputs if one.more]

    @property
    def unfolded(self) -> bool:
        """Whether one of the further inputs says something, or something wrong."""
        return any(one.errors or one.says for one in self.further)

    def _planned(self, document: Mapping[str, Any]) -> bool:
        """Whether what is not said holds as an experiment was planned, and not by a default."""
        return self.kind.name == "experiment" and bool(document.get("experiment"))

    def _input(self, one: Field, widget: str, document: Mapping[str, Any]) -> Input:
        extras = inputs.extras_of(one)
        given = series_in(document) if one.name == "series" else document.get(one.name)
        made = Input(
            name=one.name, title=field_title(one.name, kind=self.kind.name), widget=widget, extras=extras,
            needed=one.default == "required", suggestions=SUGGESTIONS.get(one.name, ""),
            least=one.schema.get("minimum"), most=one.schema.get("maximum"),
        )  # fmt: skip
        if given is not None:
            made.value = inputs.read(widget, given, extras=extras)
        elif widget == "events":
            made.value = {"events": "", "where": ""}
        elif widget == "rows":
            made.value = []
        if widget == "rows" and one.name in ("steps", "series"):
            least = 2 if one.name == "steps" else 1
            made.value = [*made.value, *({} for _n in range(least - len(made.value)))]
        if widget in OF_UNITS:
            made.value = made.value or ([] if widget == "fields" else "")
            of_units.dress(made, one, document=document)
        elif widget == "choice":
            made.choices, made.value = chosen_of(one, made.value, planned=self._planned(document))
        elif widget == "period":
            made.choices, made.value = periods_of(made.value, always=one.default == PERIOD.default,
                                                  planned=self._planned(document))  # fmt: skip
        elif widget == "pick":
            made.value = made.value or {"choice": "", "property": ""}
            made.choices = picks_of(one, chosen=made.value["choice"])
            default = one.default.strip("`")
            made.value["choice"] = "" if made.value["choice"] == default else made.value["choice"]
        elif "measure" in extras:
            made.choices = measures_of([row.get("measure", "") for row in made.value])
        elif widget == "events":
            made.help = str(NOTHING_SAID.get(one.name, _("any product event")))
        elif widget == "number":
            made.help = str(NOTHING_SAID.get(one.name, default_of(one)))
        elif widget == "rule":
            made.help = REMEDIES.get(one.name, "")
        return made

    def _place(self, error: QuestionError) -> None:
        """The refusal beside its input; above the form when none is its own."""
        said = in_words(error.message)
        found = re.match(r"^(\w+)(?:\[(\d+)\])?", error.field)
        name = found[1] if found else ""
        if name in OF_RULES and all(one.name != name for one in self.inputs):
            name = self._speaks_of(error)
        name = "series" if name in OF_SERIES and self.kind.name == "trend" else name
        for one in self.inputs:
            if one.name == name:
                if found and found[2] and one.widget == "rows":
                    one.row_errors.setdefault(int(found[2]), []).append(said)
                else:
                    one.errors.append(said)
                return
        self.error = said if error.field == "question" else f"{field_title(error.field)}: {said}"

    def _speaks_of(self, error: QuestionError) -> str:
        """The field of the question in which stands what a refusal is about; else it is the segment."""
        about = [error.field, *re.findall(r"'([^']+)'", error.message)]
        for one in self.inputs:
            said = str(self.document.get(one.name, ""))
            if one.name != "segment" and any(re.search(rf"\b{re.escape(word)}\b", said) for word in about):
                return one.name
        return "segment"


def fields_of(kind: Kind) -> list[Field]:
    """The fields that the form knows: of a trend one list instead of three fields, and no unit."""
    hidden = (*OF_SERIES, "unit") if kind.name == "trend" else ()
    return [one for one in kind.fields if one.name not in hidden]


def series_in(document: Mapping[str, Any]) -> Any:
    """The series of a trend, also when it says one only and in short."""
    if "series" in document:
        if any(name in document for name in OF_SERIES):
            raise Unsayable
        return document["series"]
    short = {name: document[name] for name in OF_SERIES if name in document}
    return [short] if short else None


def choices_of(one: Field) -> list[tuple[str, str]]:
    """The choices of a field, the default one first and not written into the YAML."""
    values = [str(value) for value in one.schema["enum"]]
    default = one.default.strip("`")
    if default in values:
        return [("" if value == default else value, choice_title(one.name, value)) for value in values]
    return [
        ("", str(CHOICES.get((one.name, default), _("none")))),
        *((value, choice_title(one.name, value)) for value in values),
    ]


def picks_of(one: Field, *, chosen: str) -> list[tuple[str, str]]:
    """What a field picks from: the default, what is known, what is chosen, and a property by its name."""
    default = one.default.strip("`")
    known = [value for field, value in CHOICES if field == one.name and value != default]
    known += [chosen] if chosen not in ("", "props", default, *known) else []
    first = choice_title(one.name, default) if default != "none" else _("none")
    return [
        ("", first),
        *((value, choice_title(one.name, value)) for value in known),
        ("props", _("a property …")),
    ]


def measures_of(chosen: list[str]) -> list[tuple[str, str]]:
    """The measures of a series, those that are chosen too."""
    known = [value for field, value in CHOICES if field == "measure" and value != "count"]
    more = [value for value in dict.fromkeys(chosen) if value and value != "count" and value not in known]
    return [
        ("", choice_title("measure", "count")),
        *((value, choice_title("measure", value)) for value in [*known, *more]),
    ]


def chosen_of(one: Field, value: Any, *, planned: bool) -> tuple[list[tuple[str, str]], str]:
    """The choices of a field and the one that is chosen; nothing chosen is its default, or what was `planned`."""
    choices, default = choices_of(one), one.default.strip("`")
    if planned:
        return [("", _("as planned")), *((each or default, title) for each, title in choices)], value or ""
    return choices, "" if value == default else value


def periods_of(
    value: Any, *, always: bool, planned: bool = False
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The periods to choose from, and the one that is chosen; nothing chosen is 28 days where there is `always` one, or what
    was `planned`."""
    always = always and not planned
    value = value or {"preset": "28" if always else "", "first": "", "last": ""}
    lengths = sorted({*PRESETS, *([int(value["preset"])] if value["preset"].isdecimal() else [])})
    named = [(str(n), ngettext("last %(n)d day", "last %(n)d days", n) % {"n": n}) for n in lengths]
    return [
        *([] if always else [("", _("as planned") if planned else _("none"))]),
        *named,
        ("days", _("from … to …")),
    ], value


def default_of(one: Field) -> str:
    """What holds when nothing is filled in."""
    default = one.default.strip("`")
    return _("%(n)s if left empty") % {"n": default} if default.isdecimal() else ""


def composed(data: Said, *, base: Mapping[str, Any]) -> dict[str, Any]:
    """The document of what was filled in. `has` names the inputs the page held; the rest comes from `base`, untouched."""
    kind = kinds()[str(base["kind"])]
    had = set(data.get("has", "").split(","))
    result: dict[str, Any] = {"kind": kind.name}
    for one in fields_of(kind):
        if one.name in had:
            said = inputs.write(inputs.widget_of(one), one.name, data, extras=inputs.extras_of(one))
            if one.name == "series":
                result |= shortest(said)
            elif said is not None:
                result[one.name] = said
        elif one.name in base:
            result[one.name] = base[one.name]
    written = {"series", *OF_SERIES} if kind.name == "trend" and "series" in had else had
    return result | {name: base[name] for name in base if name not in result and name not in written}


def shortest(series: Any) -> dict[str, Any]:
    """One plain series is said as measure and event."""
    if not series:
        return {}
    if len(series) > 1:
        return {"series": [{"event": one} if isinstance(one, str) else one for one in series]}
    only = {"event": series[0]} if isinstance(series[0], str) else series[0]
    return (
        {"series": [only]} if {"where", "label"} & set(only) else {n: only[n] for n in OF_SERIES if n in only}
    )


def stays_in_yaml(document: Mapping[str, Any]) -> list[str]:
    """The fields that the form has no input for."""
    return Shown(document).unsaid
