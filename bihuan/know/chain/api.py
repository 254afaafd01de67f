"""REST of decision chains."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema

from bihuan.base.access import Allow, actor_of
from bihuan.know.accounts.models import Person
from bihuan.know.accounts.queries import visible_account
from bihuan.know.chain.actions import set_chain_member
from bihuan.know.chain.queries import members_of, state_of

router = Router(tags=["Decision chain"])


class MemberIn(Schema):
    """A person's place in the chain."""

    person_id: int = Field(..., ge=1, le=2**63 - 1)
    role: str = Field(..., examples=["decision_maker"])
    stance: int = Field(0, ge=-2, le=2)
    influence: int = Field(1, ge=0, le=3)
    last_contact_on: date | None = None
    note: str = Field("", max_length=200)


class MemberOut(Schema):
    """A member."""

    id: int
    person_id: int
    role: str
    stance: int
    influence: int
    last_contact_on: date | None


class ChainOut(Schema):
    """The chain with what it means today."""

    coverage: float
    missing: list[str]
    single_thread: bool
    champions: int
    champion_silent_days: int | None
    members: list[MemberOut]


@router.get(
    "/accounts/{int:pk}/chain", auth=Allow("chain.view"), response=ChainOut, summary="Read the decision chain"
)
def read_chain(request: HttpRequest, pk: int) -> Any:
    """404 outside the territory."""
    account = visible_account(pk=pk, actor=actor_of(request))
    state = state_of(account=account, on=timezone.localdate())
    return {
        "coverage": state.coverage, "missing": list(state.missing), "single_thread": state.single_thread,
        "champions": state.champions, "champion_silent_days": state.champion_silent_days,
        "members": members_of(account=account),
    }  # fmt: skip


@router.post("/accounts/{int:pk}/chain", auth=Allow("chain.edit"), response=MemberOut, summary="Set a member")
def put_member(request: HttpRequest, pk: int, body: MemberIn) -> Any:
    """Adds the person in this role, or changes the place they have."""
    actor = actor_of(request)
    account = visible_account(pk=pk, actor=actor)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=body.person_id)
    return set_chain_member(
        account=account, person=person, by=actor, at=timezone.now(), **body.dict(exclude={"person_id"})
    )
