"""Whether an inbox may show a message to its reader at this moment: what it was for is looked at again whenever it is shown.

`Message.only` names it: `online`, `region_id`, `stage`, `tier`, `segment` (@key, or a rule); without any of them it is for its
reader as such. What cannot be told is not shown."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.utils import timezone

from bihuan.act.reach.models import Kind, Message
from bihuan.act.reach.queries.consent import declined_among
from bihuan.base.access import system_actor
from bihuan.base.kept import Kept
from bihuan.capture.presence.queries import online
from bihuan.capture.store import StoreError
from bihuan.know.accounts.models import Account, Membership
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments.queries import members, resolve

#: A segment is asked once a minute, however many readers there are.
SEGMENT_SECONDS = 60.0
NOT_TOLD: tuple[str, frozenset[int]] = ("", frozenset())
_segments = Kept()


def forget_segments() -> None:
    """Ask anew next time."""
    _segments.forget()


def shown_to(person_id: int, rows: Sequence[Message], *, at: datetime) -> list[Message]:
    """Those of a reader's rows that may be shown now. What its reader opened stays; whoever declined sees nothing new."""
    new = [row for row in rows if row.opened_at is None]
    refused = bool(new) and bool(declined_among([person_id], kind=Kind.IN_APP))
    asked = not refused and any(row.only for row in new)
    belongs = _accounts_of(person_id, day=timezone.localdate(at)) if asked else frozenset()
    return [
        row
        for row in rows
        if row.opened_at is not None
        or (not refused and _is_for(row, person_id=person_id, belongs=belongs, at=at))
    ]


def _is_for(row: Message, *, person_id: int, belongs: frozenset[int], at: datetime) -> bool:
    """Whether its reader is still among those whom it was for; `belongs`: the accounts that they belong to."""
    if not row.only:
        return True
    if row.account is None or row.account.pk not in belongs:
        return False
    return all(_TOLD[name](row.only[name], person_id, row.account, at) for name in row.only)


def _accounts_of(person_id: int, *, day: date) -> frozenset[int]:
    found = Membership.objects.valid_on(day).filter(person=person_id)
    return frozenset(found.values_list("account_id", flat=True))


def _is_online(wanted: bool, person_id: int, account: Account, at: datetime) -> bool:
    return not wanted or any(one.person_id == person_id for one in online(at=at) or ())


def _in_segment(text: str, person_id: int, account: Account, at: datetime) -> bool:
    day = timezone.localdate(at)
    found = _segments.get(f"{day}:{text}", SEGMENT_SECONDS, lambda: _members(text, day))
    unit, ids = NOT_TOLD if found is None else found
    return (account.pk if unit == "account" else person_id) in ids


def _members(text: str, day: date) -> tuple[str, frozenset[int]] | None:
    """(unit, ids); None while the events cannot be asked, so that the next reader asks again."""
    everybody = system_actor("reach")
    try:
        found = members(segment=resolve(text, actor=everybody), actor=everybody, as_of=day)
    except QuestionError:
        return NOT_TOLD
    except StoreError:
        return None
    return found.unit, frozenset(found.ids.tolist())


_TOLD: dict[str, Callable[..., bool]] = {
    "online": _is_online,
    "region_id": lambda wanted, person_id, account, at: account.region_id == wanted,
    "stage": lambda wanted, person_id, account, at: account.stage == wanted,
    "tier": lambda wanted, person_id, account, at: account.tier == wanted,
    "segment": _in_segment,
}
