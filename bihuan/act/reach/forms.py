"""Forms of reach."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.act.reach.models import ROBOTS, TO_A_PERSON, Channel, Kind, Limits, Shows, Template
from bihuan.act.reach.queries import channels_for, names_a_person
from bihuan.act.reach.rules.placeholders import NAMES, names_in
from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account, Person, Stage, Tier
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region
from bihuan.understand.segments.queries import segments_of

HELP_OF_TOKENS = {
    Kind.WECOM: _("The part of the robot's address behind key=."),
    Kind.DINGTALK: _("The part of the robot's address behind access_token=."),
    Kind.FEISHU: _("The last part of the robot's address, behind /hook/."),
}
PLACES = " ".join(f"{{{{ {name} }}}}" for name in NAMES)


class ChannelForm(forms.Form):
    """What a channel of this kind needs."""

    name = forms.CharField(label=_("Name"), max_length=80)
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(),
                                     help_text=_("Its people read this inbox."))  # fmt: skip
    account = forms.ModelChoiceField(
        label=_("Group of the account"), queryset=Account.objects.none(), required=False,
        help_text=_("In whose group the robot speaks. Empty: in our own team's."),
    )  # fmt: skip
    url = forms.CharField(label=_("Address"), max_length=500, widget=forms.URLInput({"placeholder": "https://"}),
                          help_text=_("Messages are sent here as JSON by POST, signed."))  # fmt: skip
    token = forms.CharField(label=_("Key"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    secret = forms.CharField(
        label=_("Secret"), max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("If the robot asks for signatures. Both are kept sealed and shown to nobody."),
    )  # fmt: skip
    active = forms.BooleanField(label=_("On"), required=False)

    def __init__(
        self, *args: Any, kind: str, actor: Actor, old: Channel | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["product"].queryset = Product.objects.all()
        fields["account"].queryset = Account.objects.visible_to(actor)
        gone = {
            "product": kind != Kind.IN_APP or old is not None, "url": kind != Kind.WEBHOOK,
            "account": kind not in ROBOTS, "token": kind not in ROBOTS, "secret": kind not in ROBOTS or kind == Kind.WECOM,
        }  # fmt: skip
        for name, out in gone.items():
            if out:
                fields.pop(name)
        if "token" in fields:
            fields["token"].help_text = HELP_OF_TOKENS[Kind(kind)]
            if old is not None:
                fields["token"].required = False
                fields["token"].help_text = _("Empty: the key and secret stay as they are.")


class TemplateForm(forms.Form):
    """What is written, in both languages."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("template", "For"), choices=Kind, widget=forms.CheckboxSelectMultiple
    )
    subject_zh = forms.CharField(label=_("Subject (Chinese)"), max_length=150)
    body_zh = forms.CharField(
        label=_("Text (Chinese)"), max_length=8000, widget=forms.Textarea({"rows": 7}),
        help_text=format_lazy("{} {}", _("Placeholders:"), PLACES),
    )  # fmt: skip
    subject_en = forms.CharField(label=_("Subject (English)"), max_length=150, required=False)
    body_en = forms.CharField(label=_("Text (English)"), max_length=8000, required=False, widget=forms.Textarea({"rows": 7}),
                              help_text=_("For people whose property language is en. Empty: they get Chinese."))  # fmt: skip
    link = forms.CharField(
        label=_("Link"), max_length=500, required=False, widget=forms.URLInput({"placeholder": "https://"})
    )
    link_zh = forms.CharField(label=_("Words of the link (Chinese)"), max_length=40, required=False)
    link_en = forms.CharField(label=_("Words of the link (English)"), max_length=40, required=False)
    shows = forms.ChoiceField(label=_("In the product as"), choices=Shows)


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How often, and when."""

    class Meta:
        model = Limits
        fields = ("person_week", "account_week", "business_hours", "count_opens")
        help_texts = {
            "person_week": _("Over all channels; what comes after is left out. 0: no limit."),
            "account_week": _("Over all its people and its group. 0: no limit."),
            "business_hours": _(
                "Letters and texts in customers' groups wait until the account's calendar opens."
            ),
            "count_opens": _(
                "With a picture that is loaded from here. Many mail programs load it unasked, or never."
            ),
        }


class DeclineForm(forms.Form):
    """Somebody told us that they want no messages."""

    person = forms.CharField(label=_("Person"), max_length=200, help_text=_("Their e-mail address or key."))
    kind = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[("", pgettext_lazy("channels", "All")), *Kind.choices]
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self._actor = actor

    def clean_person(self) -> Person:
        """Exactly one of the territory."""
        text = self.cleaned_data["person"].strip()
        rows = (
            Person.objects.visible_to(self._actor)
            .themselves()
            .filter(Q(email__iexact=text) | Q(key=text))[:2]
        )
        if len(rows) != 1:
            raise forms.ValidationError(
                _("Several people have this address: give their key.")
                if rows
                else _("Nobody here has this address or key.")
            )
        return rows[0]


class ComposeForm(forms.Form):
    """Who gets which text on which channel."""

    channel = ModelChoice(
        label=_("Channel"),
        queryset=Channel.objects.none(),
        name=lambda c: f"{c.name} · {c.get_kind_display()}",
    )
    template = forms.ModelChoiceField(label=_("Template"), queryset=Template.objects.none())
    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.none(), required=False, empty_label=_("All")
    )
    stage = forms.ChoiceField(
        label=_("Life-cycle stage"), required=False, choices=[("", _("All")), *Stage.choices]
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=[("", _("All")), *Tier.choices])
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    account = forms.ModelChoiceField(
        label=_("Account"), queryset=Account.objects.none(), required=False, widget=forms.HiddenInput
    )
    online = forms.BooleanField(
        label=_("Only people who are online now"), required=False,
        help_text=_("In the product this is decided when it is shown: within seven days, while its reader is online."),
    )  # fmt: skip
    key = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["channel"].queryset = channels_for(actor)
        fields["template"].queryset = Template.objects.filter(removed_at=None)
        fields["region"].queryset = Region.objects.all()
        fields["account"].queryset = Account.objects.visible_to(actor)
        segments = [*segments_of("account"), *segments_of("person")] if actor.may("segments.view") else []
        fields["segment"].choices = [("", _("All")), *((f"@{one.key}", one.title) for one in segments)]

    def clean(self) -> dict[str, Any]:
        """The template is for the channel, and needs no values that only a play gives."""
        said: dict[str, Any] = super().clean() or {}
        channel, template = said.get("channel"), said.get("template")
        if channel and template:
            if channel.kind not in template.kinds:
                self.add_error("template", _("This template is not for this channel."))
            if channel.kind not in TO_A_PERSON and names_a_person(template):
                self.add_error(
                    "template", _("This template speaks to a person, and this channel to nobody by name.")
                )
            texts = (template.subject_zh, template.body_zh, template.subject_en, template.body_en)
            needed = [name for text in texts for name in names_in(text) if name.startswith("data.")]
            if needed:
                self.add_error(
                    "template",
                    _("Only a play or a program gives the value of %(name)s.") % {"name": needed[0]},
                )
        return said

    @property
    def wanted(self) -> dict[str, Any]:
        """What `audience_of` takes."""
        said = self.cleaned_data
        return {
            "channel": said["channel"], "template": said["template"], "stage": said["stage"], "tier": said["tier"],
            "region_id": said["region"].pk if said["region"] else None, "segment": said["segment"], "online": said["online"],
            "account_ids": [said["account"].pk] if said["account"] else [],
        }  # fmt: skip
