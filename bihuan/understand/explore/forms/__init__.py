"""The form of a question: made from the fields of its kind, read from its YAML, written back to it; and small forms."""

from bihuan.understand.explore.forms.question import Shown, composed, stays_in_yaml
from bihuan.understand.explore.forms.saving import (
    AddTileForm,
    DashboardForm,
    FilterForm,
    ListForm,
    QuestionForm,
)

__all__ = [
    "AddTileForm",
    "DashboardForm",
    "FilterForm",
    "ListForm",
    "QuestionForm",
    "Shown",
    "composed",
    "stays_in_yaml",
]
