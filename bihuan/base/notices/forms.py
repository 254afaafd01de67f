"""Which kinds of notices somebody wants."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.notices.kinds import notice_kinds


class KindsForm(forms.Form):
    """One box a kind."""

    kinds = forms.MultipleChoiceField(
        label=_("Tell me"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (one.name, one.title) for one in notice_kinds() if not one.permission or actor.may(one.permission)
        ]
