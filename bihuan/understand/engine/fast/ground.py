"""What loops run over: the store's tracks where rules speak of names only, else rows that one scan of the index marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.fast.breakdown import (
    EVENT,
    MOST_IDS,
    NO,
    NOTHING,
    Breakdown,
    by_ids,
    by_name,
    by_value,
    ranked,
)
from bihuan.understand.engine.fast.run import Array, Track
from bihuan.understand.engine.fast.scan import Scan
from bihuan.understand.engine.left_out import nothing_left_out
from bihuan.understand.engine.scope import Scope, Selector, after, no_unit, trait_of

Tables = dict[str, pa.Table]
Selectors = tuple[Selector, ...]


class Loose(Protocol):
    """Events without a unit: see capture/store/tracks.py."""

    @property
    def code(self) -> Array: ...
    @property
    def day(self) -> Array: ...
    @property
    def count(self) -> Array: ...
    @property
    def value(self) -> Array: ...


class Tracks(Protocol):
    """Everything there is of people or accounts: see capture/store/tracks.py."""

    @property
    def parts(self) -> Sequence[Any]: ...
    @property
    def codes(self) -> Mapping[str, int]: ...
    @property
    def loose(self) -> Sequence[Loose] | None: ...
    @property
    def texts(self) -> tuple[str, ...] | None: ...
    def numbers(self, chosen: Mapping[str, int] | None, *, ours: bool = True) -> Array: ...


class Units(Protocol):
    """Events of the units that count, and which of them each selector means."""

    @property
    def parts(self) -> Sequence[Any]: ...
    @property
    def accounts(self) -> Array | None: ...
    @property
    def by(self) -> Breakdown: ...
    def others(self, selectors: Sequence[Selector]) -> Array:
        """1 where an event counts as one that breaks a strict order, by what stands in Track.code."""
        ...

    def there(self) -> Array:
        """What may stand in Track.code."""
        ...

    def chosen(self, selector: Selector) -> Array:
        """1 where an event is selected, by what stands in Track.code."""
        ...

    def steps(self, selectors: Selectors) -> Array | None:
        """The number of the one selector (from 1) that means an event, 0 for none; None when two mean the same event."""
        ...

    def left_out(self, scope: Scope, selectors: Sequence[Selector]) -> Tables:
        """The table `left_out`: events of the selectors that have no unit; where there are none also the one that says of whom
        these are known; empty when the index must be asked."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the loops stand on: the tracks by "person" or "account" with the values of a property (None when there are none),
    the accounts that count
    (None: all), the organisation's zone; `scan`, which gives the rows of `plan_scan`; and `traits` with account_id or
    person_id, and `value`, where a breakdown is by what is known of them."""

    tracks: Callable[[Literal["person", "account"], str | None], Tracks | None]
    scan: Callable[[Scan], pa.Table]
    accounts: Array | None
    zone: str
    traits: pa.Table | None = None

    def midnight(self, day: date) -> int:
        """The start of a day, µs since 1970."""
        return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).timestamp()) * 1_000_000

    def bounds(self, buckets: Iterable[date], every: str) -> Array:
        """The starts of the buckets, and the end of the last."""
        days = list(buckets)
        return np.array([self.midnight(day) for day in (*days, after(days[-1], every))], np.int64)

    def span(self, scope: Scope) -> tuple[int, int]:
        """The first moment of the scope, and the first one after it."""
        return self.midnight(scope.first), self.midnight(scope.last + timedelta(days=1))

    def units(self, scope: Scope, *selectors: Selector, **more: Any) -> Units:
        """The events that these selectors mean; `more` are fields of Scan."""
        scan = Scan(scope=scope, selectors=tuple(dict.fromkeys(selectors)), **more)
        plain = scope.where is None and all(one.where is None for one in selectors)
        if plain and not scan.exact and not scan.hold and scope.unit in ("person", "account"):
            found = self.named(scope.unit, prop=prop_of(scan.by))
            by = None if found is None else self._by(found, scan)
            if found is not None and by is not None:
                return replace(found, by=by)
        return Scanned.of(self.scan(scan), scan=scan, span=self.span(scope))

    def _by(self, units: Named, scan: Scan) -> Breakdown | None:
        """The breakdown out of what tracks know; None when it must be scanned."""
        by, unit = scan.by, scan.scope.unit
        if by is None:
            return NOTHING
        if by == "event":
            return by_name(units.tracks.codes)
        if prop_of(by) is not None:
            return None if units.tracks.texts is None else by_value(units.tracks.texts)
        whose = by.split(".")[0]
        if whose not in ("account", unit):
            return None
        if trait_of(by) is not None:
            assert self.traits is not None, by
            ids, texts = self.traits[f"{whose}_id"].to_numpy(), self.traits["value"]
        elif by == "account":
            parts = units.parts
            last = max(
                (int((p.units if unit == "account" else p.account).max(initial=0)) for p in parts), default=0
            )
            if last > MOST_IDS:
                return None
            ids = np.arange(last + 1)
            texts = pa.chunked_array([pa.array(ids).cast(pa.string())])
        else:
            return None
        return by_ids(ids, texts, of_unit=whose == unit)

    def named(self, unit: str, *, prop: str | None = None) -> Named | None:
        """All events of the units that count, with the values of a property; None when there are no tracks."""
        tracks = self.tracks("account" if unit == "account" else "person", prop)
        if tracks is None:
            return None
        if self.accounts is None:
            return Named(tracks=tracks, parts=tuple(tracks.parts))
        if unit == "account":
            parts = tuple(_only(one, self.accounts) for one in tracks.parts)
            return Named(tracks=tracks, parts=parts, limited=True)
        return Named(tracks=tracks, parts=tuple(tracks.parts), limited=True, accounts=self.accounts)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Tracks; `limited` when not every account counts, and then the ids of those that do for tracks of people."""

    tracks: Tracks
    parts: tuple[Any, ...]
    limited: bool = False
    accounts: Array | None = None
    by: Breakdown = NOTHING

    def others(self, selectors: Sequence[Selector]) -> Array:
        """All product events, and those of the same names."""
        return self.chosen(Selector()) | self.tracks.numbers(
            {name: 1 for one in selectors for name in one.events}
        )

    def there(self) -> Array:
        """What may stand in Track.code."""
        return np.arange(len(self.chosen(Selector())))

    def chosen(self, selector: Selector) -> Array:
        """By the code of a name."""
        if selector.events:
            return self.tracks.numbers(dict.fromkeys(selector.events, 1))
        return self.tracks.numbers(None, ours=False)

    def steps(self, selectors: Selectors) -> Array | None:
        """By the code of a name, when no name stands in two of them."""
        numbered = {name: k for k, one in enumerate(selectors, start=1) for name in one.events}
        if len(numbered) < sum(len(one.events) for one in selectors):
            return None
        return self.tracks.numbers(numbered)

    def left_out(self, scope: Scope, selectors: Sequence[Selector]) -> Tables:
        """As far as the store has counted them."""
        loose = self.tracks.loose
        if loose is None or self.limited:
            return {}
        first, last = ((day - date(1970, 1, 1)).days for day in (scope.first, scope.last))
        number = 0
        for one in loose:
            taken = np.zeros(len(one.code), bool)
            for selector in selectors:
                taken |= self.chosen(selector)[one.code] > 0
            number += int(one.count[taken & (one.day >= first) & (one.day <= last)].sum())
        return counted(no_unit(scope.unit), number)


def counted(reason: str, number: int) -> Tables:
    """What is left out for one reason; of whom these events are only where there are none: loops see nothing but the unit."""
    return nothing_left_out(reason) if not number else {"left_out": pa.table({reason: [number]})}


def prop_of(by: str | None) -> str | None:
    """The name of the property that a breakdown is by."""
    return by.removeprefix("props.") if by is not None and by.startswith("props.") else None


def _only(track: Any, accounts: Array) -> Track:
    skip = track.skip | ~np.isin(track.units, accounts)
    made: Track = replace(track, skip=skip.astype(np.uint8))
    return made


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A track of scanned events; their code is the mask of the selectors that mean them. `series` and `held` (-1 for none)
    are numbers of the values, where they were asked for."""

    units: Array
    offsets: Array
    ts: Array
    code: Array
    account: Array
    skip: Array
    series: Array
    held: Array | None


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """Rows of a scan: those with a unit as a track, and the masks and moments of those without."""

    parts: tuple[Marked, ...]
    selectors: Selectors
    loose_mask: Array
    loose_us: Array
    span: tuple[int, int]
    accounts: Array | None = None
    by: Breakdown = NOTHING

    @classmethod
    def of(cls, rows: pa.Table, *, scan: Scan, span: tuple[int, int]) -> Scanned:
        """From the rows of `plan_scan`."""
        unit = rows["unit"].combine_chunks()
        known = unit.is_valid().to_numpy(zero_copy_only=False)
        us = rows["us"].to_numpy().astype(np.int64, copy=False)
        mask = rows["mask"].to_numpy().astype(np.int32, copy=False)
        named = pa.types.is_string(unit.type) or pa.types.is_large_string(unit.type)
        ids = (
            (unit.dictionary_encode().indices if named else unit)
            .drop_null()
            .to_numpy()
            .astype(np.int64, copy=False)
        )
        changes = np.flatnonzero(ids[1:] != ids[:-1]) + 1
        starts = np.concatenate([[0], changes, [len(ids)]] if len(ids) else [[0]]).astype(np.int64)
        texts, series = ranked(rows["series"]) if scan.by else ((), np.zeros(0, np.int32))
        held = ranked(rows["held"]) if scan.hold else None
        track = Marked(
            series=series[known] if scan.by else series,
            held=None if held is None else np.where(held[1] < len(held[0]), held[1], -1)[known].astype(np.int32),
            units=ids[starts[:-1]], offsets=starts, ts=_still(us[known]), code=_still(mask[known]),
            account=_still(np.zeros(0, np.int64)), skip=np.zeros(len(starts) - 1, np.uint8),
        )  # fmt: skip
        return cls(
            parts=(track,), selectors=scan.selectors, loose_mask=mask[~known], loose_us=us[~known], span=span,
            by=Breakdown(texts=texts, mode=EVENT if scan.by else NO),
        )  # fmt: skip

    def others(self, selectors: Sequence[Selector]) -> Array:
        """Whatever was scanned."""
        return np.ones(1 << len(self.selectors), np.int32)

    def there(self) -> Array:
        """The masks that are there."""
        return np.flatnonzero(np.bincount(self.parts[0].code))

    def chosen(self, selector: Selector) -> Array:
        """By the mask."""
        masks = np.arange(1 << len(self.selectors))
        return ((masks >> self.selectors.index(selector)) & 1).astype(np.int32)

    def steps(self, selectors: Selectors) -> Array | None:
        """By the mask, when no event has two of them."""
        number = np.zeros(1 << len(self.selectors), np.int32)
        several = np.zeros(len(number), bool)
        for k, one in enumerate(selectors, start=1):
            here = self.chosen(one) > 0
            several |= here & (number > 0)
            number[here] = k
        return None if several[self.parts[0].code].any() else number

    def left_out(self, scope: Scope, selectors: Sequence[Selector]) -> Tables:
        """Counted in the same scan."""
        wanted = sum(1 << self.selectors.index(one) for one in dict.fromkeys(selectors))
        inside = (self.loose_us >= self.span[0]) & (self.loose_us < self.span[1])
        return counted(no_unit(scope.unit), int((inside & (self.loose_mask & wanted > 0)).sum()))


def _still(array: Array) -> Array:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False  # as tracks are: loops are compiled for one kind of array
    return array
