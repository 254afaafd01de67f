"""Forms of the early warning."""

from django import forms

from bihuan.foresee.warning.models import WarningSettings


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is warned of, and how many customers the team can help a week."""

    class Meta:
        model = WarningSettings
        fields = ("capacity", "horizon", "contraction")
