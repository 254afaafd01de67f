"""What the people do in the product: drawn in chunks of accounts: memory stays bounded."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import cast
from .arrays import AnyArray, Floats, Ints, Rng
from .churn import NEVER
from .people import Spells

# name, product, weight per profile (user, manager, builder); the first opens every visit
EVENTS: tuple[tuple[str, int, tuple[float, float, float]], ...] = (
    ("signed_in", 0, (0, 0, 0)),
    ("task_completed", 0, (34, 10, 12)),
    ("document_opened", 0, (24, 20, 8)),
    ("comment_added", 0, (14, 14, 5)),
    ("file_uploaded", 0, (9, 3, 6)),
    ("project_created", 0, (3, 6, 4)),
    ("member_invited", 0, (0.6, 2, 0.6)),
    ("dashboard_viewed", 1, (9, 26, 6)),
    ("report_created", 1, (3, 9, 5)),
    ("report_exported", 1, (2, 7, 3)),
    ("automation_ran", 2, (1, 1, 26)),
    ("api_called", 2, (0.4, 0.5, 24)),
)
EVENT_NAMES = tuple(name for name, _, _ in EVENTS)
ALWAYS = (0, 1, 2)  # features every customer uses
PLAIN = 1  # what a person does instead of a feature the customer does not use

DEVICES = (("pc", 0.66), ("mobile", 0.27), ("tablet", 0.07))
VERSIONS_A_YEAR = 8
SECONDS = (4, 8, 15, 30, 60, 90, 150, 240, 420, 900)
PEOPLE_ROWS = 4_000_000  # spell-days drawn at a time


@dataclass(frozen=True, kw_only=True)
class EventChunk:
    """Events of a run of accounts, sorted by account and time. Indexes point into the company's tables."""

    number: int
    first_event: int  # how many events came in the chunks before
    account: Ints
    person: Ints
    name: Ints  # into EVENT_NAMES
    product: Ints
    ts: Ints  # microseconds since 1970, UTC
    received: Ints
    props: Ints  # into `Props.texts`

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True, kw_only=True)
class Props:
    """All property texts that occur, so that a million events share a few thousand strings."""

    texts: list[str]
    versions: int


def make_props(*, days: int) -> Props:
    """Every combination of event, device, version and seconds."""
    versions = max(1, -(-days * VERSIONS_A_YEAR // 365)) + 1
    texts = [
        json.dumps(
            {
                "device": device,
                "version": f"5.{version}",
                "feature": name,
                "seconds": seconds,
                "$lib": "simulated",
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for name, (device, _), version, seconds in itertools.product(
            EVENT_NAMES, DEVICES, range(versions), SECONDS
        )
    ]
    return Props(texts=texts, versions=versions)


@dataclass(frozen=True, kw_only=True)
class World:
    """What the drawing of events needs to know; all arrays are per account, spell or day."""

    spells: Spells
    usage: Floats  # accounts × days
    adopted: AnyArray  # accounts × event names
    busy: Floats
    midnight: Ints
    clocks: tuple[Ints, Ints]  # workday, other day
    props: Props
    seed: int


def calibrate(*, world: World, target: int) -> tuple[float, float]:
    """Factor on the chance to be active, and mean events on an active day, that give `target` events."""
    expected = 0.0
    for low, high in _runs(world):
        expected += float(_chance(world, low, high, 1.0).sum())
    if expected == 0.0:
        return 1.0, 1.0
    per_day = target / expected
    thin = min(1.0, np.sqrt(per_day / 6.0)) if per_day < 6.0 else 1.0
    return float(thin), float(max(1.0, per_day / thin))


def event_chunks(*, world: World, thin: float, per_day: float) -> Iterator[EventChunk]:
    """The same chunks each time, whatever was drawn before: each has its own random stream."""
    before = 0
    tables = _name_tables()
    for number, (low, high) in enumerate(_runs(world)):
        rng = np.random.default_rng([world.seed, 7_000 + number])
        chunk = _draw(
            rng=rng,
            world=world,
            low=low,
            high=high,
            thin=thin,
            per_day=per_day,
            tables=tables,
            number=number,
            before=before,
        )
        before += len(chunk)
        if len(chunk):
            yield chunk


def _runs(world: World) -> Iterator[tuple[int, int]]:
    """Ranges of spells, whole accounts together, of a bounded number of spell-days."""
    days = len(world.busy)
    first_of = world.spells.first_of
    start = 0
    for account in range(1, len(first_of)):
        end = int(first_of[account])
        following = int(first_of[account + 1]) if account + 1 < len(first_of) else None
        if following is None or (following - start) * days > PEOPLE_ROWS:
            yield start, end
            start = end


def _chance(world: World, low: int, high: int, thin: float) -> AnyArray:
    """Chance of each spell (rows) to be active on each day (columns)."""
    s, days = world.spells, len(world.busy)
    day = np.arange(days, dtype=np.int32)
    chance = world.usage[s.account[low:high]].astype(np.float32)
    chance *= world.busy.astype(np.float32)[None, :]
    chance *= (thin * s.propensity[low:high]).astype(np.float32)[:, None]
    chance[day[None, :] < s.start[low:high, None]] = 0.0
    end = np.minimum(s.end[low:high], NEVER)
    chance[day[None, :] >= end[:, None]] = 0.0
    return np.minimum(chance, np.float32(0.97))


def _draw(
    *,
    rng: Rng,
    world: World,
    low: int,
    high: int,
    thin: float,
    per_day: float,
    tables: AnyArray,
    number: int,
    before: int,
) -> EventChunk:
    s, days = world.spells, len(world.busy)
    active = rng.random((high - low, days), dtype=np.float32) < _chance(world, low, high, thin)
    spell, day = np.nonzero(active)
    spell = spell + low
    times = 1 + rng.poisson(max(0.0, per_day - 1.0), size=len(spell))
    visit = np.repeat(np.arange(len(spell)), times)
    position = np.arange(len(visit)) - np.repeat(np.cumsum(times) - times, times)
    size = len(visit)
    spell, day = spell[visit], day[visit]
    account = s.account[spell]

    draw = rng.integers(0, tables.shape[1], size=size, dtype=np.int32)
    name = tables[s.profile[spell], draw].astype(np.int64)
    plain = ~world.adopted[account, name]
    name[plain] = PLAIN
    name[position == 0] = 0

    ts = _times(rng=rng, world=world, day=day, visit=visit, position=position)
    device = np.searchsorted(
        np.cumsum([share for _, share in DEVICES])[:-1], (spell * 0.618 + rng.random(size) * 0.25) % 1.0
    )
    version = np.clip(((day + spell % 23) * VERSIONS_A_YEAR) // 365, 0, world.props.versions - 1)
    seconds = rng.integers(0, len(SECONDS), size=size, dtype=np.int32)
    props = ((name * len(DEVICES) + device) * world.props.versions + version) * len(SECONDS) + seconds
    order = np.lexsort((ts, account))
    product = np.array([product for _, product, _ in EVENTS], dtype=np.int64)
    return EventChunk(
        number=number,
        first_event=before,
        account=account[order],
        person=s.person[spell[order]],
        name=name[order],
        product=product[name[order]],
        ts=ts[order],
        received=ts[order] + rng.integers(300_000, 9_000_000, size=size),
        props=props[order],
    )


def _times(*, rng: Rng, world: World, day: Ints, visit: Ints, position: Ints) -> Ints:
    """A visit starts at an hour of the day's rhythm; its events follow minutes, now and then hours, apart."""
    size, visits = len(visit), int(visit[-1]) + 1 if len(visit) else 0
    workday = world.busy > 0.5
    draw = rng.integers(0, len(world.clocks[0]), size=visits, dtype=np.int32)
    first = position == 0
    start = np.where(workday[day[first]], world.clocks[0][draw], world.clocks[1][draw])
    gap = rng.exponential(150.0, size=size)
    gap += (rng.random(size) < 0.12) * rng.exponential(6000.0, size=size)
    gap[first] = rng.random(visits) * 40
    passed = np.cumsum(gap)
    passed -= np.repeat(passed[first] - gap[first], np.bincount(visit, minlength=visits)) if visits else 0
    seconds = np.minimum(start[visit] + passed, 86_399 - rng.random(size) * 600)
    return np.asarray(world.midnight[day] + (seconds * 1e6).astype(np.int64), dtype=np.int64)


def _name_tables(size: int = 2048) -> AnyArray:
    """Per profile a table of event numbers to draw from uniformly."""
    weights = np.array([by_profile for _, _, by_profile in EVENTS], dtype=np.float64).T
    tables = np.empty((weights.shape[0], size), dtype=np.int8)
    for profile, row in enumerate(weights):
        edges = np.cumsum(row) / row.sum()
        tables[profile] = np.searchsorted(edges, (np.arange(size) + 0.5) / size)
    return tables


def may_use(*, adopted: AnyArray, products: AnyArray) -> AnyArray:
    """Accounts × event names: adopted features of products the account has."""
    owner = np.array([product for _, product, _ in EVENTS])
    allowed = adopted & products[:, owner]
    allowed[:, list(ALWAYS)] = True
    return np.asarray(allowed)


assert len(cast.PRODUCTS) == max(product for _, product, _ in EVENTS) + 1
