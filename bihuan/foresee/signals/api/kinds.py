"""REST of kinds of signals: describe, change, preview, look now, and of how much use they were."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate
from pydantic import StringConstraints

from bihuan.base.access import Actor, Allow, actor_of
from bihuan.foresee.signals import actions
from bihuan.foresee.signals.api.signals import router
from bihuan.foresee.signals.models import KindOfSignal, Severity
from bihuan.foresee.signals.queries import in_words, precision_of, previewed, sentence_of, titles
from bihuan.foresee.signals.rules import KindError, read_kind
from bihuan.know.staff.models import Staff

Grave = Literal["info", "warning", "critical"]
AboutWhat = Literal["account", "person", "product", "region", "feature"]
Told = Literal["owner", "sales", "operations", "product", "analyst", "staff", "nobody"]
Key = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
MOST_SHOWN = 100


class SignalKindOut(Schema):
    """A kind of signal; one without a rule is raised by a room. `problem` says why it cannot be looked for."""

    key: str
    title: str
    about: str
    rule: str
    behaviour: dict[str, Any]
    against: int
    sentence: str
    severity: str
    cooldown: int
    owner_rule: str
    staff_id: int | None
    needs: str
    on: bool
    problem: str
    looked_at: datetime | None

    @staticmethod
    def resolve_severity(row: KindOfSignal) -> str:
        """info, warning or critical."""
        return Severity(row.severity).name.lower()

    @staticmethod
    def resolve_title(row: KindOfSignal) -> str:
        """In the language of the installation."""
        return titles()[row.key]

    @staticmethod
    def resolve_sentence(row: KindOfSignal) -> str:
        """In the language of the installation."""
        return sentence_of(row)


class SignalRuleIn(Schema):
    """What to look for: CEL over measures (`m.x`), records, behaviour, and the same `against` days before (`before.x`)."""

    about: AboutWhat = "account"
    rule: str = Field(
        ..., min_length=1, max_length=2000, examples=["m.active_people < 0.8 * before.active_people"]
    )
    behaviour: dict[str, dict[str, Any]] = Field({}, max_length=10)
    against: int = Field(28, ge=1, le=365)
    sentence: str = Field(
        "", max_length=400, examples=["{m.active_people} active people, {before.active_people} before"]
    )


class SignalKindIn(SignalRuleIn):
    """A kind to look for from now on."""

    key: Key
    title: str = Field(..., min_length=1, max_length=120)
    severity: Grave = "warning"
    cooldown: int = Field(14, ge=0, le=365)
    owner_rule: Told = "owner"
    staff_id: int | None = Field(None, ge=1, le=2**63 - 1)
    needs: str = Field("", max_length=60)
    on: bool = True


class SignalKindPatch(Schema):
    """What to change; of a kind that a room raises only its settings."""

    title: str | None = Field(None, min_length=1, max_length=120)
    about: AboutWhat | None = None
    rule: str | None = Field(None, min_length=1, max_length=2000)
    behaviour: dict[str, dict[str, Any]] | None = Field(None, max_length=10)
    against: int | None = Field(None, ge=1, le=365)
    sentence: str | None = Field(None, max_length=400)
    severity: Grave | None = None
    cooldown: int | None = Field(None, ge=0, le=365)
    owner_rule: Told | None = None
    staff_id: int | None = Field(None, ge=1, le=2**63 - 1)
    needs: str | None = Field(None, max_length=60)
    on: bool | None = None


class FoundOut(Schema):
    """One subject of which the rule is true: an id, or the name of a feature."""

    unit: int | str
    account_id: int | None
    numbers: dict[str, Any]
    said: str


class FoundWeekOut(Schema):
    """How many the rule would have found on a day, and how many of them not a week before."""

    day: date
    found: int
    new: int


class SignalPreviewOut(Schema):
    """Whom a rule would find today (the first hundred), and the last twelve weeks."""

    number: int
    today: list[FoundOut]
    weeks: list[FoundWeekOut]


class LookedOut(Schema):
    """What a look found: raised, open ones seen again, left for the next look, and why kinds could not be computed."""

    raised: int
    repeated: int
    waiting: int
    failed: dict[str, str]


class PrecisionOut(Schema):
    """What people did with the signals of a kind: `share` is handled of settled, with a 95 % Wilson interval."""

    kind: str
    raised: int
    open: int
    handled: int
    dismissed: int
    settled: int
    share: float | None
    low: float | None
    high: float | None
    hours: float | None


def _seen_by(actor: Actor) -> Any:
    """Kinds whose signals the actor may see."""
    actions.ensure_kinds(at=timezone.now())
    needed = set(KindOfSignal.objects.exclude(needs="").values_list("needs", flat=True))
    return KindOfSignal.objects.exclude(needs__in=[one for one in needed if not actor.may(one)])


def _kind(request: HttpRequest, key: str) -> KindOfSignal:
    kind: KindOfSignal = get_object_or_404(_seen_by(actor_of(request)), key=key)
    return kind


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """As the action takes them."""
    if body.get("severity") is not None:
        body["severity"] = int(Severity[body["severity"].upper()])
    if "staff_id" in body:
        wanted = body.pop("staff_id")
        body["staff"] = None if wanted is None else Staff.objects.filter(pk=wanted, is_active=True).first()
        if wanted is not None and body["staff"] is None:
            raise HttpError(422, f"staff_id: nobody active has the number {wanted}; see GET /staff")
    return body


@router.get(
    "/signal-kinds", auth=Allow("signals.view"), response=list[SignalKindOut], summary="List kinds of signals"
)
@paginate
def list_signal_kinds(request: HttpRequest) -> Any:
    """The gravest first; those whose signals the caller may see."""
    return _seen_by(actor_of(request))


@router.post(
    "/signal-kinds",
    auth=Allow("signals.manage"),
    response={201: SignalKindOut},
    summary="Describe a kind of signal",
)
def create_signal_kind(request: HttpRequest, body: SignalKindIn) -> Any:
    """422 names what is wrong with the rule, the behaviour or the sentence."""
    return 201, actions.add_kind(**_fields(body.dict()), by=actor_of(request), at=timezone.now())


@router.post(
    "/signal-kinds/preview",
    auth=Allow("signals.manage"),
    response=SignalPreviewOut,
    summary="Whom a kind would find",
)
def preview_signal_kind(request: HttpRequest, body: SignalRuleIn) -> Any:
    """Within the territory, today and in the last twelve weeks; nothing is saved."""
    try:
        found = previewed(read_kind(**body.dict()), day=timezone.localdate(), actor=actor_of(request))
    except KindError as error:
        raise HttpError(422, f"{error.field}: {error}") from None
    kind = KindOfSignal(sentence=body.sentence)
    shown = [
        {
            "unit": one.unit,
            "account_id": one.account,
            "numbers": one.numbers,
            "said": in_words(kind, one.numbers),
        }
        for one in found.today[:MOST_SHOWN]
    ]
    weeks = [{"day": day, "found": held, "new": new} for day, held, new in found.weeks]
    return {"number": len(found.today), "today": shown, "weeks": weeks}


@router.get(
    "/signal-kinds/precision",
    auth=Allow("signals.view"),
    response=list[PrecisionOut],
    summary="Of how much use kinds were",
)
def list_precision(request: HttpRequest, days: Annotated[int, Field(ge=1, le=3650)] = 90) -> Any:
    """Of signals that the caller may see, raised and settled in the last days."""
    now = timezone.now()
    found = precision_of(actor=actor_of(request), since=now - timedelta(days=days), until=now)
    return [found[kind] for kind in sorted(found)]


@router.get(
    "/signal-kinds/{key}", auth=Allow("signals.view"), response=SignalKindOut, summary="Read a kind of signal"
)
def read_signal_kind(request: HttpRequest, key: str) -> Any:
    """404 when the caller may not see its signals."""
    return _kind(request, key)


@router.patch(
    "/signal-kinds/{key}",
    auth=Allow("signals.manage"),
    response=SignalKindOut,
    summary="Change a kind of signal",
)
def update_signal_kind(request: HttpRequest, key: str, body: SignalKindPatch) -> Any:
    """Fields that are not given stay."""
    given = body.dict(exclude_unset=True)
    fields = _fields(
        {name: value for name, value in given.items() if value is not None or name == "staff_id"}
    )
    return actions.change_kind(kind=_kind(request, key), by=actor_of(request), at=timezone.now(), **fields)


@router.delete(
    "/signal-kinds/{key}",
    auth=Allow("signals.manage"),
    response={204: None},
    summary="Remove a kind of signal",
)
def delete_signal_kind(request: HttpRequest, key: str) -> Any:
    """Its signals stay; 422 for one that belongs to the product."""
    actions.remove_kind(kind=_kind(request, key), by=actor_of(request), at=timezone.now())
    return 204, None


@router.post(
    "/signals/look", auth=Allow("signals.manage"), response=LookedOut, summary="Look for signals now"
)
def look_now(request: HttpRequest) -> Any:
    """Every kind that is on, over every customer, as of now."""
    now = timezone.now()
    looked = actions.look_for_signals(day=timezone.localdate(now), by=actor_of(request), at=now)
    return {
        "raised": looked.raised,
        "repeated": looked.repeated,
        "waiting": looked.waiting,
        "failed": looked.failed,
    }


__all__ = ["router"]
