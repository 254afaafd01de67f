"""Forms of plays: they check and put documents together, the actions save."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.act.plays.models import Play
from bihuan.act.plays.rules import STEP_KINDS, TRIGGER_KINDS
from bihuan.act.processes.models import Kind, Process
from bihuan.base.access import Actor
from bihuan.base.access.policy import Role
from bihuan.foresee.signals.queries import titles
from bihuan.know.accounts.models import Account, Stage
from bihuan.know.staff.models import ROLE_TITLES, Staff

STEPS = 6
TRIGGERS = {
    "signal": gettext_lazy("A signal"), "risk": gettext_lazy("Risk at or above"), "date": gettext_lazy("Days before a date"),
    "stage": gettext_lazy("Entering a stage"), "segment": gettext_lazy("Being in a segment"),
    "manual": gettext_lazy("Somebody starts it"),
}  # fmt: skip
KINDS = {
    "message": gettext_lazy("Message"), "task": gettext_lazy("Task"), "ticket": gettext_lazy("Ticket"),
    "visit": gettext_lazy("Visit"), "training": gettext_lazy("Training"), "process": gettext_lazy("Start a process"),
}  # fmt: skip
CHANNELS = {
    "email": gettext_lazy("E-mail"), "in_app": gettext_lazy("In the product"), "wecom": gettext_lazy("WeCom robot"),
    "dingtalk": gettext_lazy("DingTalk robot"), "feishu": gettext_lazy("Feishu robot"), "webhook": gettext_lazy("Webhook"),
    "call": gettext_lazy("Call to make"),
}  # fmt: skip
PEOPLE = {"deciders": gettext_lazy("The decision chain"), "everybody": gettext_lazy("Everybody")}
LEVELS = {
    "info": gettext_lazy("Info"),
    "warning": gettext_lazy("Warning"),
    "critical": gettext_lazy("Critical"),
}
#: Roles that plays take minutes of.
ROLES = [role for role in Role if role not in (Role.PARTNER, Role.ADMIN)]


def signal_choices(chosen: list[str]) -> list[tuple[str, str]]:
    """Every kind of signal by its title, and those that are chosen already, whatever became of them."""
    return sorted(({key: key for key in chosen} | titles()).items(), key=lambda one: one[1])


def processes_to_start() -> list[tuple[str, str]]:
    """(key, name) of every process that is not put away."""
    return [(one.key, str(one)) for one in Process.objects.filter(kind=Kind.PROCESS, retired_at=None)]


def _text() -> forms.Textarea:
    return forms.Textarea({"rows": 2})


def _code(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "spellcheck": "false"})


class PlayForm(forms.ModelForm):  # type: ignore[type-arg]
    """A play: trigger, audience, steps, goal, limits, hold-out."""

    class Meta:
        model = Play
        fields = (
            "key", "name_zh", "name", "about_zh", "about", "audience", "mode", "window", "rest", "per_week", "hold_out",
            "assumed_effect", "worth", "aim",
        )  # fmt: skip
        widgets = {"audience": _code(2)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].help_text = _(
            "A rule over account and m, such as m.usage_trend < 0.0. Empty: every customer."
        )
        if self.instance.pk:
            self.fields["key"].disabled = True
        self._trigger(self.instance.trigger or {})
        self._goal(self.instance.goal or {})
        self._minutes(self.instance.minutes or {})
        steps = self.instance.steps or []
        for place in range(1, max(STEPS, len(steps)) + 1):
            self._step(place, steps[place - 1] if place <= len(steps) else {})
        self.count = max(STEPS, len(steps))

    def _trigger(self, now: dict[str, Any]) -> None:
        fields: dict[str, forms.Field] = {
            "trigger_kind": forms.ChoiceField(
                label=_("Trigger"), choices=[(one, TRIGGERS[one]) for one in TRIGGER_KINDS]
            ),
            "trigger_signals": forms.MultipleChoiceField(
                label=_("Signals"), required=False, choices=signal_choices(now.get("signals", []))
            ),
            "trigger_least": forms.ChoiceField(
                label=_("At least so grave"), required=False, choices=list(LEVELS.items())
            ),
            "trigger_level": forms.FloatField(
                label=_("Risk from (0 to 1)"), required=False, min_value=0.01, max_value=1
            ),
            "trigger_measure": forms.CharField(label=_("Measure of days"), required=False, max_length=60),
            "trigger_days": forms.CharField(
                label=_("Days before, with commas"), required=False, max_length=100
            ),
            "trigger_stages": forms.MultipleChoiceField(
                label=_("Stages"), required=False, choices=Stage.choices
            ),
            "trigger_segment": forms.CharField(
                label=_("Segment (@key or a rule)"), required=False, max_length=2000, widget=_code(2)
            ),
        }
        self.fields.update(fields)
        start = {
            "trigger_kind": now.get("kind", "manual"), "trigger_signals": now.get("signals", []),
            "trigger_least": now.get("least", "info"), "trigger_level": now.get("level", 0.5),
            "trigger_measure": now.get("measure", "days_to_renewal"),
            "trigger_days": ", ".join(str(one) for one in now.get("days", [])), "trigger_stages": now.get("stages", []),
            "trigger_segment": now.get("segment", ""),
        }  # fmt: skip
        self.initial.update(start)

    def _goal(self, now: dict[str, Any]) -> None:
        self.fields["goal_events"] = forms.CharField(
            label=_("Goal: one of these events"),
            required=False,
            max_length=500,
            help_text=_("Names with commas; or a rule below."),
        )
        self.fields["goal_rule"] = forms.CharField(
            label=_("Goal: this becomes true"), required=False, max_length=2000, widget=_code(2)
        )
        self.fields["goal_title_zh"] = forms.CharField(
            label=_("Goal in Chinese"), required=False, max_length=120
        )
        self.fields["goal_title"] = forms.CharField(
            label=_("Goal in English"), required=False, max_length=120
        )
        event = now.get("event", "")
        self.initial.update({
            "goal_events": event if isinstance(event, str) else ", ".join(event), "goal_rule": now.get("rule", ""),
            "goal_title_zh": now.get("title_zh", ""), "goal_title": now.get("title", ""),
        })  # fmt: skip

    def _minutes(self, now: dict[str, Any]) -> None:
        for role in ROLES:
            self.fields[f"minutes_{role}"] = forms.IntegerField(
                label=_("Minutes of %(role)s") % {"role": ROLE_TITLES[role]},
                required=False,
                min_value=0,
                max_value=10_000,
            )
            self.initial[f"minutes_{role}"] = now.get(str(role))

    def _step(self, place: int, now: dict[str, Any]) -> None:
        fields: dict[str, forms.Field] = {
            "kind": forms.ChoiceField(
                label=_("Kind of step"),
                required=False,
                choices=[("", "–"), *((one, KINDS[one]) for one in STEP_KINDS)],
            ),
            "title_zh": forms.CharField(label=_("What is done, in Chinese"), required=False, max_length=150),
            "title": forms.CharField(label=_("What is done, in English"), required=False, max_length=150),
            "after": forms.IntegerField(
                label=_("After so many days"), required=False, min_value=0, max_value=365
            ),
            "channel": forms.ChoiceField(
                label=_("Channel"), required=False, choices=[("", "–"), *CHANNELS.items()]
            ),
            "to": forms.ChoiceField(
                label=pgettext_lazy("reader", "To"), required=False, choices=list(PEOPLE.items())
            ),
            "text_zh": forms.CharField(
                label=_("Text in Chinese"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 2}),
            ),
            "text": forms.CharField(
                label=_("Text in English"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 2}),
            ),
            "template": forms.CharField(label=_("or a template, by name"), required=False, max_length=80),
            "process": forms.ChoiceField(
                label=_("Process"), required=False, choices=[("", "–"), *processes_to_start()]
            ),
        }
        for name, field in fields.items():
            self.fields[f"step{place}_{name}"] = field
            self.initial[f"step{place}_{name}"] = now.get(name, 0 if name == "after" else "")

    def group(self, *prefixes: str) -> list[Any]:
        """The bound fields whose names begin so."""
        return [self[name] for name in self.fields if name.startswith(prefixes)]

    @property
    def trigger_fields(self) -> list[Any]:
        """Those of the trigger, and the audience."""
        return [*self.group("trigger_"), self["audience"]]

    @property
    def goal_fields(self) -> list[Any]:
        """Those of the goal, with its window."""
        return [*self.group("goal_"), self["window"]]

    @property
    def named_fields(self) -> list[Any]:
        """Key, names and purpose."""
        return [self[name] for name in ("key", "name_zh", "name", "about_zh", "about")]

    @property
    def limit_fields(self) -> list[Any]:
        """How often and whom not; what is assumed."""
        names = ("mode", "rest", "per_week", "hold_out", "assumed_effect", "worth", "aim")
        return [*(self[name] for name in names), *self.group("minutes_")]

    @property
    def step_groups(self) -> list[tuple[int, bool, list[Any]]]:
        """(number, whether it is there, its fields)."""
        return [
            (place, place == 1 or bool(self[f"step{place}_kind"].value()), self.group(f"step{place}_"))
            for place in range(1, self.count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """With the documents: trigger, steps, goal, minutes."""
        data = self.cleaned_data
        data["trigger"] = self._trigger_said(data)
        data["goal"] = {
            name: value for name, value in {
                "event": [one.strip() for one in data.get("goal_events", "").split(",") if one.strip()],
                "rule": data.get("goal_rule", "").strip(), "title": data.get("goal_title", ""),
                "title_zh": data.get("goal_title_zh", ""),
            }.items() if value
        }  # fmt: skip
        data["minutes"] = {
            str(role): data[f"minutes_{role}"] for role in ROLES if data.get(f"minutes_{role}")
        }
        data["steps"] = [
            self._step_said(place, data)
            for place in range(1, self.count + 1)
            if data.get(f"step{place}_kind")
        ]
        return data

    def _trigger_said(self, data: dict[str, Any]) -> dict[str, Any]:
        kind = data.get("trigger_kind", "manual")
        if kind == "date":
            days = []
            for one in data.get("trigger_days", "").replace("，", ",").split(","):
                if one.strip():
                    if not one.strip().isdigit():
                        self.add_error(
                            "trigger_days",
                            _("“%(text)s” is no whole number of days.") % {"text": one.strip()},
                        )
                        continue
                    days.append(int(one))
            return {"kind": kind, "measure": data.get("trigger_measure") or "days_to_renewal", "days": days}
        own: dict[str, dict[str, Any]] = {
            "signal": {"signals": data.get("trigger_signals", []), "least": data.get("trigger_least") or "info"},
            "risk": {"level": data.get("trigger_level") or 0.5}, "stage": {"stages": data.get("trigger_stages", [])},
            "segment": {"segment": data.get("trigger_segment", "")},
        }  # fmt: skip
        return {"kind": kind, **own.get(kind, {})}

    def _step_said(self, place: int, data: dict[str, Any]) -> dict[str, Any]:
        kind = data[f"step{place}_kind"]
        names = ["title", "title_zh", "text", "text_zh"]
        names += (
            ["channel", "template", "to"] if kind == "message" else ["process"] if kind == "process" else []
        )
        found = {name: data.get(f"step{place}_{name}") for name in names}
        found["title"] = found["title"] or found["title_zh"]
        said = {name: value for name, value in found.items() if value}
        return {"kind": kind, **said, "after": data.get(f"step{place}_after") or 0}

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}))


class RewordForm(forms.Form):
    """Other words for one message of one run."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=2000, widget=forms.Textarea({"rows": 8}))


class MinutesForm(forms.Form):
    """What a run took beside its work items."""

    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=0, max_value=10_000)


class ProposeForm(forms.Form):
    """For which account, and on whose bench. Once `tell` said what speaks against it, it asks whether to go on knowingly."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"] = forms.ModelChoiceField(
            label=gettext_lazy("Account"), queryset=Account.objects.visible_to(actor)
        )
        self.fields["assignee"] = forms.ModelChoiceField(
            label=gettext_lazy("On the bench of"), queryset=Staff.objects.filter(is_active=True), required=False,
            help_text=gettext_lazy("Empty: the account's owner."),
        )  # fmt: skip
        if self.data.get("told"):
            self._ask()

    def _ask(self) -> None:
        self.fields["told"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
        self.fields["knowingly"] = forms.BooleanField(
            label=gettext_lazy("Propose it all the same, knowing this"), required=False,
            help_text=gettext_lazy("Your name and what spoke against it are kept with the run."),
        )  # fmt: skip

    def tell(self, codes: Iterable[str]) -> None:
        """What speaks against the account that was chosen; nobody has said yet that they know this."""
        kept = {name: value for name, value in self.data.items() if name != "knowingly"}
        self.data = kept | {"told": f"{self.cleaned_data['account'].pk}:{','.join(codes)}"}
        self._ask()

    @property
    def known(self) -> list[str]:
        """The codes that were told of this very account, once somebody goes on knowingly."""
        account, _colon, codes = self.cleaned_data.get("told", "").partition(":")
        about_it = account == str(self.cleaned_data["account"].pk)
        return codes.split(",") if about_it and self.cleaned_data.get("knowingly") else []
