"""A Bloom filter over digests of 16 bytes: says which are surely not among those added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_BITS_PER_KEY = 16
_PROBES = 6
_MAX_POWER = 32  # 512 MB: beyond 268 million digests it grows no more and says "maybe" more often
_WORD = np.dtype(">u8")


class Bloom:
    """Room for `capacity` digests at about one wrong "maybe" in a thousand; two bytes of memory each, up to
    `2 ** (most - 3)` bytes in all."""

    def __init__(self, capacity: int = 0, *, most: int = _MAX_POWER) -> None:
        self._most = most
        self._power = min(most, max(20, (capacity * _BITS_PER_KEY).bit_length()))
        self._bits = np.zeros(1 << (self._power - 3), dtype=np.uint8)
        self._empty = True

    def has_room(self, count: int) -> bool:
        """Whether that many digests in all still fit, or it grows no more."""
        return self._power >= self._most or count * _BITS_PER_KEY <= 1 << self._power

    def add(self, digests: bytes) -> None:
        """Add digests that stand one after the other."""
        self._empty = False
        start, step = _halves(digests)
        for number in range(_PROBES):
            probe = self._probe(start, step, number)
            place, mask = probe >> np.uint64(3), _masks(probe)
            while len(
                place
            ):  # of two that fall into one byte only the last is written: go round again for the rest
                self._bits[place] |= mask
                missing = (self._bits[place] & mask) == 0
                place, mask = place[missing], mask[missing]

    def maybe(self, digests: Sequence[bytes]) -> list[int]:
        """The positions of those that may have been added."""
        if self._empty or not digests:
            return []
        start, step = _halves(b"".join(digests))
        left = np.arange(len(start))
        for number in range(_PROBES):  # most are out after the first look or two
            probe = self._probe(start[left], step[left], number)
            left = left[(self._bits[probe >> np.uint64(3)] & _masks(probe)) != 0]
        positions: list[int] = left.tolist()
        return positions

    def _probe(self, start: Any, step: Any, number: int) -> Any:
        return (start + np.uint64(number) * step) & np.uint64((1 << self._power) - 1)


def _halves(digests: bytes) -> tuple[Any, Any]:
    halves = np.frombuffer(digests, dtype=_WORD).astype(np.uint64).reshape(-1, 2)
    return halves[:, 0], halves[:, 1] | np.uint64(1)


def _masks(probe: Any) -> Any:
    return np.left_shift(np.uint8(1), (probe & np.uint64(7)).astype(np.uint8))
