"""What happens with accounts and their people, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class AccountAdded(Fact):
    """A customer organisation joined the list."""

    account_id: int


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Fact):
    """Facts about an account changed; `before` and `after` hold what differs."""

    account_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AccountTeamChanged(Fact):
    """Who serves the account changed."""

    account_id: int
    before: list[str]
    after: list[str]


@dataclass(frozen=True, kw_only=True)
class PersonAdded(Fact):
    """A person was added to an account."""

    person_id: int
    account_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Fact):
    """Facts about a person changed; the values stay out, they are personal data."""

    person_id: int
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class MembershipStarted(Fact):
    """A person belongs to an account from a day on."""

    person_id: int
    account_id: int
    starts_on: str


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Fact):
    """A person no longer belongs to an account."""

    person_id: int
    account_id: int
    ends_on: str


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Fact):
    """A colleague wrote a note about an account."""

    account_id: int
    follow_up_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Fact):
    """A colleague was asked something about an account."""

    account_id: int
    follow_up_id: int
    assignee_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class TaskAssigned(Fact):
    """A colleague was given something to do for an account."""

    account_id: int
    follow_up_id: int
    assignee_id: int
    text: str
    due_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class FollowUpDone(Fact):
    """A question was answered or a task was done."""

    account_id: int
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class FollowUpReopened(Fact):
    """Done was pressed by mistake, or the matter came back."""

    account_id: int
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class AccountsImported(Fact):
    """An import stored accounts, teams, people or memberships."""

    noun: str
    created: int
    updated: int
