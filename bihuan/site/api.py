"""The REST root: every app's router under /api/v1/, errors as problem+json (RFC 9457)."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, Literal

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, NinjaAPI, Router, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as RequestError
from ninja.openapi.schema import OpenAPISchema
from ninja.responses import NinjaJSONEncoder

from bihuan import __version__
from bihuan.base.access import Allow, actor_of
from bihuan.capture.store import StoreError
from bihuan.know.accounts.queries import visible_account
from bihuan.site.groups import group_of
from bihuan.site.openapi import complete
from bihuan.site.workbench import needs_us, promises

TEXT = (
    "Everything that the pages show and do. Authenticate with `Authorization: Bearer <API token>`; tokens are made "
    "under Settings. An operation needs a permission, named in a refusal; accounts outside your territory answer 404. "
    "Lists take `limit` and `offset`."
)


#: What apps add to the description: operations that are answered beside Django, which no router knows.
described_beside: list[Callable[[OpenAPISchema], None]] = []


class HouseApi(NinjaAPI):
    """The API with a description that also tells what every operation answers to a wrong request."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        complete(schema)
        for describe in described_beside:
            describe(schema)
        return schema


api = HouseApi(
    title="Bihuan 闭环", version=__version__, description=TEXT, urls_namespace="api", docs_url=None,
    auth=Allow("system.operate"),
)  # fmt: skip


def problem(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    """A problem+json answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    text = json.dumps(body, ensure_ascii=False, cls=NinjaJSONEncoder)
    answer = HttpResponse(text, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """As the operation said."""
    return problem(request, error.status_code, str(error))


@api.exception_handler(AuthenticationError)
def on_no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No valid key."""
    return problem(
        request, 401, "Send the header 'Authorization: Bearer <API token>' with a token that is valid."
    )


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """Unknown, or outside the territory."""
    return problem(request, 404, "There is nothing here, or it lies outside your territory.")


@api.exception_handler(PermissionDenied)
def on_refused(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    """The permission is missing."""
    return problem(
        request, 403, f"This needs the permission {error.args[0]!r}." if error.args else "Refused."
    )


@api.exception_handler(RequestError)
def on_bad_request(request: HttpRequest, error: RequestError) -> HttpResponse:
    """The request does not fit the schema."""
    errors = [{"field": ".".join(str(p) for p in e["loc"][1:]), "message": e["msg"]} for e in error.errors]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
    return problem(request, 422, detail, errors=errors)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A model or action refused a value."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [{"field": field, "message": " ".join(texts)} for field, texts in by_field.items()]
    return problem(
        request, 422, "; ".join(f"{e['field']}: {e['message']}".lstrip(": ") for e in errors), errors=errors
    )


@api.exception_handler(StoreError)
def on_store(request: HttpRequest, error: StoreError) -> HttpResponse:
    """The events cannot be read now."""
    answer = problem(request, 503, str(error))
    answer["Retry-After"] = "5"
    return answer


class GroupMember(Schema):
    """A member of a group."""

    account_id: int
    name: str
    active_people: int
    open_tickets: int


class GroupOut(Schema):
    """An account with everything below it; money and health only for those who may see them."""

    members: list[GroupMember]
    arr: Decimal | None
    health: float | None
    seats: int | None
    active_people: int
    open_tickets: int
    outside_territory: int


Limit = Annotated[int, Field(ge=1, le=200)]
own = Router(tags=["Accounts and people"])


@own.get(
    "/accounts/{int:pk}/group", auth=Allow("accounts.view"), response=GroupOut, summary="Roll up its group"
)
def read_group(request: HttpRequest, pk: int) -> Any:
    """The account and everything below it within the territory, with their sums."""
    actor = actor_of(request)
    group = group_of(account=visible_account(pk=pk, actor=actor), actor=actor)
    money, health = actor.may("contracts.view"), actor.may("health.view")
    return {
        "members": group.cards,
        "arr": group.arr if money else None,
        "health": group.health if health else None,
        "seats": group.seats if money else None,
        "active_people": group.active_people,
        "open_tickets": group.open_tickets,
        "outside_territory": group.hidden,
    }


class NeedingOut(Schema):
    """A customer that needs us, and why in words of the reader's language."""

    account_id: int
    name: str
    health: float | None
    band: str
    arr: Decimal | None
    value_at_stake: Decimal | None
    days_to_renewal: int | None
    reasons: list[str]


class WorkbenchOut(Schema):
    """What the workbench opens with: totals of the territory and the customers that need us this week, ranked."""

    accounts: int
    needing: int
    value_at_stake: Decimal
    unknown: int
    renewals_30d: int
    rows: list[NeedingOut]


@own.get("/workbench", auth=Allow("health.view"), response=WorkbenchOut, summary="Who needs us this week")
def read_workbench(
    request: HttpRequest, scope: Literal["all", "mine", "team"] = "all", limit: Limit = 12
) -> Any:
    """Ranked by value at stake × lack of health, within the territory; money only for those who may see contracts."""
    actor = actor_of(request)
    found = needs_us(actor=actor, scope=scope, day=timezone.localdate(), limit=limit)
    money = actor.may("contracts.view")
    rows = [
        {"account_id": one.card.account_id, "name": one.card.name, "health": one.card.health, "band": one.card.band,
         "arr": one.card.arr if money else None, "value_at_stake": one.card.value_at_stake if money else None,
         "days_to_renewal": one.days if money else None, "reasons": [str(reason) for reason in one.reasons]}
        for one in found.rows
    ]  # fmt: skip
    return {"accounts": found.accounts, "needing": found.number, "value_at_stake": found.value if money else 0,
            "unknown": found.unknown, "renewals_30d": found.renewals if money else 0, "rows": rows}  # fmt: skip


class PromiseOut(Schema):
    """Something that the reader promised or was asked. `kind`: ticket, question or task, whose number is `id`; of a ticket
    `waits_for` says which time limit ends at `due_at`; `due_on` is the day of a question or task, if it has one."""

    kind: Literal["ticket", "question", "task"]
    id: int
    account_id: int
    account: str
    text: str
    waits_for: Literal["first_response", "solution", ""]
    due_at: datetime | None
    due_on: date | None
    overdue: bool


class PromisesOut(Schema):
    """Promises due: tickets by their time limits, the longest overdue first, then questions and tasks, the most urgent first.
    `tickets_due` counts all tickets, also those beyond `limit`."""

    tickets_due: int
    rows: list[PromiseOut]


@own.get("/workbench/promises", auth=Allow("workbench.view"), response=PromisesOut, summary="Promises due")
def read_promises(request: HttpRequest, limit: Limit = 20) -> Any:
    """Of the reader: tickets given to them, or to nobody of accounts that they serve, due by tomorrow; what colleagues asked of
    them. Of each at most `limit`; nothing of what the reader may not see."""
    now, today = timezone.now(), timezone.localdate()
    found = promises(actor=actor_of(request), now=now, tickets=limit, follow_ups=limit)
    tickets = [
        {"kind": "ticket", "id": row.pk, "account_id": row.account_id, "account": row.account.name, "text": row.subject,
         "waits_for": "solution" if row.first_response_at else "first_response", "due_at": row.due_at, "due_on": None,
         "overdue": row.due_at is not None and row.due_at < now}
        for row in found.tickets
    ]  # fmt: skip
    asked = [
        {"kind": row.kind, "id": row.pk, "account_id": row.account_id, "account": row.account.name, "text": row.text,
         "waits_for": "", "due_at": None, "due_on": row.due_on, "overdue": row.due_on is not None and row.due_on < today}
        for row in found.follow_ups or ()
    ]  # fmt: skip
    return {"tickets_due": found.tickets_due, "rows": [*tickets, *asked]}


api.add_router("", own)
for app in settings.HOUSE_APPS:
    if app != "bihuan.site" and find_spec(f"{app}.api") is not None:
        doors = import_module(f"{app}.api")
        if hasattr(doors, "router"):
            api.add_router("", doors.router)
        if hasattr(doors, "describe"):
            described_beside.append(doors.describe)
