"""What our own people do with what arrived, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class RejectsReplayed(Fact):
    """Rejected events were sent through the steps again."""

    title = gettext_lazy("Rejected events replayed")
    stored: int
    still_rejected: int
