"""What happens with accounts and their people, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class AccountAdded(Fact):
    """A customer organisation joined the list."""

    title = gettext_lazy("Account added")
    account_id: int


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Fact):
    """Facts about an account changed; `before` and `after` hold what differs."""

    title = gettext_lazy("Account changed")
    account_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AccountTeamChanged(Fact):
    """Who serves the account changed."""

    title = gettext_lazy("Owner team changed")
    account_id: int
    before: list[str]
    after: list[str]


@dataclass(frozen=True, kw_only=True)
class PersonAdded(Fact):
    """A person was added to an account."""

    title = gettext_lazy("Person added")
    person_id: int
    account_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Fact):
    """Facts about a person changed; the values stay out, they are personal data."""

    title = gettext_lazy("Person changed")
    person_id: int
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class PeopleMerged(Fact):
    """An operator said that two people are one: `gone_id` became part of `person_id`."""

    title = gettext_lazy("People merged")
    person_id: int
    gone_id: int


@dataclass(frozen=True, kw_only=True)
class MergeUndone(Fact):
    """A merge was a mistake: `gone_id` stands alone again."""

    title = gettext_lazy("Merge undone")
    person_id: int
    gone_id: int


@dataclass(frozen=True, kw_only=True)
class PersonErasureAsked(Fact):
    """Somebody decided that everything kept of a person is to be erased."""

    title = gettext_lazy("Erasure of a person requested")
    erased_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PersonErased(Fact):
    """Everything kept of a person is gone; `rows` says how many rows from where. The number means nobody now."""

    title = gettext_lazy("Person erased")
    erased_id: int
    rows: Mapping[str, int]
    account_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class MembershipStarted(Fact):
    """A person belongs to an account from a day on."""

    title = gettext_lazy("Membership started")
    person_id: int
    account_id: int
    starts_on: str


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Fact):
    """A person no longer belongs to an account; `before` is what was said of the end until then."""

    title = gettext_lazy("Membership ended")
    person_id: int
    account_id: int
    ends_on: str
    membership_id: int | None = None
    before: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Fact):
    """A colleague wrote a note about an account."""

    title = gettext_lazy("Note added")
    account_id: int
    follow_up_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Fact):
    """A colleague was asked something about an account."""

    title = gettext_lazy("Question asked")
    account_id: int
    follow_up_id: int
    assignee_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class TaskAssigned(Fact):
    """A colleague was given something to do for an account."""

    title = gettext_lazy("Task assigned")
    account_id: int
    follow_up_id: int
    assignee_id: int
    text: str
    due_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class FollowUpDone(Fact):
    """A question was answered or a task was done."""

    title = gettext_lazy("Follow-up completed")
    account_id: int
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class FollowUpReopened(Fact):
    """Done was pressed by mistake, or the matter came back."""

    title = gettext_lazy("Follow-up reopened")
    account_id: int
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class AccountsImported(Fact):
    """An import stored accounts, teams, people or memberships; `before` is what it overwrote of memberships, by table, row and
    column."""

    title = gettext_lazy("Accounts imported")
    noun: str
    created: int
    updated: int
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)
