"""The people in the accounts: a spell is one person's time in one account, the unit that is active."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from . import words
from .accounts import Accounts
from .arrays import AnyArray, Floats, Ints, Rng, dates, dates_or_none
from .churn import NEVER, Fate

PROFILES = 3  # day-to-day user, manager who reads reports, builder who automates


@dataclass(frozen=True, kw_only=True)
class Spells:
    """One entry per spell, sorted by account; the first of each account is its champion at the start."""

    account: Ints
    person: Ints
    start: Ints
    end: Ints  # NEVER if still there
    propensity: Floats  # chance to be active on an ordinary workday, before the account's own factor
    profile: Ints
    title: Ints
    people: int
    first_of: Ints  # index of the first spell per account, with one past the end

    def __len__(self) -> int:
        return len(self.account)


def make_spells(*, rng: Rng, accounts: Accounts, fate: Fate, days: int) -> Spells:
    """Who was where and when: joiners, leavers, and those who moved to another customer."""
    count = len(accounts)
    account = np.repeat(np.arange(count), accounts.people)
    begin = (accounts.signed_up - accounts.trial_days)[account]
    size = len(account)
    champion = np.concatenate([[True], account[1:] != account[:-1]]) if size else np.zeros(0, dtype=np.bool_)
    late = (rng.random(size) < 0.18) & ~champion
    room = np.maximum(1, days - 1 - begin)
    start = np.where(late, begin + (rng.random(size) * room).astype(np.int64), begin)
    goes = (rng.random(size) < 0.07) & ~champion
    goes_on = np.maximum(start + 20, (rng.random(size) * days).astype(np.int64))
    end = np.where(goes & (goes_on < days), goes_on, NEVER)
    end = np.where(champion & (fate.champion_left[account] > start), fate.champion_left[account], end)
    person = np.arange(size)

    movers = np.flatnonzero((end != NEVER) & (end < days - 30) & (rng.random(size) < 0.33) & (count > 1))
    target = rng.integers(0, count, size=len(movers))
    target = np.where(target == account[movers], (target + 1) % count, target)
    arrives = end[movers] + rng.integers(3, 25, size=len(movers))
    open_there = (accounts.signed_up[target] <= arrives) & (fate.left[target] > arrives)
    movers, target, arrives = movers[open_there], target[open_there], arrives[open_there]

    users = rng.random(size) < 0.86
    propensity = np.where(users, 0.04 + 0.8 * rng.beta(1.5, 2.6, size=size), 0.0)
    propensity = np.where(champion, 0.5, propensity)
    profile = rng.choice(PROFILES, size=size, p=[0.62, 0.24, 0.14])
    title = np.where(
        np.arange(size) - np.searchsorted(account, account) < 4,
        rng.integers(0, 4, size=size),
        rng.integers(4, len(words.TITLES), size=size),
    )
    full = {
        "account": np.concatenate([account, target]),
        "person": np.concatenate([person, person[movers]]),
        "start": np.concatenate([start, arrives]),
        "end": np.concatenate([end, np.full(len(movers), NEVER)]),
        "propensity": np.concatenate([propensity, propensity[movers]]),
        "profile": np.concatenate([profile, profile[movers]]),
        "title": np.concatenate([title, title[movers]]),
    }
    order = np.argsort(full["account"], kind="stable")
    sorted_account = full["account"][order]
    return Spells(
        account=sorted_account,
        person=full["person"][order],
        start=full["start"][order],
        end=full["end"][order],
        propensity=full["propensity"][order],
        profile=full["profile"][order],
        title=full["title"][order],
        people=size,
        first_of=np.searchsorted(sorted_account, np.arange(count + 1)),
    )


def person_key(number: int) -> str:
    """The external key of a person of the company."""
    return f"SIM-P{number + 1:06d}"


def people_columns(*, rng: Rng, spells: Spells) -> dict[str, list[Any] | AnyArray]:
    """The columns of the importer's noun `people`."""
    keys = [person_key(n) for n in range(spells.people)]
    title = np.zeros(spells.people, dtype=np.int64)
    title[spells.person] = spells.title
    return {
        "key": keys,
        "name": words.person_names(rng=rng, count=spells.people),
        "email": [f"{key.lower()}@customer.example" for key in keys],
        "title": [words.TITLES[n] for n in title.tolist()],
        "simulated": [True] * spells.people,
    }


def membership_columns(*, accounts: Accounts, spells: Spells, first: date) -> dict[str, list[Any] | AnyArray]:
    """The columns of the importer's noun `memberships`."""
    return {
        "person_key": [person_key(n) for n in spells.person.tolist()],
        "account_key": [accounts.keys[n] for n in spells.account.tolist()],
        "starts_on": dates(spells.start, origin=first),
        "ends_on": dates_or_none(spells.end, origin=first, never=NEVER),
        "title": [words.TITLES[n] for n in spells.title.tolist()],
    }


CHAIN = ("account_key", "person_key", "role", "stance", "influence", "last_contact_on", "known_since")


def chain_columns(
    *, rng: Rng, accounts: Accounts, spells: Spells, fate: Fate, days: int, first: date
) -> dict[str, list[Any]]:
    """The decision chains: two to six people an account; distress shows in the stance of those who decide."""
    columns: dict[str, list[Any]] = {name: [] for name in CHAIN}
    felt = fate.distress[:, -1]
    for n, key in enumerate(accounts.keys):
        low, high = int(spells.first_of[n]), int(spells.first_of[n + 1])
        wanted = min(high - low, int(rng.integers(2, 7)))
        others = rng.permutation(["user", "evaluator", "budget_holder", "signer"]).tolist()
        roles = ["decision_maker", *others]
        roles.append("blocker" if felt[n] > 0.5 else "influencer")
        begin = int(accounts.signed_up[n])
        for k in range(wanted):
            champion = k == 0
            mood = 1.1 if champion else 0.4 + 0.45 * float(accounts.fit[n]) - 1.1 * float(felt[n])
            stance = int(np.clip(round(mood + float(rng.normal(0, 0.6))), -2, 2))
            silent = int(rng.exponential(24 + 30 * float(felt[n])))
            contact = min(int(spells.end[low + k]), days - 1) - silent
            contact = min(max(contact, begin), min(days - 1, int(fate.left[n])))
            met = first + timedelta(days=min(int(spells.start[low + k]), contact))
            for name, value in zip(
                columns,
                (
                    key,
                    person_key(int(spells.person[low + k])),
                    roles[k],
                    max(1, stance) if champion else min(-1, stance) if roles[k] == "blocker" else stance,
                    3 if champion or roles[k] == "decision_maker" else int(rng.integers(0, 4)),
                    first + timedelta(days=contact),
                    datetime.combine(met, time(2), UTC),
                ),
                strict=True,
            ):
                columns[name].append(value)
    return columns
