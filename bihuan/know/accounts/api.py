"""REST of accounts, people, memberships and follow-ups."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.base.calendars.actions import use_calendar
from bihuan.base.calendars.models import BusinessCalendar
from bihuan.know.accounts import actions
from bihuan.know.accounts.models import Account, FollowUp, Membership, Person
from bihuan.know.accounts.queries import everything_kept, visible_account
from bihuan.know.staff.models import Region, Staff

router = Router(tags=["Accounts and people"])
BIG = 2**63 - 1


class AccountIn(Schema):
    """An account to add."""

    name: str = Field(..., min_length=1, max_length=200, examples=["云杉仪器"])
    key: str = Field("", max_length=120, description="The number in your other systems; empty: it gets one.")
    short_name: str = Field("", max_length=80)
    industry: str = Field("", max_length=80)
    country: str = Field("", max_length=60)
    city: str = Field("", max_length=80)
    size: int | None = Field(None, ge=0, le=2_000_000_000)
    tier: str = Field("", examples=["A"])
    stage: str = Field("onboarding", examples=["adoption"])
    region_code: str | None = Field(None, max_length=40)
    signed_up_on: date | None = None


class AccountPatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, min_length=1, max_length=200)
    industry: str | None = Field(None, max_length=80)
    size: int | None = Field(None, ge=0, le=2_000_000_000)
    tier: str | None = None
    stage: str | None = None
    region_code: str | None = Field(None, max_length=40)


class AccountOut(Schema):
    """An account."""

    id: int
    key: str
    name: str
    industry: str
    country: str
    city: str
    size: int | None
    tier: str
    stage: str
    parent_id: int | None
    region_code: str | None
    signed_up_on: date | None
    simulated: bool

    @staticmethod
    def resolve_region_code(account: Account) -> str | None:
        """The code of its region."""
        return account.region.code if account.region else None


class PersonIn(Schema):
    """A person to add to an account."""

    name: str = Field("", max_length=120)
    email: str = Field("", max_length=200)
    title: str = Field("", max_length=120)
    phone: str = Field("", max_length=40)
    key: str | None = Field(None, max_length=200)
    starts_on: date | None = None


class PersonOut(Schema):
    """A person."""

    id: int
    key: str | None
    name: str
    email: str
    title: str
    anonymous: bool


class PersonPatch(Schema):
    """What to change; fields that are absent stay."""

    name: str | None = Field(None, max_length=120)
    email: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=40)


class TeamMember(Schema):
    """One of us who serves an account, in one of the four roles; at most one is the owner."""

    staff_id: int = Field(..., ge=1, le=BIG)
    role: str = Field(..., examples=["sales"])
    is_owner: bool = False


class OwnerTeam(Schema):
    """Everyone of us who serves an account."""

    members: list[TeamMember] = Field(..., max_length=50)


class ErasureIn(Schema):
    """Why; the audit keeps it, so do not name the person."""

    reason: str = Field(..., min_length=1, max_length=300)


class ErasureOut(Schema):
    """The job that does it."""

    job_id: int


class MembershipOut(Schema):
    """When a person belongs to an account; `ends_on` is the first day on which they do not."""

    id: int
    person_id: int
    account_id: int
    starts_on: date
    ends_on: date | None


class MembershipEnd(Schema):
    """The first day on which the person does not belong to the account, today when absent."""

    ends_on: date | None = None


class FollowUpIn(Schema):
    """A note, a question or a task about an account; the last two need an assignee."""

    kind: str = Field(..., examples=["note"])
    text: str = Field(..., min_length=1, max_length=4000)
    assignee_id: int | None = Field(None, ge=1, le=BIG)
    due_on: date | None = None


class FollowUpOut(Schema):
    """A follow-up."""

    id: int
    account_id: int
    kind: str
    text: str
    assignee_id: int | None
    due_on: date | None
    at: datetime
    done_at: datetime | None


@router.get("/accounts", auth=Allow("accounts.view"), response=list[AccountOut], summary="List accounts")
@paginate
def list_accounts(request: HttpRequest, q: str = "", tier: str = "", stage: str = "") -> Any:
    """Accounts of the territory by name."""
    rows = Account.objects.visible_to(actor_of(request)).select_related("region")
    for name, value in (("name__icontains", q), ("tier", tier), ("stage", stage)):
        rows = rows.filter(**{name: value}) if value else rows
    return rows


@router.get("/accounts/{int:pk}", auth=Allow("accounts.view"), response=AccountOut, summary="Read an account")
def read_account(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return visible_account(pk=pk, actor=actor_of(request))


@router.post("/accounts", auth=Allow("accounts.edit"), response={201: AccountOut}, summary="Add an account")
def create_account(request: HttpRequest, body: AccountIn) -> Any:
    """422 names the field that is wrong."""
    fields = body.dict(exclude={"region_code"})
    fields["region"] = _region(body.region_code)
    return 201, actions.add_account(by=actor_of(request), at=timezone.now(), **fields)


@router.patch(
    "/accounts/{int:pk}", auth=Allow("accounts.edit"), response=AccountOut, summary="Change an account"
)
def update_account(request: HttpRequest, pk: int, body: AccountPatch) -> Any:
    """Only the fields that the body has."""
    actor = actor_of(request)
    fields = body.dict(exclude_unset=True)
    if "region_code" in fields:
        fields["region"] = _region(fields.pop("region_code"))
    account = visible_account(pk=pk, actor=actor)
    return actions.change_account(account=account, by=actor, at=timezone.now(), **fields)


def _region(code: str | None) -> Region | None:
    return get_object_or_404(Region, code=code) if code else None


class CalendarChoice(Schema):
    """The account's own business calendar; null: that of the role or the organisation."""

    calendar_id: int | None = Field(None, ge=1, le=BIG)


@router.put(
    "/accounts/{int:pk}/calendar",
    auth=Allow("calendars.edit"),
    response={204: None},
    summary="Choose an account's business calendar",
)
def choose_account_calendar(request: HttpRequest, pk: int, body: CalendarChoice) -> Any:
    """Its open tickets are measured anew."""
    actor = actor_of(request)
    account = visible_account(pk=pk, actor=actor)
    chosen = None if body.calendar_id is None else get_object_or_404(BusinessCalendar, pk=body.calendar_id)
    use_calendar(calendar=chosen, account_id=account.pk, by=actor, at=timezone.now())
    return 204, None


@router.get(
    "/accounts/{int:pk}/people",
    auth=Allow("people.view"),
    response=list[PersonOut],
    summary="List its people",
)
@paginate
def list_people(request: HttpRequest, pk: int) -> Any:
    """Members of the account, past ones too."""
    account = visible_account(pk=pk, actor=actor_of(request))
    return Person.objects.filter(pk__in=Membership.objects.filter(account=account).values("person_id"))


@router.post(
    "/accounts/{int:pk}/people", auth=Allow("people.edit"), response={201: PersonOut}, summary="Add a person"
)
def create_person(request: HttpRequest, pk: int, body: PersonIn) -> Any:
    """The person belongs to the account from `starts_on`, today when absent."""
    actor, now = actor_of(request), timezone.now()
    account = visible_account(pk=pk, actor=actor)
    fields = body.dict(exclude={"starts_on"})
    fields["key"] = fields["key"] or None
    starts_on = body.starts_on or timezone.localdate()
    return 201, actions.add_person(account=account, starts_on=starts_on, by=actor, at=now, **fields)


@router.get("/people/{int:pk}", auth=Allow("people.view"), response=PersonOut, summary="Read a person")
def read_person(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    return get_object_or_404(Person.objects.visible_to(actor_of(request)), pk=pk)


@router.patch("/people/{int:pk}", auth=Allow("people.edit"), response=PersonOut, summary="Change a person")
def update_person(request: HttpRequest, pk: int, body: PersonPatch) -> Any:
    """Only the fields that the body has."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=pk)
    fields = {name: value or "" for name, value in body.dict(exclude_unset=True).items()}
    return actions.change_person(person=person, by=actor, at=timezone.now(), **fields)


@router.get("/people/{int:pk}/data", auth=Allow("personal.manage"), response=dict[str, Any],
            summary="Copy of everything kept of a person")  # fmt: skip
def read_personal_data(request: HttpRequest, pk: int) -> Any:
    """By what keeps it: record, identities, events, rejected events, decision chain, tickets, facts."""
    return everything_kept(get_object_or_404(Person.objects.visible_to(actor_of(request)), pk=pk).pk)


@router.post("/people/{int:pk}/erase", auth=Allow("personal.manage"), response={202: ErasureOut},
             summary="Erase a person")  # fmt: skip
def erase_person(request: HttpRequest, pk: int, body: ErasureIn) -> Any:
    """Queued, for the log of events is rewritten; the job says what went. It does not come back."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=pk)
    return 202, {
        "job_id": actions.ask_to_erase(person=person, reason=body.reason, by=actor, at=timezone.now())
    }


@router.get("/accounts/{int:pk}/memberships", auth=Allow("people.view"), response=list[MembershipOut],
            summary="List its memberships")  # fmt: skip
@paginate
def list_memberships(request: HttpRequest, pk: int) -> Any:
    """Who belongs to the account, and when; past ones too."""
    account = visible_account(pk=pk, actor=actor_of(request))
    return Membership.objects.filter(account=account).order_by("starts_on", "pk")


@router.post("/memberships/{int:pk}/end", auth=Allow("people.edit"), response=MembershipOut,
             summary="End a membership")  # fmt: skip
def finish_membership(request: HttpRequest, pk: int, body: MembershipEnd) -> Any:
    """The past stays: only from that day on does the person not belong to the account."""
    actor = actor_of(request)
    held = get_object_or_404(Membership.objects.visible_to(actor), pk=pk)
    ends_on = body.ends_on or timezone.localdate()
    return actions.end_membership(membership=held, ends_on=ends_on, by=actor, at=timezone.now())


@router.get("/accounts/{int:pk}/team", auth=Allow("accounts.view"), response=list[TeamMember],
            summary="Read its owner team")  # fmt: skip
def read_team(request: HttpRequest, pk: int) -> Any:
    """Who of us serves it; the owner first."""
    return visible_account(pk=pk, actor=actor_of(request)).team.order_by("-is_owner", "pk")


@router.put("/accounts/{int:pk}/team", auth=Allow("accounts.edit"), response=list[TeamMember],
            summary="Replace its owner team")  # fmt: skip
def put_team(request: HttpRequest, pk: int, body: OwnerTeam) -> Any:
    """422 for an unknown role, or more than one owner."""
    actor = actor_of(request)
    account = visible_account(pk=pk, actor=actor)
    members = [
        (get_object_or_404(Staff, pk=one.staff_id, is_active=True), one.role, one.is_owner)
        for one in body.members
    ]
    actions.change_team(account=account, members=members, by=actor, at=timezone.now())
    return account.team.order_by("-is_owner", "pk")


@router.get("/accounts/{int:pk}/follow-ups", auth=Allow("follow_ups.view"), response=list[FollowUpOut],
            summary="List its follow-ups")  # fmt: skip
@paginate
def list_follow_ups(request: HttpRequest, pk: int) -> Any:
    """Notes, questions and tasks, the newest first."""
    return FollowUp.objects.filter(account=visible_account(pk=pk, actor=actor_of(request)))


@router.post("/accounts/{int:pk}/follow-ups", auth=Allow("follow_ups.edit"), response={201: FollowUpOut},
             summary="Write a note, ask or assign")  # fmt: skip
def create_follow_up(request: HttpRequest, pk: int, body: FollowUpIn) -> Any:
    """422 when the assignee is missing or may not see the account."""
    actor = actor_of(request)
    account = visible_account(pk=pk, actor=actor)
    assignee = get_object_or_404(Staff, pk=body.assignee_id, is_active=True) if body.assignee_id else None
    return 201, actions.add_follow_up(account=account, kind=body.kind, text=body.text, assignee=assignee,
                                      due_on=body.due_on, by=actor, at=timezone.now())  # fmt: skip


@router.post(
    "/follow-ups/{int:pk}/done", auth=Allow("follow_ups.edit"), response=FollowUpOut, summary="Mark it done"
)
def finish_follow_up(request: HttpRequest, pk: int) -> Any:
    """A second time changes nothing."""
    actor = actor_of(request)
    follow_up = get_object_or_404(FollowUp.objects.visible_to(actor), pk=pk)
    actions.finish_follow_up(follow_up=follow_up, by=actor, at=timezone.now())
    return FollowUp.objects.get(pk=pk)
