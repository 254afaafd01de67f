"""Who the customers are: industry, region, size, hierarchy, fit: what is fixed at the start."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from . import cast, words
from .arrays import AnyArray, Bools, Floats, Ints, Rng, dates

MONTHLY, YEARLY = 0, 1


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """One entry per account in every array; days count from the first simulated day, negative before it."""

    keys: list[str]
    names: list[str]
    short_names: list[str]
    parent: Ints  # index of the group's head, −1 for none
    industry: Ints
    region: Ints
    city: list[str]
    size: Ints  # employees
    people: Ints  # people at any one time
    signed_up: Ints  # day of the first paid contract
    trial_days: Ints  # days of trial before it (0 for none)
    term: Ints  # MONTHLY or YEARLY
    fit: Floats  # how well the product suits them, standard normal: the hidden cause
    discount: Floats
    products: Bools  # accounts × products
    adopted: Bools  # accounts × event names: which features they use at all

    def __len__(self) -> int:
        return len(self.keys)


def make_accounts(*, rng: Rng, count: int, people: int, days: int, events: int) -> Accounts:
    """`people` is the number over all accounts; `events` the number of event names."""
    industry = rng.choice(
        len(words.INDUSTRIES), size=count, p=[0.2, 0.14, 0.12, 0.08, 0.08, 0.09, 0.07, 0.08, 0.1, 0.04]
    )
    region = rng.choice(len(cast.REGIONS), size=count, p=[share for _, _, share, _ in cast.REGIONS])
    heads = _people_per_account(rng=rng, count=count, people=people)
    parent, names, short = _hierarchy(rng=rng, industry=industry, region=region, people=heads)
    fit = rng.standard_normal(count)
    fresh = rng.random(count) < 0.22
    signed_up = np.where(
        fresh, rng.integers(5, max(6, days - 20), size=count), -rng.integers(30, 1300, size=count)
    ).astype(np.int64)
    city_draw = rng.integers(0, 60, size=count)
    products = np.ones((count, len(cast.PRODUCTS)), dtype=np.bool_)
    products[:, 1] = rng.random(count) < 0.34 + 0.12 * (fit > 0)
    products[:, 2] = rng.random(count) < 0.16 + 0.002 * np.minimum(heads, 100)
    return Accounts(
        keys=[f"SIM-A{n + 1:05d}" for n in range(count)],
        names=names,
        short_names=short,
        parent=parent,
        industry=industry,
        region=region,
        city=[
            cast.REGIONS[r][3][c % len(cast.REGIONS[r][3])]
            for r, c in zip(region.tolist(), city_draw.tolist(), strict=True)
        ],
        size=np.maximum(heads + 2, (heads * rng.lognormal(1.4, 0.7, size=count))).astype(np.int64),
        people=heads,
        signed_up=signed_up,
        trial_days=np.where(rng.random(count) < 0.55, 30, 0).astype(np.int64),
        term=np.where((heads < 20) & (rng.random(count) < 0.3), MONTHLY, YEARLY).astype(np.int64),
        fit=fit,
        discount=np.clip(
            1.0 - 0.05 * np.log2(np.maximum(heads, 4) / 4) - rng.random(count) * 0.08, 0.55, 1.0
        ),
        products=products,
        adopted=rng.random((count, events)) < np.clip(0.72 + 0.13 * fit, 0.3, 0.98)[:, None],
    )


def _people_per_account(*, rng: Rng, count: int, people: int) -> Ints:
    """Pareto-like: a few large customers hold most of the people, and so of the revenue."""
    raw = np.exp(rng.normal(0.0, 1.05, size=count))
    scale = people / raw.sum()
    return np.asarray(np.maximum(3, np.round(raw * scale)), dtype=np.int64)


def _hierarchy(*, rng: Rng, industry: Ints, region: Ints, people: Ints) -> tuple[Ints, list[str], list[str]]:
    """About one account in nine belongs to a group; the largest member is its head."""
    count = len(industry)
    short = words.company_names(rng=rng, industries=industry, count=count)
    parent = np.full(count, -1, dtype=np.int64)
    order = rng.permutation(count)
    position = 0
    for _ in range(max(1, count // 36) if count >= 6 else 0):
        group = order[position : position + int(rng.integers(3, 6))]
        position += len(group)
        if len(group) < 3:
            break
        head = int(group[np.argmax(people[group])])
        stem = short[head][:2]
        short[head] = f"{stem}集团"
        for member in group.tolist():
            if member != head:
                parent[member] = head
                area = cast.REGIONS[int(region[member])][1]
                short[member] = f"{stem}{area}{short[member][2:]}"
    seen: dict[str, int] = {}
    for n, name in enumerate(short):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            short[n] = f"{name}{seen[name]}"
    return parent, [name + words.MARK for name in short], short


def account_columns(
    *, accounts: Accounts, tier: list[str], stage: list[str], first: date
) -> dict[str, list[Any] | AnyArray]:
    """The columns of the importer's noun `accounts`."""
    signed = dates(accounts.signed_up, origin=first)
    return {
        "key": accounts.keys,
        "name": accounts.names,
        "short_name": accounts.short_names,
        "parent_key": [None if p < 0 else accounts.keys[p] for p in accounts.parent.tolist()],
        "industry": [words.INDUSTRIES[n] for n in accounts.industry.tolist()],
        "region_code": [cast.REGION_CODES[n] for n in accounts.region.tolist()],
        "size": accounts.size,
        "tier": tier,
        "stage": stage,
        "country": ["CN"] * len(accounts),
        "city": accounts.city,
        "signed_up_on": signed,
        "simulated": [True] * len(accounts),
    }


def tiers(*, mrr: Floats) -> list[str]:
    """S, A, B, C by rank of revenue: 3 %, 12 %, 35 % and the rest."""
    rank = np.argsort(np.argsort(-mrr, kind="stable"), kind="stable") / max(1, len(mrr))
    return ["S" if r < 0.03 else "A" if r < 0.15 else "B" if r < 0.5 else "C" for r in rank.tolist()]


def team_columns(*, rng: Rng, accounts: Accounts, tier: list[str]) -> dict[str, list[Any]]:
    """Who serves whom: a sales owner by region, an operator by team, product and analyst for S and A."""
    columns: dict[str, list[Any]] = {"account_key": [], "staff_key": [], "role": [], "is_owner": []}
    partnered = rng.random(len(accounts)) < 0.06

    def add(key: str, staff: str, role: str, owner: bool = False) -> None:
        for name, value in zip(columns, (key, staff, role, owner), strict=True):
            columns[name].append(value)

    for n, key in enumerate(accounts.keys):
        area = cast.REGION_CODES[int(accounts.region[n])]
        add(key, cast.SALES_OF_REGION[area], "sales", True)
        add(key, cast.OPERATOR_OF_TEAM[cast.TEAM_OF_REGION[area]], "operations")
        if tier[n] in ("S", "A"):
            add(key, "manager", "product")
            add(key, "analyst", "analyst")
        if partnered[n]:
            add(key, "partner", "operations")
    return columns
