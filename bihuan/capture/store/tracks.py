"""Events as tracks: for each person (or account) when which event happened, in arrays that a compiled loop reads at
memory speed.

A track is derived from the index: `base` as of some moment, in files that are mapped into memory, and `fresh`, read from
the index for everybody whom anything happened to since. The two never overlap: units of `fresh` are marked in
`base.skip`. Properties that questions were broken down by are laid beside them, as small numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

Order = Literal["person", "account"]
ORDERS: tuple[Order, ...] = ("person", "account")
FORMAT = 2  # of the files; others are made anew
COLUMNS = ("units", "offsets", "ts", "code", "account")
Array = np.ndarray[Any, Any]
NO_VALUES: Array = np.zeros(0, np.int32)


@dataclass(frozen=True, kw_only=True)
class Track:
    """Events of `len(units)` people or accounts, ascending by unit and time, of one moment by when
    they were received, then by name.

    `units`: int64 ids; `offsets`: int64, one more than units: the events of unit n stand at offsets[n]:offsets[n + 1];
    `ts`: int64 microseconds since 1970, UTC; `code`: int32, twice the code of the event's name (see Tracks.codes),
    and one more for facts of our own staff; `account`: int64 account of each event, -1 for none (empty in the order of
    accounts, whose unit it is); `skip`: uint8, 1 for units that stand in another track; `value`: int32 place in Tracks.texts of
    the property that was asked for, -1 for none (empty when none was asked for).
    """

    units: Array
    offsets: Array
    ts: Array
    code: Array
    account: Array
    skip: Array
    value: Array = field(default_factory=lambda: NO_VALUES)


@dataclass(frozen=True, kw_only=True)
class Loose:
    """Events without a unit: `count` of them by `code` and `day` (int32, days since 1970 in the organisation's zone), and by
    `value` (as in Track) where a property was asked for."""

    code: Array
    day: Array
    count: Array
    value: Array = field(default_factory=lambda: NO_VALUES)


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Everything the index holds of people (or of accounts), in one or two tracks, and the codes of the names.

    `texts`: the values of the property that was asked for; None when it is not laid (yet), or has too many.

    `loose`: how many events have no person (account); None when corrections since have changed it: ask the index then.
    """

    order: Order
    parts: tuple[Track, ...]
    codes: Mapping[str, int]
    loose: tuple[Loose, ...] | None
    texts: tuple[str, ...] | None = None

    def numbers(self, chosen: Mapping[str, int] | None, *, ours: bool = True) -> Array:
        """An int32 array from what stands in Track.code to the number chosen for the name, 0 for every other name.

        None chooses 1 for every name. Without `ours`, facts of our own staff get 0.
        """
        table = np.zeros(2 * (max(self.codes.values(), default=0) + 1), np.int32)
        for name in self.codes if chosen is None else chosen:
            if name in self.codes:
                place = 2 * self.codes[name]
                table[place : place + 1 + ours] = 1 if chosen is None else chosen[name]
        return table


@dataclass(frozen=True, kw_only=True)
class Base:
    """A finished base in its folder: what it was made of, and its tracks. Newer events stand at `row` and behind. `props` are
    the properties beside it with their values (None: too many), `values` and `loose_by` what stands in their files."""

    layout: str
    rows: int
    touched: int
    row: int
    tracks: dict[Order, Track]
    loose: dict[Order, Loose]
    props: dict[str, tuple[str, ...] | None]
    values: dict[tuple[Order, str], Array]
    loose_by: dict[tuple[Order, str], Loose]


def read_base(folder: Path) -> Base | None:
    """The base in that folder, mapped into memory; None when there is none or it cannot be read."""
    try:
        about = json.loads((folder / "about.json").read_text())
        if about.pop("format") != FORMAT:
            return None
        tracks = {order: _read_track(folder, order) for order in ORDERS}
        loose = {order: _read_loose(folder, order) for order in ORDERS}
        props = {name: None if texts is None else tuple(texts) for name, texts in about.pop("props").items()}
        places = {
            (order, name): n for order in ORDERS for n, name in enumerate(props) if props[name] is not None
        }
        values = {key: _read_array(folder / f"{key[0]}.value{n}.npy") for key, n in places.items()}
        loose_by = {key: _read_loose(folder, key[0], f"loose{n}") for key, n in places.items()}
        return Base(**about, tracks=tracks, loose=loose, props=props, values=values, loose_by=loose_by)
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _read_track(folder: Path, order: Order) -> Track:
    columns = {name: _read_array(folder / f"{order}.{name}.npy") for name in COLUMNS}
    return Track(**columns, skip=np.zeros(len(columns["units"]), np.uint8))


def _read_loose(folder: Path, order: Order, name: str = "loose") -> Loose:
    code, day, count, value = _read_array(folder / f"{order}.{name}.npy")
    return Loose(code=code, day=day, count=count, value=value)


def _read_array(path: Path) -> Array:
    array: Array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return array


def without(track: Track, ids: Array) -> Track:
    """The same track with these units marked as standing elsewhere."""
    skip = np.zeros(len(track.units), np.uint8)
    if len(track.units):
        places = np.searchsorted(track.units, ids).clip(max=len(track.units) - 1)
        skip[places[track.units[places] == ids]] = 1
    return replace(track, skip=skip)


def track_of(units: Array, ts: Array, code: Array, account: Array, value: Array | None = None) -> Track:
    """A track of events that stand ascending by unit and time, one row each."""
    ids, starts = np.unique(units, return_index=True)
    offsets = np.append(starts, len(units)).astype(np.int64)
    value = NO_VALUES if value is None else value
    for column in (
        offsets,
        ts,
        code,
        account,
        value,
    ):  # as those that are mapped: loops are compiled for one kind
        column.flags.writeable = False
    return Track(
        units=ids, offsets=offsets, ts=ts, code=code, account=account,
        skip=np.zeros(len(ids), np.uint8), value=value,
    )  # fmt: skip
