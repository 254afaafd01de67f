"""Forms that keep questions and dashboards. They validate and never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.understand.explore.models import Dashboard, SavedQuestion, Tile

PERIODS = [("", _("as each tile says")), ("7", _("last 7 days")), ("28", _("last 28 days")), ("84", _("last 84 days")),
           ("180", _("last 180 days")), ("365", _("last 365 days"))]  # fmt: skip


class Sharing(forms.Form):
    """A form with a title, and with sharing for those who may share."""

    title = forms.CharField(label=_("Title"), max_length=120)
    shared = forms.BooleanField(
        label=_("Share with colleagues"),
        required=False,
        help_text=_("They may open it; you alone change it."),
    )

    def __init__(self, *args: Any, actor: Actor, was_shared: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if not actor.may("explore.share") and not was_shared:
            del self.fields["shared"]


class QuestionForm(Sharing):
    """A question to keep, on a dashboard at once if wished."""

    dashboard = ModelChoice(Dashboard.objects.none(), label=_("Put it on"), required=False,
                            empty_label=_("no dashboard"))  # fmt: skip
    text = forms.CharField(widget=forms.HiddenInput, max_length=20_000, strip=False)

    field_order = ("title", "dashboard", "shared", "text")

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        field: Any = self.fields["dashboard"]
        field.queryset = Dashboard.objects.owned_by(actor)


class ListForm(forms.Form):
    """What the segment of who is listed is called."""

    title = forms.CharField(label=_("Title"), max_length=120)
    key = forms.SlugField(label=_("Key"), max_length=60, help_text=_("Questions name it @key."))
    text = forms.CharField(widget=forms.HiddenInput, max_length=20_000, strip=False)


class DashboardForm(Sharing):
    """Title, sharing and filters of a dashboard."""

    last_days = forms.TypedChoiceField(
        label=_("Period"), choices=PERIODS, required=False, coerce=int, empty_value=None
    )
    segment = forms.CharField(
        label=_("Only accounts where"), required=False, max_length=2000,
        help_text=_("CEL, such as account.tier == 'S'. It stands in place of what the tiles say."),
    )  # fmt: skip


class FilterForm(forms.Form):
    """The filters above the tiles, for this look only."""

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    segment = forms.CharField(label=_("Only accounts where"), required=False, max_length=2000)


class AddTileForm(forms.Form):
    """Which question, how wide."""

    question = ModelChoice(SavedQuestion.objects.none(), label=_("Question"))
    width = forms.TypedChoiceField(
        label=_("Width"), choices=Tile.Width.choices, coerce=int, initial=Tile.Width.HALF
    )

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["question"]
        field.queryset = SavedQuestion.objects.readable_by(actor)
