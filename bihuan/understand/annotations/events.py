"""What happens with annotations, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class AnnotationAdded(Fact):
    """Somebody wrote down what happened."""

    title = gettext_lazy("Annotation added")
    annotation_id: int
    kind: str
    called: str
    first_on: str
    last_on: str | None


@dataclass(frozen=True, kw_only=True)
class AnnotationChanged(Fact):
    """It says something else now; only what differs stands in `before` and `after`."""

    title = gettext_lazy("Annotation changed")
    annotation_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AnnotationRemoved(Fact):
    """No chart tells it any more."""

    title = gettext_lazy("Annotation removed")
    annotation_id: int
    called: str


@dataclass(frozen=True, kw_only=True)
class AnnotationRestored(Fact):
    """Its removal was undone."""

    title = gettext_lazy("Annotation restored")
    annotation_id: int
    called: str
