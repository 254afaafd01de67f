"""Moments: what is left of a sample once it is counted, and enough for every test and interval here."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """`n` rows of k columns: their means (k) and their sample covariance (k × k, divided by n − 1; zeros when n < 2).

    A row is the unit of assignment. With accounts as units the columns are sums over the account's persons or
    events, such as (conversions, persons): that is what makes the tests clustered.
    """

    n: int
    means: Floats
    covariance: Floats


def moments_of(*columns: Any) -> Moments:
    """Of columns of equal length; ValueError when they differ or hold a number that is not finite."""
    matrix = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    if not np.isfinite(matrix).all():
        raise ValueError("a sample holds a number that is not finite; leave such rows out and count them")
    n, k = matrix.shape
    if n == 0:
        return Moments(n=0, means=np.zeros(k), covariance=np.zeros((k, k)))
    means = matrix.mean(axis=0)
    centred = matrix - means
    return Moments(n=n, means=means, covariance=centred.T @ centred / max(n - 1, 1))


def pooled(first: Moments, second: Moments) -> Moments:
    """The moments of both samples together, as if counted at once.

    Chan, Golub, LeVeque (1983), "Algorithms for computing the sample variance", Am. Statistician 37: exact and
    stable, so that days can be added one by one.
    """
    n = first.n + second.n
    if not first.n or not second.n:
        return first if first.n else second
    gap = second.means - first.means
    squares = (first.n - 1) * first.covariance + (second.n - 1) * second.covariance
    squares = squares + np.outer(gap, gap) * (first.n * second.n / n)
    return Moments(n=n, means=first.means + gap * (second.n / n), covariance=squares / (n - 1))
