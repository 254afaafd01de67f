"""REST of signals."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Number
from bihuan.base.ui.paging import Paging
from bihuan.foresee.signals import actions
from bihuan.foresee.signals.models import Severity, Signal, State
from bihuan.foresee.signals.queries import SUBJECTS, told

router = Router(tags=["Signals"])


class SignalOut(Schema):
    """Something that happened, about an account, a person, a product, a region, a feature or a metric; `seen` are the numbers,
    `said` the words; `times` counts the days on which it was seen; `owner_id` was told."""

    id: int
    kind: str
    severity: str
    account_id: int | None
    person_id: int | None
    product_id: int | None
    region_id: int | None
    feature: str
    metric: str
    about: str
    seen: dict[str, Any]
    said: str
    day: date
    last_seen: date
    times: int
    owner_id: int | None
    state: str
    note: str
    settled_by_name: str
    settled_at: datetime | None
    raised_at: datetime

    @staticmethod
    def resolve_severity(row: Signal) -> str:
        """info, warning or critical."""
        return Severity(row.severity).name.lower()

    @staticmethod
    def resolve_said(row: Signal) -> str:
        """In the language of the installation; a page of signals is put into words at once."""
        return row.said if hasattr(row, "said") else told([row])[0].said


class Worded(Paging):
    """A page of signals, each with its words."""

    def paginate_queryset(self, queryset: Any, pagination: Any, request: Any, **params: Any) -> Any:
        """As Paging does, and with `said`."""
        page = super().paginate_queryset(queryset, pagination, request, **params)
        page["items"] = list(page["items"])
        for one in told(page["items"]):
            one.signal.said = one.said  # type: ignore[attr-defined]
        return page


class HandleIn(Schema):
    """How it was handled."""

    note: str = Field("", max_length=300, examples=["Called them; a new owner takes over"])


class DismissIn(Schema):
    """Why nothing is to be done."""

    reason: str = Field(..., min_length=1, max_length=300, examples=["A public holiday"])


@router.get("/signals", auth=Allow("signals.view"), response=list[SignalOut], summary="List signals")
@paginate(Worded)
def list_signals(
    request: HttpRequest, state: State | None = None, kind: str | None = None, account_id: Number | None = None,
    product_id: Number | None = None, metric: str | None = None, person_id: Number | None = None,
    region_id: Number | None = None, feature: str | None = None, severity: Literal["info", "warning", "critical"] | None = None,
    owner_id: Number | None = None,
) -> Any:  # fmt: skip
    """The newest first: those about accounts of the territory, and of every account for those who see all."""
    asked = {
        "state": state,
        "kind": kind,
        "account_id": account_id,
        "product_id": product_id,
        "metric": metric,
        "person_id": person_id,
        "region_id": region_id,
        "feature": feature,
        "severity": None if severity is None else Severity[severity.upper()],
        "owner_id": owner_id,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    return Signal.objects.visible_to(actor_of(request)).filter(**wanted).select_related(*SUBJECTS)


def _signal(request: HttpRequest, pk: int) -> Signal:
    return get_object_or_404(Signal.objects.visible_to(actor_of(request)), pk=pk)


@router.get("/signals/{int:pk}", auth=Allow("signals.view"), response=SignalOut, summary="Read a signal")
def read_signal(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return _signal(request, pk)


@router.post(
    "/signals/{int:pk}/handle", auth=Allow("signals.edit"), response=SignalOut, summary="Mark a signal handled"
)  # fmt: skip
def finish_signal(request: HttpRequest, pk: int, body: HandleIn) -> Any:
    """422 unless it is open."""
    return actions.handle_signal(
        signal=_signal(request, pk), note=body.note, by=actor_of(request), at=timezone.now()
    )


@router.post(
    "/signals/{int:pk}/dismiss", auth=Allow("signals.edit"), response=SignalOut, summary="Dismiss a signal"
)  # fmt: skip
def drop_signal(request: HttpRequest, pk: int, body: DismissIn) -> Any:
    """With a reason; 422 unless it is open."""
    return actions.dismiss_signal(
        signal=_signal(request, pk), reason=body.reason, by=actor_of(request), at=timezone.now()
    )


@router.post(
    "/signals/{int:pk}/reopen", auth=Allow("signals.edit"), response=SignalOut, summary="Open a signal again"
)  # fmt: skip
def put_back_signal(request: HttpRequest, pk: int) -> Any:
    """422 when it is open."""
    return actions.reopen_signal(signal=_signal(request, pk), by=actor_of(request), at=timezone.now())
