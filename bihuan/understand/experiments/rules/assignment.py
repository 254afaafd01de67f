"""Which variant a unit gets: a rule that needs no memory, the same in every language.

    point = the first 8 bytes of SHA-256(key + ":" + unit), UTF-8, read as a big-endian whole number
    the variant is the first whose weights so far, its own included, satisfy: point × all weights < weights so far × 2⁶⁴

Whole numbers throughout, so that no rounding differs between languages. Another key shuffles anew, so that experiments do
not follow each other; more weight for the last variant moves no unit out of it. docs/how-to/experiments.md has it in
JavaScript, with values to check by.
"""

from collections.abc import Sequence
from hashlib import sha256

SPACE = 2**64


def point_of(*, key: str, unit: str) -> int:
    """Where a unit lies, from 0 to 2⁶⁴ − 1."""
    return int.from_bytes(sha256(f"{key}:{unit}".encode()).digest()[:8], "big")


def variant_of(*, key: str, unit: str, variants: Sequence[tuple[str, int]]) -> str:
    """The variant of a unit; `variants` are (name, weight), in order, weights being whole numbers above 0."""
    scaled = point_of(key=key, unit=unit) * sum(weight for _name, weight in variants)
    so_far = 0
    for name, weight in variants:
        so_far += weight
        if scaled < so_far * SPACE:
            return name
    raise ValueError("an experiment without variants assigns nobody")
