"""Groups that nobody named yet: units alike in chosen measures, and what sets each group apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.stats.moments import Floats

MOST_CLUSTERS = 8
#: Silhouettes are compared on at most this many units: they cost the square.
SILHOUETTE_ROWS = 3000
EDGE = 4.0
#: A normal distribution's interquartile range in standard deviations.
IQR_OF_NORMAL = 1.349


@dataclass(frozen=True, kw_only=True, eq=False)
class Standardised:
    """rows × measures without NaN, mean 0, deviation 1; `measures` names the columns, `left_out` those not used, and why;
    `scales` has each measure's (mean, deviation), by which a standardised number is read in the measure's unit again."""

    matrix: Floats
    measures: tuple[str, ...]
    left_out: dict[str, str]
    scales: dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a cluster is like in one measure. `mean` is of its known values, `rest` of all others', both in the measure's
    unit with outliers cut as in `standardise`; `gap` is their difference in deviations; `missing` the share without a value."""

    measure: str
    gap: float
    mean: float
    rest: float
    missing: float


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One cluster, biggest first as number 1; `marks` begin with what sets it apart most."""

    number: int
    size: int
    share: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Clustering:
    """`labels` gives each unit its cluster's number, 0 for noise (HDBSCAN only). `silhouette` runs from −1 to 1 and is
    None with one cluster; `tried` maps each k to its silhouette."""

    labels: np.ndarray[Any, np.dtype[np.int64]]
    clusters: tuple[Cluster, ...]
    silhouette: float | None
    tried: dict[int, float]
    left_out: dict[str, str]


def standardise(measures: Mapping[str, Sequence[float | None]]) -> Standardised:
    """(x − mean) ÷ standard deviation of the known values, after these are cut at median ± 4 robust deviations
    (interquartile range ÷ 1.349); a missing value becomes 0, the mean.

    Robust, so that one giant customer does not make all others alike. Where half of the values are equal the standard
    deviation takes the range's place. A measure with fewer than half of its values known, or one value only, is left
    out: filled-in means would make the clusters.
    """
    parts, names, left_out, scales = [], [], {}, {}
    for name, values in measures.items():
        part = np.array([np.nan if value is None else float(value) for value in values])
        known = part[np.isfinite(part)]
        if len(known) < len(part) / 2 or not len(known):
            left_out[name] = "mostly missing"
            continue
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        reach = EDGE * ((high - low) / IQR_OF_NORMAL or known.std())
        cut = np.clip(part, middle - reach, middle + reach)
        mean, spread = float(np.nanmean(cut)), float(np.nanstd(cut))
        if not spread > 0:
            left_out[name] = "constant"
            continue
        parts.append(np.where(np.isfinite(part), (cut - mean) / spread, 0.0))
        names.append(name)
        scales[name] = mean, spread
    rows = len(next(iter(measures.values()), ()))
    matrix = np.column_stack(parts) if parts else np.zeros((rows, 0))
    return Standardised(matrix=matrix, measures=tuple(names), left_out=left_out, scales=scales)


def k_means(
    measures: Mapping[str, Sequence[float | None]], *, k: int | None = None, seed: int = 0
) -> Clustering:
    """Lloyd's k-means with ten starts; k from 2 to 8 by the mean silhouette (Rousseeuw 1987) unless given.

    The seed makes the same answer of the same data. With fewer than 3 units, or no measure that varies: one cluster.
    """
    from sklearn.cluster import KMeans

    ready = standardise(measures)
    rows = len(ready.matrix)
    distinct = len(np.unique(ready.matrix, axis=0)) if ready.measures else 1
    sizes = [k] if k else list(range(2, MOST_CLUSTERS + 1))
    tried: dict[int, float] = {}
    best: tuple[float, Any] = (-2.0, np.zeros(rows, dtype=np.int64))
    for size in sizes:
        if size < 2 or size > min(distinct, rows - 1):
            continue
        labels = KMeans(n_clusters=size, n_init=10, random_state=seed).fit_predict(ready.matrix)
        tried[size] = _silhouette(ready.matrix, labels, seed=seed)
        if tried[size] > best[0]:
            best = tried[size], labels
    return _clustering(
        best[1], measures=measures, ready=ready, silhouette=best[0] if tried else None, tried=tried
    )


def density(
    measures: Mapping[str, Sequence[float | None]], *, least: int | None = None, seed: int = 0
) -> Clustering:
    """HDBSCAN (Campello, Moulavi, Sander 2013): finds the number of clusters itself and leaves odd units as noise (0).

    `least` is the smallest number of units that make a cluster: 2 % of all and at least 5 unless given.
    """
    from sklearn.cluster import HDBSCAN

    ready = standardise(measures)
    rows = len(ready.matrix)
    least = least or max(5, rows // 50)
    if rows <= least or not ready.measures:
        labels = np.zeros(rows, dtype=np.int64)
    else:
        labels = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(ready.matrix)
    kept = labels >= 0
    silhouette = None
    if len(np.unique(labels[kept])) > 1:
        silhouette = _silhouette(ready.matrix[kept], labels[kept], seed=seed)
    return _clustering(labels, measures=measures, ready=ready, silhouette=silhouette, tried={})


def _silhouette(matrix: Floats, labels: Any, *, seed: int) -> float:
    """Mean silhouette, on a sample when there are many."""
    from sklearn.metrics import silhouette_score

    if len(matrix) > SILHOUETTE_ROWS:
        chosen = np.random.default_rng(seed).choice(len(matrix), SILHOUETTE_ROWS, replace=False)
        if len(np.unique(labels[chosen])) == len(np.unique(labels)):
            matrix, labels = matrix[chosen], labels[chosen]
    return float(silhouette_score(matrix, labels))


def _clustering(
    labels: Any, *, measures: Mapping[str, Sequence[float | None]], ready: Standardised, silhouette: float | None,
    tried: dict[int, float],
) -> Clustering:  # fmt: skip
    """Clusters numbered by size, noise 0, with their marks."""
    found, counts = np.unique(labels[labels >= 0], return_counts=True)
    numbers = np.zeros(len(labels), dtype=np.int64)
    clusters = []
    known = {name: np.array([v is not None and v == v for v in measures[name]]) for name in ready.measures}
    for number, place in enumerate(np.lexsort((found, -counts)), start=1):
        inside = labels == found[place]
        numbers[inside] = number
        marks = [
            _mark(name, ready.matrix[:, i], inside=inside, known=known[name], scale=ready.scales[name])
            for i, name in enumerate(ready.measures)
        ]
        marks.sort(key=lambda mark: -abs(mark.gap))
        size = int(counts[place])
        clusters.append(Cluster(number=number, size=size, share=size / len(labels), marks=tuple(marks)))
    return Clustering(
        labels=numbers, clusters=tuple(clusters), silhouette=silhouette, tried=tried, left_out=ready.left_out
    )


def _mark(name: str, standard: Floats, *, inside: Any, known: Any, scale: tuple[float, float]) -> Mark:
    here, others = standard[inside & known], standard[~inside & known]
    mean = float(here.mean()) if len(here) else float("nan")
    rest = float(others.mean()) if len(others) else mean
    return Mark(
        measure=name, gap=mean - rest if len(here) else 0.0, mean=scale[0] + scale[1] * mean,
        rest=scale[0] + scale[1] * rest, missing=1 - float(known[inside].mean()),
    )  # fmt: skip
