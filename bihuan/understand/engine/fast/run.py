"""Sharing the units of tracks out among threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import numba
import numpy as np

Array = np.ndarray[Any, Any]
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

THREADS = max(1, min(8, os.cpu_count() or 1))
_SLICES_A_THREAD = 4  # units differ: who ends early takes another slice
_pool = ThreadPoolExecutor(THREADS, "tracks")


class Track(Protocol):
    """What a loop reads: see capture/store/tracks.py."""

    @property
    def units(self) -> Array: ...
    @property
    def offsets(self) -> Array: ...
    @property
    def ts(self) -> Array: ...
    @property
    def code(self) -> Array: ...
    @property
    def account(self) -> Array: ...
    @property
    def skip(self) -> Array: ...


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call; it does not hold the interpreter's lock."""
    made: F = numba.njit(function, nogil=True, cache=True)
    return made


def allowed_of(accounts: Array | None) -> tuple[bool, Array]:
    """Whether only some accounts count, and a uint8 array in which the account n stands at n + 1: 0 stands for no account,
    and the last place for all that are beyond."""
    if accounts is None:
        return False, np.zeros(1, np.uint8)
    allowed = np.zeros(int(accounts.max(initial=0)) + 3, np.uint8)
    allowed[accounts + 1] = 1
    return True, allowed


def total(parts: Iterable[Array], *, shape: tuple[int, ...]) -> Array:
    """The sum of arrays of int64 of that shape; zeros when there is none."""
    whole = np.zeros(shape, np.int64)
    for part in parts:
        whole += part
    return whole


def slices(track: Track) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) unit of parts that hold about as many events each."""
    events, number = len(track.ts), THREADS * _SLICES_A_THREAD
    bounds = np.searchsorted(track.offsets, np.linspace(0, events, number + 1)).clip(max=len(track.units))
    bounds[0], bounds[-1] = 0, len(track.units)
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if first < last:
            yield first, last


def over(tracks: Iterable[Track], work: Callable[[Track, int, int], T]) -> list[T]:
    """What `work` gives for each slice of each track, in their order."""
    jobs = [(track, first, last) for track in tracks for first, last in slices(track)]
    if len(jobs) == 1:
        return [work(*jobs[0])]
    return list(_pool.map(lambda job: work(*job), jobs))
