"""What they ask: more when in distress, with slower answers on busy days; the last ones are still open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from . import words
from .accounts import Accounts
from .arrays import Floats, Ints, Rng
from .churn import Fate
from .people import Spells, person_key

FAMILIES = ("technical", "account", "presale")
PRIORITIES = ("low", "medium", "high", "urgent")
FIRST_RESPONSE_MINUTES = (240.0, 120.0, 45.0, 15.0)
RESOLUTION_HOURS = (72.0, 40.0, 18.0, 7.0)
OFF_DAY = 0.5  # a day less busy than this is no workday
STUCK_SHARE, STUCK = 0.06, 12.0  # some wait for a release


def ticket_columns(
    *,
    rng: Rng,
    accounts: Accounts,
    spells: Spells,
    fate: Fate,
    busy: Floats,
    midnight: Ints,
    clock: Ints,
    days: int,
) -> dict[str, list[Any]]:
    """The columns of the importer's noun `tickets`; nothing is known that happens after the last midnight."""
    felt = np.exp(0.75 * fate.distress)
    rate = (
        (fate.usage > 0)
        * 0.0042
        * np.power(accounts.people, 0.65)[:, None]
        * felt
        * (0.25 + 0.75 * busy)[None, :]
    )
    drawn = rng.poisson(rate)
    account, day = np.nonzero(drawn)
    times = drawn[account, day]
    account, day = np.repeat(account, times), np.repeat(day, times)
    order = np.lexsort((account, day))
    account, day = account[order], day[order]
    count = len(account)
    family = rng.choice(3, size=count, p=[0.68, 0.24, 0.08])
    priority = rng.choice(4, size=count, p=[0.26, 0.47, 0.2, 0.07])
    seconds = clock[rng.integers(0, len(clock), size=count)] + rng.integers(0, 60, size=count)
    opened = midnight[day] + seconds * 1_000_000
    waits = np.array(FIRST_RESPONSE_MINUTES)[priority] * rng.lognormal(-0.2, 0.8, size=count)
    works = np.array(RESOLUTION_HOURS)[priority] * rng.lognormal(-0.1, 0.9, size=count)
    works *= np.where(rng.random(count) < STUCK_SHARE, STUCK, 1.0)
    distress = fate.distress[account, day]
    patient = (busy[day] <= OFF_DAY) & (priority < 3)  # urgent ones are answered on any day
    heard = np.where(patient, _next_morning(busy=busy, midnight=midnight)[day], opened)
    answered = heard + (waits * 60e6).astype(np.int64)
    resolved = answered + (works * np.exp(0.35 * distress) * 3600e6).astype(np.int64)
    now = int(midnight[0]) + days * 86_400_000_000
    score = np.clip(np.round(rng.normal(4.35 - 1.1 * distress, 0.85)), 1, 5).astype(np.int64)
    rated = (rng.random(count) < 0.55) & (resolved < now)
    pending = rng.random(count) < 0.45
    escalated = rng.random(count) < 0.02 + 0.06 * distress
    low = spells.first_of[account]
    width = np.maximum(1, spells.first_of[account + 1] - low)
    spell = low + (rng.random(count) ** 2 * width).astype(np.int64)
    assignee = np.where(rng.random(count) < 0.5, 0, 1)
    subject = rng.integers(0, 10_000, size=count)
    names = ("service", "service-2")

    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "key", "account_key", "person_key", "subject", "family", "priority", "state", "opened_at",
            "first_response_at", "resolved_at", "satisfaction", "escalated", "assignee_key",
        )
    }  # fmt: skip
    for i in range(count):
        kind = FAMILIES[int(family[i])]
        done, seen = int(resolved[i]) < now, int(answered[i]) < now
        old = int(resolved[i]) < now - 7 * 86_400_000_000
        values: tuple[Any, ...] = (
            f"SIM-T{i + 1:06d}",
            accounts.keys[int(account[i])],
            person_key(int(spells.person[int(spell[i])])),
            words.SUBJECTS[kind][int(subject[i]) % len(words.SUBJECTS[kind])],
            kind,
            PRIORITIES[int(priority[i])],
            ("closed" if old else "solved") if done else "pending" if seen and pending[i] else "open",
            _instant(int(opened[i])),
            _instant(int(answered[i])) if seen else None,
            _instant(int(resolved[i])) if done else None,
            int(score[i]) if rated[i] else None,
            bool(escalated[i]),
            names[int(assignee[i])] if seen else None,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns


def _next_morning(*, busy: Floats, midnight: Ints) -> Ints:
    """For each day, nine o'clock of the first workday after it (or of the day after the last)."""
    day_long = 86_400_000_000
    following = np.empty(len(busy), dtype=np.int64)
    morning = int(midnight[-1]) + day_long
    for day in range(len(busy) - 1, -1, -1):
        following[day] = morning + 9 * day_long // 24
        if busy[day] > OFF_DAY:
            morning = int(midnight[day])
    return following


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
