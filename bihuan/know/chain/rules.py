"""Pure rules of the decision chain: coverage, single thread, champion, decay with silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

ROLES_TO_COVER = ("user", "evaluator", "budget_holder", "decision_maker", "signer")
CONTACT_WINDOW_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Link:
    """One member of a chain as the rules see it."""

    person_id: int
    role: str
    stance: int
    influence: int
    last_contact_on: date | None

    def silent_days(self, *, on: date) -> int | None:
        """Days since the last contact; None when there was none."""
        return None if self.last_contact_on is None else max(0, (on - self.last_contact_on).days)

    def in_touch(self, *, on: date) -> bool:
        """Spoken with in the last 90 days."""
        days = self.silent_days(on=on)
        return days is not None and days <= CONTACT_WINDOW_DAYS

    @property
    def is_champion(self) -> bool:
        """Stance of +1 or better with real influence (2 or 3)."""
        return self.stance >= 1 and self.influence >= 2


@dataclass(frozen=True, kw_only=True)
class ChainState:
    """What a chain looks like on a day. `covered` and `missing` are roles; silence is in days."""

    covered: tuple[str, ...]
    missing: tuple[str, ...]
    people_in_touch: int
    single_thread: bool
    champions: int
    champion_silent_days: int | None
    blockers: int

    @property
    def coverage(self) -> float:
        """Share of the five roles that someone known fills, 0–1."""
        return len(self.covered) / len(ROLES_TO_COVER)


def chain_state(links: Iterable[Link], *, on: date) -> ChainState:
    """The state of one account's chain; a single thread is at most one person in touch in a known chain."""
    members = list(links)
    roles = {link.role for link in members}
    in_touch = {link.person_id for link in members if link.in_touch(on=on)}
    champions = [link for link in members if link.is_champion]
    silences = [days for link in champions if (days := link.silent_days(on=on)) is not None]
    return ChainState(
        covered=tuple(role for role in ROLES_TO_COVER if role in roles),
        missing=tuple(role for role in ROLES_TO_COVER if role not in roles),
        people_in_touch=len(in_touch),
        single_thread=bool(members) and len(in_touch) <= 1,
        champions=len({link.person_id for link in champions}),
        champion_silent_days=min(silences) if silences else None,
        blockers=len({link.person_id for link in members if link.role == "blocker" or link.stance <= -2}),
    )
